package dev.hart.core.plan;

import dev.hart.core.json.SchemaCheck;
import dev.hart.error.CannotPlanException.Missing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a model may ask of the user before it plans. */
final class ModelPlannerQuestions {
    private static final long MAX_MISSING = 12;

    static final String RULE = """
            When a required argument needs a value that the request does not give and that no tool finds out, the user can
            be asked. Then, and only then, the answer also has
            "missing": [{"argument": "...", "question": "...", "type": "string"}]
            with one entry for each such value, and actions and answers are empty. argument is a short name for it: a letter,
            then letters, digits and _. question asks the user for it in one sentence. type is string, number, integer or
            boolean. Values that the user has given stand in parentheses behind the request; do not ask for them again.
            """;

    /** JSON Schema of the answer. */
    static final Map<String, @Nullable Object> PLAN = form();

    private ModelPlannerQuestions() {}

    private static Map<String, @Nullable Object> form() {
        Map<String, @Nullable Object> properties = new HashMap<>();
        if (ModelPlannerPrompt.PLAN.get("properties") instanceof Map<?, ?> known) {
            known.forEach((name, schema) -> properties.put(String.valueOf(name), schema));
        }
        properties.put("missing", Map.of("type", "array", "maxItems", MAX_MISSING, "items", missing()));
        Map<String, @Nullable Object> form = new HashMap<>(ModelPlannerPrompt.PLAN);
        form.put("properties", properties);
        return form;
    }

    private static Map<String, @Nullable Object> missing() {
        return Map.of(
                "type", "object",
                "properties",
                        Map.of(
                                "argument", Map.of("type", "string", "pattern", "^[A-Za-z][A-Za-z0-9_]{0,63}$"),
                                "question", Map.of("type", "string", "minLength", 1L, "maxLength", 1_000L),
                                "type",
                                        Map.of(
                                                "type",
                                                "string",
                                                "enum",
                                                List.of("string", "number", "integer", "boolean"))),
                "required", List.of("argument", "question", "type"));
    }

    /** What the model asks for; empty when it asks nothing, or {@code problems} has been filled. */
    static List<Missing> read(Map<?, ?> answer, SchemaCheck schemas, List<String> problems) {
        problems.addAll(schemas.problems(PLAN, answer));
        List<Missing> missing = new ArrayList<>();
        if (problems.isEmpty() && answer.get("missing") instanceof List<?> items) {
            for (Object item : items) {
                Map<?, ?> one = (Map<?, ?>) item;
                missing.add(new Missing(
                        "",
                        "",
                        String.valueOf(one.get("argument")),
                        String.valueOf(one.get("question")),
                        Map.of("type", String.valueOf(one.get("type")))));
            }
        }
        return missing;
    }
}
