package dev.hart.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IntentTemplateTest {
    private static Optional<Map<String, String>> match(String template, String request) {
        return new IntentTemplate(template).match(IntentTemplate.normalise(request));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Open chrome and search cats",
                "OPEN CHROME AND SEARCH cats",
                "  open  chrome\tand\nsearch   cats ",
                "open chrome and search cats?!.",
                "open chrome and search cats ."
            })
    void caseRunsOfSpaceAndEndPunctuationDoNotCount(String request) {
        assertThat(match("open chrome and search {{inputs.what}}", request)).contains(Map.of("what", "cats"));
    }

    @Test
    void theWholeRequestMustFit() {
        assertThat(match("search {{inputs.what}}", "please search cats")).isEmpty();
        assertThat(match("search {{inputs.what}} now", "search cats now please"))
                .isEmpty();
        assertThat(match("search", "search cats")).isEmpty();
        assertThat(match("search", "Search!")).contains(Map.of());
    }

    @Test
    void aSlotKeepsItsCaseAndIsNeverEmpty() {
        assertThat(match("greet {{inputs.who}}", "GREET Ada Lovelace")).contains(Map.of("who", "Ada Lovelace"));
        assertThat(match("greet {{inputs.who}}", "greet ")).isEmpty();
        assertThat(match("greet {{inputs.who}} now", "greet now")).isEmpty();
    }

    @Test
    void aSlotTakesTheShortestText() {
        assertThat(match("copy {{inputs.from}} to {{inputs.to}}", "copy a to b to c"))
                .contains(Map.of("from", "a", "to", "b to c"));
        assertThat(match("{{inputs.a}}-{{inputs.b}}", "x-y-z")).contains(Map.of("a", "x", "b", "y-z"));
    }

    @Test
    void aSlotThatStandsTwiceMustHaveTheSameText() {
        assertThat(match("{{inputs.x}} and again {{inputs.x}}", "this and again this"))
                .contains(Map.of("x", "this"));
        assertThat(match("{{inputs.x}} and again {{inputs.x}}", "this and again that"))
                .isEmpty();
    }

    @Test
    void fixedCharactersAreCountedWithoutSlots() {
        assertThat(new IntentTemplate("search {{inputs.what}} now").fixedCharacters())
                .isEqualTo("search  now".length());
    }

    @Test
    void lettersWhoseLowerCaseIsLongerStayInPlace() {
        assertThat(match("İzmir {{inputs.x}}", "İzmir hava")).contains(Map.of("x", "hava"));
    }
}
