package dev.hart.core.model;

import static dev.hart.core.model.LenientJson.Repair.ADDRESSEE;
import static dev.hart.core.model.LenientJson.Repair.CODE_FENCE;
import static dev.hart.core.model.LenientJson.Repair.COMMENT;
import static dev.hart.core.model.LenientJson.Repair.CURLY_QUOTES;
import static dev.hart.core.model.LenientJson.Repair.LONG_DASH;
import static dev.hart.core.model.LenientJson.Repair.LOOSE_STRING;
import static dev.hart.core.model.LenientJson.Repair.MISSING_CLOSER;
import static dev.hart.core.model.LenientJson.Repair.PROSE;
import static dev.hart.core.model.LenientJson.Repair.PYTHON_WORD;
import static dev.hart.core.model.LenientJson.Repair.SEVERAL_VALUES;
import static dev.hart.core.model.LenientJson.Repair.SINGLE_QUOTES;
import static dev.hart.core.model.LenientJson.Repair.TRAILING_COMMA;
import static dev.hart.core.model.LenientJson.Repair.UNQUOTED_KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.hart.core.model.LenientJson.Reading;
import dev.hart.core.model.LenientJson.Repair;
import dev.hart.json.Json;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LenientJsonTest {

    private static Reading reading(String text) {
        return LenientJson.read(text).orElseThrow(() -> new AssertionError("nothing found in: " + text));
    }

    private static void reads(String text, Object value, Repair... repairs) {
        assertThat(reading(text)).isEqualTo(new Reading(value, Set.of(repairs)));
    }

    /** Case 38 of the recipes sheet. */
    @Nested
    class WorkedCase38 {
        @Test
        void proseAroundTheObjectIsDropped() {
            reads("Here is the result: {\"status\": \"done\"}", Map.of("status", "done"), PROSE);
        }

        @Test
        void whatFollowsTheAddresseeCounts() {
            reads(
                    "@user {\"status\":\"completed\",\"action_id\":1}",
                    Map.of("status", "completed", "action_id", 1L),
                    ADDRESSEE);
        }

        @Test
        void aFencedBlockGivesItsObject() {
            reads("```json\n{\"a\": [1, 2]}\n```", Map.of("a", List.of(1L, 2L)), CODE_FENCE);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "   ",
                    "I could not do it.",
                    "Is it true?",
                    "``` ```",
                    "@user",
                    "{",
                    "}",
                    "no [ or { here"
                })
        void plainTextGivesNothing(String text) {
            assertThat(LenientJson.read(text)).isEmpty();
        }

        @Test
        void pythonIsRead() {
            Map<String, Object> expected = new LinkedHashMap<>();
            expected.put("ok", true);
            expected.put("n", null);
            reads("{'ok': True, 'n': None,}", expected, SINGLE_QUOTES, PYTHON_WORD, TRAILING_COMMA);
        }

        @Test
        void ofSeveralObjectsTheLastWithAStatusIsMeant() {
            reads(
                    "[{\"status\":\"pending\"},{\"status\":\"completed\"},{\"x\":1}]",
                    Map.of("status", "completed"),
                    SEVERAL_VALUES);
        }

        @Test
        void aQuestionInsideStaysAsItIs() {
            reads("{\"message\": \"Is it true?\"}", Map.of("message", "Is it true?"));
            reads("{'message': 'Is it true?'}", Map.of("message", "Is it true?"), SINGLE_QUOTES);
        }
    }

    @Test
    void withoutAStatusTheFirstObjectIsMeant() {
        reads("{\"a\":1} and {\"b\":2}", Map.of("a", 1L), PROSE, SEVERAL_VALUES);
        reads("{\"a\":1}\n{\"b\":2}", Map.of("a", 1L), SEVERAL_VALUES);
    }

    @Test
    void anArrayWithoutObjectsStaysAnArray() {
        reads("[1, \"two\", 3.50]", List.of(1L, "two", new BigDecimal("3.5")));
    }

    @Test
    void readFirstKeepsArraysOfObjects() {
        assertThat(LenientJson.readFirst("Rows: [{\"a\":1},{\"a\":2}]"))
                .contains(new Reading(List.of(Map.of("a", 1L), Map.of("a", 2L)), Set.of(PROSE)));
    }

    @Test
    void aWholeJsonTextIsNeverChanged() {
        String text = "{\"say\": \"tell @user “yes” — or ```no```, it's // not /* a */ comment, True\"}";
        reads(text, Map.of("say", "tell @user “yes” — or ```no```, it's // not /* a */ comment, True"));
    }

    @Test
    void valuesInAFenceGoBeforeValuesInProse() {
        reads(
                "For {\"status\": \"asked\"} the answer is\n```\n{\"status\": \"done\"}\n``` as {\"x\":1}",
                Map.of("status", "done"),
                CODE_FENCE);
    }

    @Test
    void aFenceThatIsNotClosedCountsToTheEnd() {
        reads("```json\n{\"a\": 1}", Map.of("a", 1L), CODE_FENCE);
    }

    @Test
    void bracesInProseAreNoObjects() {
        reads("Replace {name} in [the text]: {\"status\": \"done\"}", Map.of("status", "done"), PROSE);
    }

    static Stream<Arguments> mended() {
        return Stream.of(
                Arguments.of("{“a”: “b \"c\" d”}", Map.of("a", "b \"c\" d"), CURLY_QUOTES),
                Arguments.of("{‘a’: ‘it’s b’}", Map.of("a", "it’s b"), CURLY_QUOTES),
                Arguments.of("{'a': 'it's b'}", Map.of("a", "it's b"), SINGLE_QUOTES),
                Arguments.of("{\"a\": –5}", Map.of("a", -5L), LONG_DASH),
                Arguments.of("{\"a\": —1.5}", Map.of("a", new BigDecimal("-1.5")), LONG_DASH),
                Arguments.of("[1, 2, ]", List.of(1L, 2L), TRAILING_COMMA),
                Arguments.of("{\"a\": 1 // one\n}", Map.of("a", 1L), COMMENT),
                Arguments.of("{/*/ a */\"a\": 1}", Map.of("a", 1L), COMMENT),
                Arguments.of("{\"a\": 1 # one\n}", Map.of("a", 1L), COMMENT),
                Arguments.of("{a_1: 1}", Map.of("a_1", 1L), UNQUOTED_KEY),
                Arguments.of("{\"a\": False}", Map.of("a", false), PYTHON_WORD),
                Arguments.of("{\"a\": \"two\nlines\"}", Map.of("a", "two\nlines"), LOOSE_STRING),
                Arguments.of("{\"a\": \"C:\\data\"}", Map.of("a", "C:\\data"), LOOSE_STRING),
                Arguments.of("{\"a\": \"\\u12\"}", Map.of("a", "\\u12"), LOOSE_STRING),
                Arguments.of("{\"a\": [1, {\"b\": 2", Map.of("a", List.of(1L, Map.of("b", 2L))), MISSING_CLOSER),
                Arguments.of("{\"a\": [1, 2}", Map.of("a", List.of(1L, 2L)), MISSING_CLOSER),
                Arguments.of("[{\"a\": 1]", List.of(Map.of("a", 1L)), MISSING_CLOSER),
                Arguments.of("{\"a\": 1, \"b\": \"cut o", Map.of("a", 1L, "b", "cut o"), MISSING_CLOSER),
                Arguments.of("{\"a\": 1, \"b", Map.of("a", 1L), MISSING_CLOSER),
                Arguments.of("{\"a\": 1, \"b\":", Map.of("a", 1L), MISSING_CLOSER));
    }

    @ParameterizedTest
    @MethodSource("mended")
    void eachRepairMendsItsFaultAndIsNamed(String text, Object value, Repair repair) {
        assertThat(LenientJson.readFirst(text)).contains(new Reading(value, Set.of(repair)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\": 01}",
                "{\"a\": 1.}",
                "{\"a\": .5}",
                "{\"a\": 1e}",
                "{\"a\": nothing}",
                "{1: 2}",
                "{\"a\" 1}",
                "{\"a\": 1 \"b\": 2}",
                "{,}"
            })
    void whatIsNoJsonAtAllIsNotGuessed(String text) {
        assertThat(LenientJson.read(text)).isEmpty();
    }

    @Test
    void numbersKeepTheirValueAndHaveALimit() {
        reads(
                "[9223372036854775807, 9223372036854775808, -0, 1e3]",
                List.of(Long.MAX_VALUE, new BigDecimal("9223372036854775808"), 0L, 1_000L));
        assertThat(LenientJson.read("[1e99999]")).isEmpty();
        assertThat(LenientJson.read("[" + "9".repeat(401) + "]")).isEmpty();
    }

    @Test
    void aHundredLevelsAreReadAndOneMoreIsNot() {
        assertThat(LenientJson.read("[".repeat(100) + "]".repeat(100))).isPresent();
        assertThat(LenientJson.read("[".repeat(101) + "]".repeat(101))).isEmpty();
        assertThat(LenientJson.read("x " + "[".repeat(500_000))).isEmpty();
    }

    @Test
    void oneMebibyteIsReadAndOneByteMoreIsNot() {
        String most = "\"" + "a".repeat((1 << 20) - 2) + "\"";
        assertThat(LenientJson.read(most)).isPresent();
        assertThat(LenientJson.read(most + " ")).isEmpty();
        assertThat(LenientJson.read("\"" + "é".repeat((1 << 19) - 1) + "\"")).isPresent();
        assertThat(LenientJson.read("\"" + "é".repeat(1 << 19) + "\"")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "{a ",
                "[1 ",
                "[1,",
                "{'",
                "'  ",
                "{\"a\":{",
                "```{/*",
                "{/*",
                "```",
                "@user",
                "[1}{",
                "\\u",
                "{a:1}{",
                "{\"a\" ",
                "[#",
                "{“",
                "1,[",
                "[–",
                "} ] , : "
            })
    void hostileTextTakesLinearTime(String piece) {
        String text = piece.repeat((1 << 20) / piece.getBytes(StandardCharsets.UTF_8).length);
        var result = assertTimeoutPreemptively(Duration.ofSeconds(5), () -> LenientJson.read(text));
        assertThat(result).isNotNull();
    }

    private static final ObjectMapper JACKSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private static final List<String> SEEDS = List.of(
            "{\"status\":\"completed\",\"message\":\"all \\\"good\\\" \\u00e9\",\"n\":[1,2.5e-3,null,true,{}]}",
            "Sure! ```json\n{'a': True, b: [1, 2,], // note\n \"c\": None}\n``` done",
            "@user [{“status”: “pending”}, {\"x\": –3}] trailing",
            "{\"a\":{\"b\":[[],[{}],\"C:\\\\x\"]},\"it's\":\"x\"");

    @Test
    void mutatedTextNeverThrowsAndWhatJacksonReadsIsReadTheSame() throws Exception {
        int agreed = 0;
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            String text = mutate(SEEDS.get(random.nextInt(SEEDS.size())), random);
            Reading found;
            try {
                found = LenientJson.readFirst(text).orElse(null);
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError("seed " + seed + " threw for: " + text, e);
            }
            JsonNode strict = strict(text);
            if (strict != null && !strict.isMissingNode()) {
                agreed++;
                assertThat(found).as("seed %d: %s", seed, text).isNotNull();
                assertThat(found.repairs()).as("seed %d: %s", seed, text).isEmpty();
                assertThat(found.value())
                        .as("seed %d: %s", seed, text)
                        .isEqualTo(Json.valueOf(JACKSON.treeToValue(strict, Object.class)));
            } else {
                assertThat(found == null || !found.repairs().isEmpty())
                        .as("seed %d is not JSON and yet needs no repair: %s", seed, text)
                        .isTrue();
            }
        }
        assertThat(agreed).isGreaterThan(500);
    }

    private static JsonNode strict(String text) {
        try {
            return JACKSON.readTree(text);
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    private static String mutate(String text, Random random) {
        StringBuilder mutated = new StringBuilder(text);
        String alphabet = "{}[]\"'`,:\\ntfu01-+.eE@user#/*“’— \n\tTrueNone\u00a0";
        for (int i = random.nextInt(4); i > 0 && mutated.length() > 0; i--) {
            int place = random.nextInt(mutated.length());
            switch (random.nextInt(4)) {
                case 0 -> mutated.deleteCharAt(place);
                case 1 -> mutated.insert(place, alphabet.charAt(random.nextInt(alphabet.length())));
                case 2 -> mutated.setCharAt(place, alphabet.charAt(random.nextInt(alphabet.length())));
                default -> mutated.setLength(place);
            }
        }
        return mutated.toString();
    }
}
