package dev.hart.core.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hart.json.Json;
import dev.hart.json.Schemas;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaCheckTest {
    private final SchemaCheck check = new SchemaCheck();

    enum Colour {
        RED,
        GREEN
    }

    record Row(String name, BigDecimal amount) {}

    record Arguments(Path file, int limit, boolean header, Colour colour, List<Row> rows, Optional<LocalDate> since) {}

    private static Map<String, Object> good() {
        return new HashMap<>(Map.of(
                "file",
                "march.csv",
                "limit",
                3L,
                "header",
                true,
                "colour",
                "RED",
                "rows",
                List.of(Map.of("name", "a", "amount", new BigDecimal("1.50")))));
    }

    private List<String> problemsWith(String name, Object value) {
        Map<String, Object> arguments = good();
        arguments.put(name, value);
        return check.problems(Schemas.of(Arguments.class), arguments);
    }

    @Test
    void aValueThatFollowsTheSchemaHasNoProblems() {
        assertThat(check.problems(Schemas.of(Arguments.class), good())).isEmpty();
        assertThat(problemsWith("since", "2026-02-28")).isEmpty();
    }

    @Test
    void eachProblemSaysWhereAndWhat() {
        Map<String, Object> arguments = good();
        arguments.remove("file");
        arguments.put("limit", "3");
        arguments.put("rows", List.of(Map.of("name", "a", "amount", "much")));
        arguments.put("speed", 1L);
        assertThat(check.problems(Schemas.of(Arguments.class), arguments))
                .containsExactlyInAnyOrder(
                        "required property 'file' not found",
                        "/limit: string found, integer expected",
                        "/rows/0/amount: string found, number expected",
                        "property 'speed' is not defined in the schema and the schema does not allow additional"
                                + " properties");
    }

    @Test
    void aWholeNumberMayBeWrittenWithZerosAfterThePoint() {
        assertThat(problemsWith("limit", new BigDecimal("3.0"))).isEmpty();
        assertThat(problemsWith("limit", new BigDecimal("3.5")))
                .containsExactly("/limit: number found, integer expected");
    }

    @Test
    void anEnumTakesItsNamesOnly() {
        assertThat(problemsWith("colour", "GREEN")).isEmpty();
        assertThat(problemsWith("colour", "green"))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("/colour: ");
    }

    @Test
    void nullIsNotAText() {
        assertThat(problemsWith("file", null)).containsExactly("/file: null found, string expected");
    }

    @ParameterizedTest
    @ValueSource(strings = {"path", "local-time", "local-date-time", "nobody-knows"})
    void formatsThatJsonSchemaDoesNotDefineAreLeftToTheApplication(String format) {
        assertThat(check.problems(Map.of("type", "string", "format", format), "!? anything"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "date, 2026-02-30",
        "date-time, 2026-02-28 10:00",
        "date-time, 2026-02-28T10:00:00",
        "duration, ten minutes",
        "duration, P",
        "uuid, 1234",
        "uri, a b",
    })
    void standardFormatsAreChecked(String format, String text) {
        assertThat(check.problems(Map.of("type", "string", "format", format), text))
                .hasSize(1);
    }

    static Stream<Object> times() {
        return Stream.of(
                LocalDate.of(2026, 2, 28),
                LocalTime.of(10, 0),
                LocalDateTime.of(2026, 2, 28, 10, 0),
                Instant.parse("2026-02-28T10:00:00.123Z"),
                OffsetDateTime.parse("2026-02-28T10:00+01:00"),
                ZonedDateTime.parse("2026-02-28T10:00+01:00[Europe/Berlin]"),
                Duration.ofMillis(1_500));
    }

    @ParameterizedTest
    @MethodSource("times")
    void everyTextThatJavaWritesForATimePasses(Object time) {
        assertThat(check.problems(Schemas.of(time.getClass()), Json.valueOf(time)))
                .isEmpty();
    }

    @Test
    void aValueNestedDeeperThanAHundredLevelsIsAProblem() {
        assertThat(check.problems(Map.of(), nested(100))).isEmpty();
        assertThat(check.problems(Map.of(), nested(101))).containsExactly("nested deeper than 100 levels");
    }

    private static Object nested(int levels) {
        Object value = 1L;
        for (int i = 0; i < levels; i++) {
            value = List.of(value);
        }
        return value;
    }

    @Test
    void atMostTwentyProblemsAreListed() {
        Map<String, Object> schema = Map.of("type", "array", "items", Map.of("type", "integer"));
        List<String> texts = IntStream.range(0, 20).mapToObj(i -> "x").toList();
        assertThat(check.problems(schema, texts)).hasSize(20);
        List<Object> more = new ArrayList<>(texts);
        more.add("y");
        assertThat(check.problems(schema, more)).hasSize(21).last().isEqualTo("and 1 more problems");
    }

    @Test
    void anotherDocumentIsNeverFetched() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> check.problems(Map.of("$ref", "http://localhost:1/schema.json"), "x"))
                .withMessageStartingWith("the JSON Schema cannot be used");
    }

    @Test
    void aSchemaThatIsNoneIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> check.problems(Map.of("$ref", "#/nowhere"), "x"))
                .withMessageContaining("/nowhere");
        assertThatIllegalArgumentException().isThrownBy(() -> check.problems(Map.of("pattern", "("), "x"));
    }

    @Test
    void theDraftThatASchemaNamesDoesNotMatter() {
        Map<String, Object> schema = Map.of("$schema", "http://json-schema.org/draft-07/schema#", "type", "integer");
        assertThat(check.problems(schema, 1L)).isEmpty();
        assertThat(check.problems(schema, "1")).hasSize(1);
    }

    @Test
    void aSchemaThatIsChangedLaterDoesNotChangeWhatWasCompiled() {
        Map<String, Object> schema = new HashMap<>(Map.of("type", "integer"));
        assertThat(check.problems(schema, 1L)).isEmpty();
        schema.put("type", "string");
        assertThat(check.problems(schema, 1L)).hasSize(1);
        assertThat(check.problems(Map.of("type", "integer"), 1L)).isEmpty();
    }

    @Test
    void moreSchemasThanAreKeptStillWork() {
        for (int i = 0; i < 600; i++) {
            assertThat(check.problems(Map.of("maximum", (long) i), i + 1L)).hasSize(1);
        }
        assertThat(check.problems(Map.of("maximum", 0L), 0L)).isEmpty();
    }

    @Test
    void severalThreadsMayCheckAtOnce() throws Exception {
        var threads = Executors.newFixedThreadPool(4);
        try {
            Callable<Integer> task = () -> IntStream.range(0, 200)
                    .map(i -> check.problems(Map.of("minimum", (long) (i % 7)), i % 3L)
                            .size())
                    .sum();
            var answers = threads.invokeAll(List.of(task, task, task, task));
            int alone = task.call();
            for (var answer : answers) {
                assertThat(answer.get()).isEqualTo(alone);
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
