package dev.hart.tools;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.json.Json;
import dev.hart.json.Schemas;
import dev.hart.tool.Param;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolContext;
import dev.hart.tool.ToolSpec;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BuiltInToolsTest {

    static List<Object> create() {
        return BuiltInTools.create(Path.of("does", "not", "exist"), Set.of(), InstantSource.fixed(Instant.EPOCH));
    }

    static Stream<Method> tools() {
        return create().stream()
                .flatMap(tools -> Arrays.stream(tools.getClass().getMethods()))
                .filter(method -> method.isAnnotationPresent(Tool.class));
    }

    @Test
    void nothingIsOpenedBeforeTheFirstCall() {
        assertThat(create()).hasSize(8);
    }

    @Test
    void noNameIsTakenTwice() {
        assertThat(tools().map(method -> method.getAnnotation(Tool.class).name()))
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("tools")
    void eachToolHasWhatAPlannerChoosesBy(Method method) {
        Tool tool = method.getAnnotation(Tool.class);
        ToolSpec spec = new ToolSpec(
                tool.name(),
                tool.description(),
                Schemas.ofParameters(method),
                Schemas.of(method.getGenericReturnType()),
                tool.effect(),
                Duration.ofMillis(tool.timeoutMs()),
                tool.version());

        assertThat(spec.name()).matches("[a-z]+\\.[a-z_]+");
        assertThat(spec.description()).matches("[A-Z][a-z]+ .*\\.");
        assertThat(Modifier.isPublic(method.getDeclaringClass().getModifiers())).isTrue();
        for (Parameter parameter : method.getParameters()) {
            if (parameter.getType() != ToolContext.class) {
                assertThat(parameter.getAnnotation(Param.class))
                        .as("@Param of " + parameter)
                        .isNotNull();
                assertThat(parameter.getAnnotation(Param.class).value()).isNotEmpty();
            }
        }
    }

    @Test
    void pathsAreToldFromOtherTextsByTheirFormat() throws NoSuchMethodException {
        Method sum = CsvTools.class.getMethod("sum", Path.class, String.class);

        assertThat(Schemas.ofParameters(sum).get("properties"))
                .isEqualTo(Json.objectOf(Map.of(
                        "path", Map.of("type", "string", "format", "path", "description", "The CSV file to read"),
                        "column", Map.of("type", "string", "description", "The column to add up"))));
    }

    @Test
    void dataKeptElsewhereInTheWorkspaceIsClosed(@TempDir Path workspace) throws IOException {
        Path data = Files.createDirectory(workspace.resolve("state"));
        Files.writeString(data.resolve("hart.db"), "x");
        FileTools files = (FileTools) BuiltInTools.create(workspace, data, Set.of(), InstantSource.system()).stream()
                .filter(FileTools.class::isInstance)
                .findFirst()
                .orElseThrow();

        Failures.assertFails("PATH_OUTSIDE_WORKSPACE", () -> files.read(Path.of("state/hart.db")));
    }

    @Test
    void thePageListsExactlyTheseToolsWithTheirArgumentsAndEffects() throws IOException {
        List<String> listed = new ArrayList<>();
        for (String line : page().lines().toList()) {
            if (line.matches("\\| `.*(READ|IDEMPOTENT|WRITE|DESTRUCTIVE) \\|")) {
                String[] cells = line.split("\\|", -1);
                for (String name : codes(cells[1])) {
                    listed.add(name + codes(cells[2].replaceAll("\\([^)]*\\)", "")) + cells[cells.length - 2].strip());
                }
            }
        }

        assertThat(listed)
                .containsExactlyInAnyOrderElementsOf(
                        tools().map(BuiltInToolsTest::line).toList());
    }

    private static String line(Method method) {
        List<String> arguments = new ArrayList<>();
        for (Parameter parameter : method.getParameters()) {
            Param param = parameter.getAnnotation(Param.class);
            if (param != null) {
                arguments.add(parameter.getName() + (param.optional() ? "?" : ""));
            }
        }
        Tool tool = method.getAnnotation(Tool.class);
        return tool.name() + arguments + tool.effect();
    }

    private static List<String> codes(String cell) {
        return Pattern.compile("`([^`]+)`")
                .matcher(cell)
                .results()
                .map((MatchResult m) -> m.group(1))
                .toList();
    }

    @Test
    void theSampleOfThePageIsTheCodeThatIsCompiledHere() throws IOException {
        Path source = ExampleDataTest.repository().resolve("hart-tools/src/test/java/dev/hart/tools/WeatherTools.java");
        String code = Files.readString(source);
        String sample = code.substring(code.indexOf("// tag::own[]\n") + 14, code.indexOf("// end::own[]"));

        assertThat(page()).contains("```java\n" + sample + "```");
    }

    private static String page() throws IOException {
        return Files.readString(ExampleDataTest.repository().resolve("docs/tools.md"));
    }
}
