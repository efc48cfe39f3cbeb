package dev.hart.security.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxedCallTest {

    @Test
    void aCommandIsAListOfWordsHoweverDeepItStands() {
        assertThat(SandboxedCall.problems(Map.of("job", Map.of("steps", List.of(Map.of("command", "ls; rm -rf /"))))))
                .containsExactly("job.steps[0].command is a command as one text; give it as a list of words");
        assertThat(SandboxedCall.problems(Map.of("Command_Line", "ls"))).hasSize(1);
        assertThat(SandboxedCall.problems(Map.of("command", List.of("grep", "a;b", "file | x"))))
                .isEmpty();
        assertThat(SandboxedCall.problems(Map.of("text", "a; b | c $(d) `e`")))
                .as("a text is no command")
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a/../../x", "/etc/passwd", "~/x", "C:\\x", "..\\x", "a/b/../../../x"})
    void aPathStaysBelowItsFolder(String path) {
        assertThat(SandboxedCall.problems(Map.of("options", Map.of("path", path))))
                .containsExactly("options.path is a path that leaves its folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a/b", "a/../b", "./a", "a..b", "..a", ""})
    void aPathBelowItsFolderIsFine(String path) {
        assertThat(SandboxedCall.problems(Map.of("path", path, "file", path))).isEmpty();
    }

    @Test
    void controlCharactersAndCredentialsAreFoundAtEveryDepth() {
        assertThat(SandboxedCall.problems(Map.of("a", List.of("x\u0000y"))))
                .containsExactly("a[0] has a text with control characters");
        assertThat(SandboxedCall.problems(Map.of("a", Map.of("b\u001b", 1))))
                .containsExactly("a has a name with control characters");
        assertThat(SandboxedCall.problems(Map.of("a", List.of(Map.of("b", "sk-ant-" + "a1b2".repeat(9))))))
                .containsExactly("a[0].b holds a credential");
        assertThat(SandboxedCall.problems(Map.of("a", "line\nline\ttab", "n", 1, "ok", true)))
                .isEmpty();
    }

    @Test
    void sizeDepthAndNumberOfProblemsAreLimited() {
        Object deep = "x";
        for (int i = 0; i < 40; i++) {
            deep = List.of(deep);
        }
        assertThat(SandboxedCall.problems(Map.of("a", deep)))
                .singleElement()
                .asString()
                .contains("deeper than 32");
        assertThat(SandboxedCall.problems(Map.of("a", "x".repeat(1_048_576))))
                .containsExactly("the arguments have more than 1048576 characters");
        assertThat(SandboxedCall.problems(Map.of("a", "x".repeat(1_048_575)))).isEmpty();
        assertThat(SandboxedCall.problems(Map.of("a", new ArrayList<>(Collections.nCopies(100, "\u0000")))))
                .hasSize(20);
    }

    @Test
    void anAnswerHasALimitAndNoCredential() {
        assertThat(SandboxedCall.replyProblem("x".repeat(1_048_576))).isEmpty();
        assertThat(SandboxedCall.replyProblem("x".repeat(1_048_577))).isPresent();
        assertThat(SandboxedCall.replyProblem("key sk-ant-" + "a1b2".repeat(9)))
                .hasValue("the answer holds a credential");
    }
}
