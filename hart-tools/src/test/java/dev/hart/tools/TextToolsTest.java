package dev.hart.tools;

import static dev.hart.tools.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class TextToolsTest {
    private final TextTools text = new TextTools();

    @Test
    void wordsAreWhatBlanksPart() {
        assertThat(text.countWords("  one two\n\tthree, four ")).isEqualTo(4);
        assertThat(text.countWords("")).isZero();
        assertThat(text.countWords(" \n")).isZero();
    }

    @Test
    void aLastLineEndBeginsNoNewLine() {
        assertThat(text.countLines("")).isZero();
        assertThat(text.countLines("a")).isEqualTo(1);
        assertThat(text.countLines("a\nb\r\nc\n")).isEqualTo(3);
        assertThat(text.countLines("\n\n")).isEqualTo(2);
    }

    @Test
    void caseDoesNotDependOnTheMachine() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("tr"));
            assertThat(text.upper("title ß")).isEqualTo("TITLE SS");
            assertThat(text.lower("TITLE")).isEqualTo("title");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void everyOccurrenceIsReplacedAsItStands() {
        assertThat(text.replace("a.b.c", ".", "$1")).isEqualTo("a$1b$1c");
        assertThat(text.replace("aaa", "aa", "b")).isEqualTo("ba");
        assertThat(text.replace("abc", "x", "y")).isEqualTo("abc");
        assertThat(text.replace("abc", "b", "")).isEqualTo("ac");
        assertFails("SEARCH_EMPTY", () -> text.replace("abc", "", "y"))
                .isEqualTo("the word or phrase to look for is empty; give one");
    }

    @Test
    void aTextHasAtMostAMebiOfCharactersBeforeAndAfter() {
        String longest = "x".repeat(1024 * 1024);

        assertThat(text.countWords(longest)).isEqualTo(1);
        assertFails("TEXT_TOO_LARGE", () -> text.countWords(longest + "x"))
                .isEqualTo("the text has more than 1048576 characters; give a shorter text");
        assertFails("TEXT_TOO_LARGE", () -> text.upper(longest + "x"));
        assertThat(text.replace("y".repeat(512 * 1024), "y", "zz")).hasSize(1024 * 1024);
        assertFails("TEXT_TOO_LARGE", () -> text.replace("y".repeat(512 * 1024) + "!", "y", "zz"))
                .isEqualTo("the result has more than 1048576 characters; give a shorter text");
        assertFails("TEXT_TOO_LARGE", () -> text.replace("yyy", "y", longest));
    }
}
