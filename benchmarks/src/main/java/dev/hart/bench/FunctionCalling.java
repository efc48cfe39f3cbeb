package dev.hart.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Questions in the format of the Berkeley Function Calling Leaderboard: {@code {id, question, functions, answers}} a line, where {@code
 * answers} lists, for each expected call, the accepted values of each argument, and is null when no function fits.
 *
 * @param answers function name to argument to accepted values, one map for each call; empty when the question is to be refused
 */
record FunctionCalling(
        String id, String question, List<ToolSpec> tools, List<Map<String, Map<String, List<Object>>>> answers) {
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private record Line(
            String id,
            String question,
            List<Function> functions,
            @Nullable List<Map<String, Map<String, List<Object>>>> answers) {}

    private record Function(String name, String description, Map<String, Object> parameters) {}

    static List<FunctionCalling> read(Path file) throws IOException {
        List<FunctionCalling> questions = new ArrayList<>();
        for (String text : Files.readAllLines(file)) {
            if (!text.isBlank()) {
                Line line = JSON.readValue(text, new TypeReference<Line>() {});
                List<ToolSpec> tools =
                        line.functions.stream().map(FunctionCalling::spec).toList();
                questions.add(new FunctionCalling(
                        line.id, line.question, tools, line.answers == null ? List.of() : line.answers));
            }
        }
        return questions;
    }

    private static ToolSpec spec(Function function) {
        return new ToolSpec(
                function.name, function.description, schema(function.parameters), Map.of(), Effect.READ, TIMEOUT, "1");
    }

    /** JSON Schema of a specification with the leaderboard's own type names, such as "dict" and "float". */
    private static Map<String, @Nullable Object> schema(Map<?, ?> specification) {
        Map<String, @Nullable Object> schema = new LinkedHashMap<>();
        specification.forEach((key, value) -> {
            if (key.equals("type") && value instanceof String type) {
                String known = type(type);
                if (!known.isEmpty()) {
                    schema.put("type", known);
                }
            } else {
                schema.put(key.toString(), value instanceof Map<?, ?> map ? schema(map) : value);
            }
        });
        return schema;
    }

    private static String type(String type) {
        return switch (type) {
            case "dict" -> "object";
            case "float", "double" -> "number";
            case "long" -> "integer";
            case "tuple", "list" -> "array";
            case "any" -> "";
            default -> type;
        };
    }
}
