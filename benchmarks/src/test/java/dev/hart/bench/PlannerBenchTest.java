package dev.hart.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hart.bench.CallCheck.Call;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The planner's benchmark: its checker, its result line, and the accuracy below which the planner must not fall. */
class PlannerBenchTest {
    private static final String QUESTION = """
            {"id":"q1","question":"Calculate the area of a circle with radius 3","functions":[{"name":"circle.area",\
            "description":"Calculate the area of a circle.","parameters":{"type":"dict","properties":{"radius":{"type":\
            "float","description":"The radius"},"unit":{"type":"string","description":"The unit"}},"required":["radius"]}}],\
            "answers":[{"circle.area":{"radius":[3.0],"unit":["","cm"]}}]}
            """;

    private final PlannerBench bench = new PlannerBench();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);

    @ParameterizedTest
    @CsvSource({
        "simple_python, 0.61",
        "multiple, 0.69",
        "irrelevance, 0.87",
        "parallel, 0.19",
        "tool_choice_multiple, 0.87"
    })
    void theAccuracyDoesNotFallBelowItsFloor(String metric, double floor) throws IOException {
        Path data = sharedData().resolve("bfcl");
        assumeTrue(Files.isDirectory(data), "the public data is not there: " + data);

        assertThat(bench.run(List.of("--data", data.toString()), out)
                        .get(metric)
                        .doubleValue())
                .isGreaterThanOrEqualTo(floor);
    }

    @Test
    void filesOfTheSameFormatInAnotherFolderAreMeasured(@TempDir Path data) throws IOException {
        Files.writeString(data.resolve("simple_python.jsonl"), QUESTION);

        Map<String, Number> metrics = bench.run(List.of("--data", data.toString()), out);

        assertThat(metrics)
                .containsEntry("simple_python", 1.0)
                .containsKeys("p50_us", "p99_us")
                .doesNotContainKey("multiple");
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("simple_python", "100.0%");
    }

    @Test
    void aFolderWithoutTheFilesIsAnError(@TempDir Path data) {
        assertThatThrownBy(() -> bench.run(List.of("--data", data.toString()), out))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("simple_python");
        assertThatThrownBy(() -> bench.run(List.of("--dat"), out)).hasMessage("options were --dat");
    }

    @Test
    void theResultLineIsOneJsonObjectWithTheMachine() throws IOException {
        assertThat(Bench.resultLine("planner", Map.of("simple_python", 0.5)))
                .startsWith("{\"bench\":\"planner\",\"metrics\":{\"simple_python\":0.5},\"machine\":{\"cores\":")
                .contains("\"memory_mb\":", "\"jdk\":", "\"os\":", "\"cpu\":")
                .doesNotContain("\n");
    }

    @Test
    void textsAreEqualWithoutCaseSpacesAndSigns() {
        assertThat(right(Map.of("city", "new york, NY"), Map.of("city", List.of("New York NY"))))
                .isTrue();
        assertThat(right(Map.of("city", "New York"), Map.of("city", List.of("York"))))
                .isFalse();
    }

    @Test
    void anIntegerIsAcceptedForAFloat() {
        assertThat(right(Map.of("x", 3L), Map.of("x", List.of(3.0)))).isTrue();
        assertThat(right(Map.of("x", "3"), Map.of("x", List.of(3.0)))).isFalse();
    }

    @Test
    void onlyWhatMayBeLeftOutMayBeMissing() {
        assertThat(right(Map.of(), Map.of("x", List.of("", 1)))).isTrue();
        assertThat(right(Map.of(), Map.of("x", List.of(1)))).isFalse();
        assertThat(right(Map.of("x", 1L, "y", 2L), Map.of("x", List.of(1)))).isFalse();
    }

    @Test
    void severalCallsMayComeInAnyOrderButEachOnce() {
        List<Map<String, Map<String, List<Object>>>> expected =
                List.of(Map.of("f", Map.of("x", List.of(1))), Map.of("f", Map.of("x", List.of(2))));
        Call one = new Call("f", Map.of("x", 1L));
        Call two = new Call("f", Map.of("x", 2L));

        assertThat(CallCheck.areRight(List.of(two, one), expected)).isTrue();
        assertThat(CallCheck.areRight(List.of(one, one), expected)).isFalse();
        assertThat(CallCheck.areRight(List.of(one), expected)).isFalse();
    }

    private static boolean right(Map<String, Object> arguments, Map<String, List<Object>> accepted) {
        return CallCheck.areRight(List.of(new Call("f", arguments)), List.of(Map.of("f", accepted)));
    }

    /** The folder of public data beside the repository, or where {@code hart.shared} says. */
    private static Path sharedData() {
        String given = System.getProperty("hart.shared");
        if (given != null) {
            return Path.of(given).resolve("data");
        }
        Path root = Path.of("").toAbsolutePath();
        while (root.getParent() != null && !Files.exists(root.resolve("hart-api"))) {
            root = root.getParent();
        }
        return root.resolveSibling("shared").resolve("data");
    }
}
