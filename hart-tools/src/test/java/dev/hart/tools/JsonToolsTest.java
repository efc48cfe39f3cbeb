package dev.hart.tools;

import static dev.hart.tools.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonToolsTest {
    /** The document of RFC 6901, section 5. */
    private static final String RFC_6901 = """
            {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\\\j": 5, "k\\"l": 6, " ": 7, "m~n": 8}
            """;

    @TempDir
    Path root;

    JsonTools json;

    @BeforeEach
    void inAnEmptyWorkspace() {
        json = new JsonTools(new Workspace(root, root.resolve("hart-data")));
    }

    @Test
    void aFileIsReadWholeOrAtAPointer() throws IOException {
        Files.writeString(root.resolve("a.json"), "{\"items\": [{\"price\": 1.10}], \"n\": null}");

        assertThat(json.read(Path.of("a.json"), "/items/0/price")).isEqualTo(new BigDecimal("1.1"));
        assertThat(json.read(Path.of("a.json"), "/n")).isNull();
        assertThat(json.read(Path.of("a.json"), null)).isInstanceOf(Map.class);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            delimiter = ';',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "/foo/0;bar",
                "/;0",
                "/a~1b;1",
                "/c%d;2",
                "/e^f;3",
                "/g|h;4",
                "/i\\j;5",
                "/k\"l;6",
                "/ ;7",
                "/m~0n;8"
            })
    void thePointersOfTheRfcFindTheirValues(String pointer, String value) {
        assertThat(json.parse(RFC_6901, pointer)).hasToString(value);
    }

    @Test
    void theEmptyPointerIsTheWhole() {
        assertThat(json.parse("[1]", "")).isEqualTo(List.of(1L));
    }

    @Test
    void numbersKeepTheirDigitsInTheOneFormOfJson() {
        assertThat(json.parse("0.10", null)).isEqualTo(new BigDecimal("0.1"));
        assertThat(json.parse("9007199254740993", null)).isEqualTo(9007199254740993L);
        assertThat(json.parse("123456789012345678901", null)).isEqualTo(new BigDecimal("123456789012345678901"));
    }

    @Test
    void aPointerThatFindsNothingIsToldWhatIsThere() {
        assertFails("POINTER_NOT_FOUND", () -> json.parse("{\"a\": 1, \"b\": 2}", "/c"))
                .isEqualTo("pointer '/c' finds no 'c': the names there are a, b");
        assertFails("POINTER_NOT_FOUND", () -> json.parse("[1, 2]", "/2"))
                .isEqualTo("pointer '/2' finds no '2': there is a list of 2 items, counted from 0");
        assertFails("POINTER_NOT_FOUND", () -> json.parse("[1, 2]", "/-"));
        assertFails("POINTER_NOT_FOUND", () -> json.parse("[1, 2]", "/01"));
        assertFails("POINTER_NOT_FOUND", () -> json.parse("[1, 2]", "/99999999999999999999"));
        assertFails("POINTER_NOT_FOUND", () -> json.parse("{\"a\": 1}", "/a/b"))
                .isEqualTo("pointer '/a/b' finds no 'b': there is a single value, which has no parts");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "#/a", "/~", "/~2", "/a~"})
    void aPointerMustBeWellFormed(String pointer) {
        assertFails("POINTER_INVALID", () -> json.parse("{\"a\": 1}", pointer))
                .isEqualTo(
                        "'%s' is no JSON pointer; write one like /items/0/name, with ~1 for / and ~0 for ~ in a name,"
                                + " at most 1000 characters",
                        pointer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{\"a\":1,\"a\":2}", "[1] [2]", "{'a':1}", "[1,]", "NaN", "// c\n1", "01"})
    void onlyStrictJsonIsRead(String text) {
        assertFails("JSON_INVALID", () -> json.parse(text, null)).startsWith("the text is not JSON");
    }

    @Test
    void aMistakeIsNamedWithItsPlace() throws IOException {
        Files.writeString(root.resolve("a.json"), "{\n  \"a\": x\n}");

        assertFails("JSON_INVALID", () -> json.read(Path.of("a.json"), null))
                .startsWith("'a.json' is not JSON at line 2, column ")
                .contains("Unrecognized token 'x'")
                .endsWith("; correct it");
    }

    @Test
    void jsonNestsAtMost100Levels() {
        assertThat(json.parse("[".repeat(100) + "]".repeat(100), null)).isInstanceOf(List.class);
        assertFails("JSON_INVALID", () -> json.parse("[".repeat(101) + "]".repeat(101), null));
    }

    @Test
    void jsonHasAtMostOneMebi() throws IOException {
        String longest = "\"" + "x".repeat(1024 * 1024 - 2) + "\"";
        Files.writeString(root.resolve("a.json"), longest);
        Files.writeString(root.resolve("b.json"), longest + " ");

        assertThat(json.read(Path.of("a.json"), null)).isInstanceOf(String.class);
        assertThat(json.parse(longest, null)).isInstanceOf(String.class);
        assertFails("FILE_TOO_LARGE", () -> json.read(Path.of("b.json"), null));
        assertFails("TEXT_TOO_LARGE", () -> json.parse(longest + " ", null))
                .isEqualTo("the JSON text has 1048577 characters, and at most 1048576 can be parsed at once");
    }
}
