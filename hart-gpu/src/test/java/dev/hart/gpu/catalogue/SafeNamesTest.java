package dev.hart.gpu.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafeNamesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/a",
                "a/",
                "a//b",
                "..",
                "../a",
                "a/../b",
                ".",
                "./a",
                "a\\b",
                "..\\a",
                "C:/a",
                "c:a",
                "a\u0000b",
                "a\nb",
                "a\u007f",
                "con",
                "a/NUL.txt",
                "lpt1.gguf",
                "a.",
                "a /b",
                "a*",
                "a?b",
                "a|b",
                "a\"",
                "<a>"
            })
    void aPathThatCouldLeaveItsFolderOrIsNoNameSomewhereIsRefused(String path) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SafeNames.requireRelativePath("file", path))
                .withMessageStartingWith("file must be ")
                .satisfies(e -> assertThat(e.getMessage().chars().noneMatch(Character::isISOControl))
                        .isTrue());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a/b.gguf", ".gitattributes", "a..b", "console", "München/Größe.bin", "a b"})
    void ordinaryPathsAreTaken(String path) {
        assertThat(SafeNames.requireRelativePath("file", path)).isEqualTo(path);
    }

    @Test
    void aPathAndAPartOfItHaveALongestLength() {
        String part = "a".repeat(200);
        assertThat(SafeNames.requireRelativePath("file", part)).isEqualTo(part);
        assertThatIllegalArgumentException().isThrownBy(() -> SafeNames.requireRelativePath("file", part + "a"));
        String path = "ab/".repeat(341) + "a";
        assertThat(SafeNames.requireRelativePath("file", path)).hasSize(1024);
        assertThatIllegalArgumentException().isThrownBy(() -> SafeNames.requireRelativePath("file", path + "a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "-a", "a b", "a/b", "aux", "a.", "é", ".."})
    void anIdThatIsNoFolderNameEverywhereIsRefused(String id) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SafeNames.requireId(id))
                .withMessageStartingWith("id must");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/../b", "..", "a\\b", "/a", "a/", "a b/c", "a/b/c/d", "a/b\n", "https://x/y"})
    void aRepositoryThatIsNoNameIsRefused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SafeNames.requireRepository("model", name))
                .withMessageStartingWith("model must be a name such as 'owner/name'");
    }
}
