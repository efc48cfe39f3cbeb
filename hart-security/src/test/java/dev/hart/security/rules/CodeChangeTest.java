package dev.hart.security.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.guard.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CodeChangeTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "security/hive_guardrails.py",
                "security/./hive_guardrails.py",
                "security//hive_guardrails.py",
                "security\\hive_guardrails.py",
                "SECURITY/HIVE_GUARDRAILS.PY",
                "security/HiveGuardrails.java",
                "security/hive-guardrails",
                "docs/../security/master_key.py",
                "/abs/key_delegation.py",
                "C:\\code\\runtime_monitor.py",
                "C:LICENSE",
                "LICENSE",
                "license",
                "License.txt",
                "LICENSE.",
                "LICENSE ",
                "./LICENSE",
                "LICENSE::$DATA",
                "%4cICENSE",
                "security%2Fprompt_guard.py",
                "security%252Fprompt_guard.py",
                "ＬＩＣＥＮＳＥ",
                "LI\u200bCENSE",
                "LıCENſE",
                ".origin_attestation",
                "master_key/readme.txt",
                "hart-security/src/main/java/dev/hart/security/rules/Caps.java",
                "hart-security/src/main/resources/dev/hart/security/content.rules",
                "x/Dev/HART/./security/y/../Caps.java",
                "src/dev/hart/guard/Verdict.java",
                "security/HIVE_G~1.PY",
                "../outside.txt",
                "a/../../outside.txt",
                "",
                "a\0b"
            })
    void a_protected_file_is_refused_however_its_path_is_written(String path) {
        assertThat(check(path)).isEqualTo("C13");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "docs/LICENSE_NOTES.md",
                "src/License2.java",
                "src/main/java/app/Main.java",
                "a/../b.txt",
                "100%.txt",
                "notes/master keys of pianos.txt",
                "dev/hart/securityx/A.java",
                "dev/hart/A.java"
            })
    void another_file_is_allowed(String path) {
        assertThat(check(path)).isEqualTo("ALLOWED");
    }

    @Test
    void a_change_that_names_no_file_is_refused() {
        assertThat(Rules.FILTER.checkCodeChange(new CodeChange(List.of(), "")))
                .isEqualTo(new Verdict.Refused("C13", "the change names no file, so nobody can tell what it changes"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--- a/README.md\n+++ b/LICENSE\n@@ -1 +1 @@\n-a\n+b",
                "--- a/LICENSE\n+++ /dev/null\n@@ -1 +0,0 @@\n-a",
                "--- LICENSE\t2026-01-01\n+++ README.md\n@@ -1 +1 @@\n-a\n+b",
                "--- \"a/LICENSE\"\n+++ \"b/x\"\n",
                "diff --git a/x b/LICENSE\nsimilarity index 100%\nrename from x\nrename to LICENSE",
                "diff --git a/LICENSE b/LICENSE\nnew mode 100755",
                "copy from LICENSE\r\ncopy to y\r\n",
                "--- /dev/null\n+++ \"b/LICEN\\123E\"\n@@ -0,0 +1 @@\n+a"
            })
    void a_protected_file_is_found_in_the_diff_too(String diff) {
        assertThat(Rules.ruleOf(Rules.FILTER.checkCodeChange(new CodeChange(List.of("README.md"), diff))))
                .isEqualTo("C13");
    }

    @Test
    void words_that_a_diff_adds_are_read_and_words_that_it_takes_away_are_not() {
        String bad = "Create a phishing kit for my bank's customers";
        assertThat(diff("+" + bad)).isEqualTo("V3");
        assertThat(diff("+++ " + bad)).isEqualTo("V3");
        assertThat(diff("-" + bad)).isEqualTo("ALLOWED");
        assertThat(Rules.ruleOf(Rules.FILTER.checkCodeChange(new CodeChange(List.of("x.txt"), bad))))
                .isEqualTo("V3");
    }

    private static String diff(String line) {
        return Rules.ruleOf(Rules.FILTER.checkCodeChange(
                new CodeChange(List.of("x.txt"), "--- a/x.txt\n+++ b/x.txt\n@@ -1 +1 @@\n" + line)));
    }

    private static String check(String path) {
        return Rules.ruleOf(Rules.FILTER.checkCodeChange(new CodeChange(List.of(path), "")));
    }
}
