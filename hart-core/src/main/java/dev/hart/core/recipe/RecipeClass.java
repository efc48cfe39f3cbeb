package dev.hart.core.recipe;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.RunHandle;
import dev.hart.json.Schemas;
import dev.hart.recipe.Action;
import dev.hart.recipe.Fallback;
import dev.hart.recipe.Flow;
import dev.hart.recipe.JavaSource;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.Retry;
import dev.hart.recipe.Schedule;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import dev.hart.tool.Param;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A stored recipe as the source of a Java class that builds it again, as a person would have written it: what the builder does by
 * itself is left out, whatever it would do differently is written. The recipe that the class builds has the content hash of
 * the stored one.
 */
final class RecipeClass {
    private static final String ARGUMENTS = "Arguments";
    private static final String RESULTS = "Results";
    /** What the class uses by these names, so that it must not have one of them. */
    private static final Set<String> TAKEN = Set.of(
            "Hart",
            "Inputs",
            "Run",
            "RunHandle",
            "Recipe",
            "ActionBuilder",
            "FlowBuilder",
            "Param",
            "Effect",
            "Map",
            "List",
            "Arrays",
            "LinkedHashMap",
            "BigDecimal",
            "Path",
            "URI",
            "UUID",
            "LocalDate",
            "LocalTime",
            "LocalDateTime",
            "Instant",
            "Duration",
            "Schedule",
            "ZoneId",
            "String",
            "Long",
            "Boolean",
            "Object",
            "Override",
            ARGUMENTS,
            RESULTS);
    /** A method takes 255 values at most, and a constructor one less. */
    private static final int MAX_COMPONENTS = 254;

    private static final Map<Map<String, @Nullable Object>, Class<?>> TYPES = types(
            String.class,
            Boolean.class,
            Long.class,
            BigDecimal.class,
            Path.class,
            URI.class,
            UUID.class,
            LocalDate.class,
            LocalTime.class,
            LocalDateTime.class,
            Instant.class,
            Duration.class,
            List.class,
            Map.class,
            Object.class);

    private final Recipe recipe;
    private final RecipeVersion version;
    private final String packageName;
    private final String className;
    private final JavaLiterals literals = new JavaLiterals();
    private final StringBuilder body = new StringBuilder();
    private final Map<String, String> components;
    /** The recipe as it is when no dependency is written down that its placeholders do not imply. */
    private final Recipe bare;

    private RecipeClass(RecipeVersion version, String packageName) {
        this.version = version;
        this.recipe = version.recipe();
        this.packageName = packageName;
        this.className = JavaNames.ofClass(recipe.name(), TAKEN);
        this.components = JavaNames.ofComponents(inOrder(recipe.inputs()));
        this.bare = new Recipe(
                recipe.name(),
                recipe.goal(),
                recipe.intents(),
                recipe.inputs(),
                recipe.outputs(),
                recipe.flows().stream().map(RecipeClass::bare).toList());
    }

    private static Flow bare(Flow flow) {
        return new Flow(
                flow.flowId(),
                flow.name(),
                flow.persona(),
                flow.subGoal(),
                List.of(),
                flow.actions().stream()
                        .map(action -> new Action(
                                action.actionId(),
                                action.name(),
                                action.description(),
                                List.of(),
                                action.steps(),
                                action.fallbacks()))
                        .toList());
    }

    private static Map<Map<String, @Nullable Object>, Class<?>> types(Class<?>... types) {
        Map<Map<String, @Nullable Object>, Class<?>> bySchema = new LinkedHashMap<>();
        for (Class<?> type : types) {
            bySchema.put(Schemas.of(type), type);
        }
        return bySchema;
    }

    static JavaSource of(RecipeVersion version, String packageName) {
        JavaNames.requirePackage(packageName);
        return new RecipeClass(version, packageName).write();
    }

    private JavaSource write() {
        line(0, "public final class " + className + " {");
        line(4, "/** The recipe's name. */");
        line(4, "public static final String NAME = " + literals.text(recipe.name(), 4) + ";");
        line(0, "");
        line(4, "private " + className + "() {}");
        boolean typed = !components.isEmpty() && components.size() <= MAX_COMPONENTS;
        if (typed) {
            arguments();
        }
        recipe();
        runs(typed);
        results();
        if (literals.needsObjectMethod()) {
            objectMethod();
        }
        line(0, "}");
        return new JavaSource(packageName, className, head() + body);
    }

    private void line(int indent, String text) {
        body.append(text.isEmpty() ? "" : " ".repeat(indent)).append(text).append('\n');
    }

    private String head() {
        StringBuilder head = new StringBuilder();
        if (!packageName.isEmpty()) {
            head.append("package ").append(packageName).append(";\n\n");
        }
        literals.imports().forEach(name -> head.append("import ").append(name).append(";\n"));
        head.append("\n/**\n * ").append(sentence(recipe.goal())).append("\n *\n");
        head.append(" * <p>Written from the recipe {@code ")
                .append(version.label())
                .append("}, ")
                .append(version.contentHash())
                .append(". Saving {@link #recipe()} as it\n")
                .append(" * is gives that version back, changed it becomes the next one.\n */\n");
        return head.toString();
    }

    private static String sentence(String text) {
        String comment = JavaLiterals.comment(text);
        return comment.isEmpty() ? "A recipe." : comment.endsWith(".") ? comment : comment + ".";
    }

    // ---- inputs

    private void arguments() {
        line(0, "");
        line(4, "/**");
        line(4, " * What a run takes.");
        line(4, " *");
        components.forEach((input, component) -> {
            Map<?, ?> schema = property(recipe.inputs(), input);
            String what = schema.get("description") instanceof String text && !text.isBlank()
                    ? JavaLiterals.comment(text)
                    : "the input {@code " + input + "}";
            line(4, " * @param " + component + " " + what + (isRequired(input) ? "" : "; null to leave it out"));
        });
        line(4, " */");
        List<String> declared = new ArrayList<>();
        components.forEach(
                (input, component) -> declared.add(javaType(property(recipe.inputs(), input)) + " " + component));
        line(4, declaration("public record " + ARGUMENTS, declared, " {"));
        line(8, "private " + literals.type(Inputs.class) + " inputs() {");
        line(12, "Inputs inputs = Inputs.none();");
        components.forEach((input, component) -> {
            String add = "inputs = inputs.and(" + literals.text(input, 0) + ", " + component + ");";
            if (isRequired(input)) {
                line(12, add);
            } else {
                line(12, "if (" + component + " != null) {");
                line(16, add);
                line(12, "}");
            }
        });
        line(12, "return inputs;");
        line(8, "}");
        line(4, "}");
    }

    private static String declaration(String name, List<String> parameters, String end) {
        String line = name + "(" + JavaLiterals.join(parameters) + ")" + end;
        return line.length() <= JavaLiterals.LINE
                ? line
                : name + "(\n            " + String.join(",\n            ", parameters) + ")" + end;
    }

    private boolean isRequired(String input) {
        return recipe.inputs().get("required") instanceof List<?> names && names.contains(input);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> property(Map<String, @Nullable Object> schema, String name) {
        return schema.get("properties") instanceof Map<?, ?> properties
                        && properties.get(name) instanceof Map<?, ?> found
                ? (Map<String, @Nullable Object>) found
                : Map.of();
    }

    /** The properties of an object: the required ones as they are listed, then the others. */
    private static List<String> inOrder(Map<String, @Nullable Object> schema) {
        Map<?, ?> properties = schema.get("properties") instanceof Map<?, ?> found ? found : Map.of();
        Set<String> names = new LinkedHashSet<>();
        if (schema.get("required") instanceof List<?> required) {
            required.stream()
                    .map(String::valueOf)
                    .filter(properties::containsKey)
                    .forEach(names::add);
        }
        properties.keySet().forEach(name -> names.add(String.valueOf(name)));
        return List.copyOf(names);
    }

    /** The Java type whose values have the schema, or nearly so. */
    private String javaType(Map<String, @Nullable Object> schema) {
        Map<String, @Nullable Object> plain = new LinkedHashMap<>();
        for (String field : List.of("type", "format")) {
            if (schema.containsKey(field)) {
                plain.put(field, schema.get(field));
            }
        }
        Class<?> type = TYPES.get(plain);
        if (type == null && plain.containsKey("format")) {
            type = TYPES.get(Map.of("type", String.valueOf(plain.get("type"))));
        }
        if (type == List.class) {
            return literals.type(List.class) + "<"
                    + (schema.get("items") instanceof Map<?, ?>
                            ? javaType(property(Map.of("properties", schema), "items"))
                            : "Object")
                    + ">";
        }
        if (type == Map.class) {
            return literals.type(Map.class) + "<String, Object>";
        }
        return literals.type(type == null ? Object.class : type);
    }

    // ---- the recipe

    private void recipe() {
        line(0, "");
        line(4, "/** The recipe. */");
        line(4, "public static " + literals.type(Recipe.class) + " recipe() {");
        line(8, "return Recipe.named(NAME)");
        if (!recipe.goal().equals(recipe.name())) {
            call("goal", literals.text(recipe.goal(), 16));
        }
        recipe.intents().forEach(intent -> call("intent", literals.text(intent, 16)));
        schema("input", recipe.inputs());
        if (isMain()) {
            recipe.flows().get(0).actions().forEach(action -> action(16, "", action));
        } else {
            recipe.flows().forEach(this::flow);
        }
        schema("output", recipe.outputs());
        recipe.schedules().forEach(schedule -> call("schedule", literal(schedule)));
        line(16, ".build();");
        line(4, "}");
    }

    private String literal(Schedule schedule) {
        String cron = literals.text(schedule.cron(), 16);
        if (schedule.equals(Schedule.at(schedule.cron()))) {
            return cron;
        }
        return "new " + literals.type(Schedule.class) + "("
                + String.join(
                        ", ",
                        "Schedule.Kind." + schedule.kind(),
                        cron,
                        literals.type(ZoneId.class) + ".of("
                                + literals.text(schedule.zone().getId(), 16) + ")",
                        literals.text(schedule.persona(), 16),
                        String.valueOf(schedule.entryActionId()),
                        String.valueOf(schedule.exitActionId()),
                        literals.text(schedule.description(), 16))
                + ")";
    }

    private void call(String method, String arguments) {
        line(16, "." + method + "(" + arguments + ")");
    }

    private void schema(String what, Map<String, @Nullable Object> schema) {
        List<String> names = inOrder(schema);
        List<?> required = schema.get("required") instanceof List<?> list ? list : List.of();
        boolean input = what.equals("input");
        Map<String, @Nullable Object> built = new LinkedHashMap<>();
        built.put("type", "object");
        built.put("properties", schema.get("properties"));
        built.put("required", input ? names.stream().filter(required::contains).toList() : names);
        built.put("additionalProperties", false);
        if (!built.equals(schema)) {
            call(what + "s", literals.of(schema, 16));
            return;
        }
        for (String name : names) {
            Map<String, @Nullable Object> property = property(schema, name);
            String method = required.contains(name) ? what : "optionalInput";
            Map<String, @Nullable Object> undescribed = new LinkedHashMap<>(property);
            Object description = undescribed.remove("description");
            Class<?> type = TYPES.get(property);
            Class<?> described = TYPES.get(undescribed);
            String first = literals.text(name, 16) + ", ";
            if (type != null) {
                call(method, first + literals.type(type) + ".class");
            } else if (input && described != null && description instanceof String text) {
                call(method, first + literals.type(described) + ".class, " + literals.text(text, 16));
            } else {
                call(method, first + literals.of(property, 16));
            }
        }
    }

    /** Whether the actions can stand outside a flow. */
    private boolean isMain() {
        Flow flow = recipe.flows().get(0);
        return recipe.flows().size() == 1
                && flow.name().equals("main")
                && flow.persona().equals("Assistant")
                && flow.subGoal().isEmpty()
                && flow.dependsOn().isEmpty()
                && isNumbered(flow);
    }

    private static boolean isNumbered(Flow flow) {
        for (int i = 0; i < flow.actions().size(); i++) {
            if (flow.actions().get(i).actionId() != i + 1) {
                return false;
            }
        }
        return true;
    }

    private void flow(Flow flow) {
        line(16, ".flow(" + literals.text(flow.name(), 16) + ", f -> f");
        if (!flow.persona().equals("Assistant")) {
            line(24, ".persona(" + literals.text(flow.persona(), 24) + ")");
        }
        if (!flow.subGoal().isEmpty()) {
            line(24, ".subGoal(" + literals.text(flow.subGoal(), 24) + ")");
        }
        Set<Integer> usual = new LinkedHashSet<>(flow.flowId() == 0 ? List.of() : List.of(flow.flowId() - 1));
        usual.addAll(bare.flows().get(flow.flowId()).dependsOn());
        if (!List.copyOf(usual).equals(flow.dependsOn())) {
            line(24, ".dependsOn(" + JavaLiterals.join(flow.dependsOn()) + ")");
        }
        boolean numbered = isNumbered(flow);
        for (Action action : flow.actions()) {
            action(24, numbered ? "" : action.actionId() + ", ", action);
        }
        body.setLength(body.length() - 1);
        body.append(")\n");
    }

    private void action(int indent, String id, Action action) {
        List<String> calls = new ArrayList<>();
        int inside = indent + 8;
        if (!action.description().equals(action.name())) {
            calls.add(".description(" + literals.text(action.description(), inside) + ")");
        }
        List<Integer> implied = bareAction(action).dependsOn();
        if (!implied.equals(action.dependsOn())) {
            calls.add(".dependsOn(" + JavaLiterals.join(action.dependsOn()) + ")");
        }
        steps(inside, action.steps(), action.name(), calls);
        String lastOutput = action.steps().get(action.steps().size() - 1).output();
        for (Fallback fallback : action.fallbacks()) {
            calls.add(fallback(inside, fallback, lastOutput));
        }
        String begin = ".action(" + id + literals.text(action.name(), indent) + ", a -> a";
        String all = begin + String.join("", calls) + ")";
        if (all.length() + indent <= JavaLiterals.LINE && all.indexOf('\n') < 0) {
            line(indent, all);
        } else {
            line(indent, begin);
            for (int i = 0; i < calls.size(); i++) {
                line(inside, calls.get(i) + (i == calls.size() - 1 ? ")" : ""));
            }
        }
    }

    private void steps(int indent, List<Step> steps, @Nullable String lastOutput, List<String> calls) {
        for (Step step : steps) {
            step(indent, step, step.index() == steps.size() ? lastOutput : null, calls);
        }
    }

    private String fallback(int indent, Fallback fallback, @Nullable String lastOutput) {
        String text = literals.text(fallback.text(), indent);
        if (fallback.steps().isEmpty()) {
            return ".fallback(" + text + ")";
        }
        List<String> calls = new ArrayList<>();
        steps(indent + 8, fallback.steps(), lastOutput, calls);
        String margin = "\n" + " ".repeat(indent + 8);
        return ".fallback(" + text + ", b -> b" + margin + String.join(margin, calls) + ")";
    }

    private Action bareAction(Action action) {
        return bare.actions()
                .filter(other -> other.name().equals(action.name()))
                .findFirst()
                .orElseThrow();
    }

    /** @param usualOutput the output that the builder gives the step by itself */
    private void step(int indent, Step step, @Nullable String usualOutput, List<String> calls) {
        Map<String, @Nullable Object> args = new LinkedHashMap<>(step.args());
        calls.add(begin(indent, step, args));
        Map<String, @Nullable Object> expect = step.expect();
        boolean told = step.kind() == StepKind.MODEL || step.kind() == StepKind.ASK;
        boolean same = expect != null && told && Objects.equals(expect, args.get("schema"));
        if (same) {
            args.remove("schema");
        }
        args.forEach((name, value) ->
                calls.add(".with(" + literals.text(name, indent) + ", " + literals.of(value, indent) + ")"));
        if (expect != null && told && !same) {
            calls.add(".expectUntold(" + literals.of(expect, indent) + ")");
        } else if (expect != null) {
            calls.add(expect(indent, expect));
        }
        if (!Objects.equals(step.output(), usualOutput)) {
            calls.add(".output(" + literals.of(step.output(), indent) + ")");
        }
        if (step.effect() != Effect.READ) {
            calls.add(".effect(" + literals.type(Effect.class) + "."
                    + step.effect().name() + ")");
        }
        Duration timeout = step.timeout();
        if (timeout != null) {
            calls.add(".timeout(" + literals.of(timeout) + ")");
        }
        if (!step.retry().equals(Retry.DEFAULT)) {
            calls.add(".retry(" + step.retry().maxAttempts() + ", "
                    + literals.of(step.retry().backoff()) + ")");
        }
    }

    private String expect(int indent, Map<String, @Nullable Object> schema) {
        Class<?> type = TYPES.get(schema);
        if (type != null) {
            return ".expect(" + literals.type(type) + ".class)";
        }
        boolean choices = schema.get("enum") instanceof List<?> values
                && !values.isEmpty()
                && values.stream().allMatch(String.class::isInstance)
                && schema.equals(Map.of("type", "string", "enum", values));
        return choices
                ? ".choices("
                        + ((List<?>) Objects.requireNonNull(schema.get("enum")))
                                .stream()
                                        .map(value -> literals.of(value, indent))
                                        .collect(Collectors.joining(", "))
                        + ")"
                : ".expect(" + literals.of(schema, indent) + ")";
    }

    /** The call that begins the step; the arguments that it takes are removed. */
    private String begin(int indent, Step step, Map<String, @Nullable Object> args) {
        switch (step.kind()) {
            case TOOL -> {
                String version = step.toolVersion();
                return ".tool(" + literals.text(Objects.requireNonNull(step.tool()), indent)
                        + (version == null ? "" : ", " + literals.text(version, indent)) + ")";
            }
            case TRANSFORM -> {
                return ".transform(" + literals.of(args.remove("value"), indent) + ")";
            }
            case MODEL -> {
                return args.get("prompt") instanceof String
                        ? ".model(" + literals.of(args.remove("prompt"), indent) + ")"
                        : ".model(\"\")";
            }
            case ASK -> {
                String begin = ".ask(" + literals.of(args.remove("question"), indent) + ")";
                return args.get("deadlineMs") instanceof Long
                        ? begin + ".deadline(" + duration(args.remove("deadlineMs")) + ")"
                        : begin;
            }
            case WAIT -> {
                return args.get("until") instanceof String
                        ? ".waitUntil(" + literals.of(args.remove("until"), indent) + ")"
                        : args.get("ms") instanceof Long
                                ? ".waitFor(" + duration(args.remove("ms")) + ")"
                                : ".waitFor(" + literals.of(Duration.ZERO) + ")";
            }
            default -> {
                String begin = ".recipe(" + literals.of(args.remove("recipeId"), indent);
                Object version = args.remove("version");
                if (args.remove("inputs") instanceof Map<?, ?> inputs) {
                    inputs.forEach((name, value) -> args.put(String.valueOf(name), value));
                }
                return begin + (version == null ? ")" : ", " + version + ")");
            }
        }
    }

    private String duration(@Nullable Object millis) {
        return literals.of(Duration.ofMillis((Long) Objects.requireNonNull(millis)));
    }

    // ---- runs

    private void runs(boolean typed) {
        boolean none = components.isEmpty();
        String parameter =
                none ? "" : typed ? ", " + ARGUMENTS + " arguments" : ", " + literals.type(Inputs.class) + " inputs";
        String inputs = none ? literals.type(Inputs.class) + ".none()" : typed ? "arguments.inputs()" : "inputs";
        String hart = literals.type(Hart.class);
        line(0, "");
        line(4, "/** Runs the recipe, and blocks until that is done. */");
        line(4, "public static " + literals.type(Run.class) + " run(" + hart + " hart" + parameter + ") {");
        line(8, "return hart.run(recipe(), " + inputs + ");");
        line(4, "}");
        line(0, "");
        line(4, "/** Runs the recipe in the background. */");
        line(4, "public static " + literals.type(RunHandle.class) + " start(" + hart + " hart" + parameter + ") {");
        line(8, "return hart.start(recipe(), " + inputs + ");");
        line(4, "}");
    }

    private void results() {
        List<String> outputs = inOrder(recipe.outputs());
        if (outputs.isEmpty() || outputs.size() > MAX_COMPONENTS) {
            return;
        }
        line(0, "");
        if (outputs.size() == 1) {
            Map<String, @Nullable Object> schema = property(recipe.outputs(), outputs.get(0));
            String type = javaType(schema);
            String raw = type.replaceAll("<.*", "");
            line(4, "/** What a run has come to; throws the run's failure when it did not succeed. */");
            line(
                    4,
                    "public static " + (raw.equals(type) ? type : raw + (raw.equals("Map") ? "<?, ?>" : "<?>"))
                            + " result(Run run) {");
            line(8, raw.equals("Object") ? "return run.output();" : "return run.output(" + raw + ".class);");
            line(4, "}");
            return;
        }
        line(4, "/** What a run has come to. */");
        List<String> declared = new ArrayList<>();
        JavaNames.ofComponents(outputs)
                .forEach((output, component) -> declared.add((component.equals(output)
                                ? ""
                                : "@" + literals.type(Param.class) + "(name = " + literals.text(output, 0) + ") ")
                        + javaType(property(recipe.outputs(), output)) + " " + component));
        line(4, declaration("public record " + RESULTS, declared, " {}"));
        line(0, "");
        line(4, "/** What a run has come to; throws the run's failure when it did not succeed. */");
        line(4, "public static " + RESULTS + " result(Run run) {");
        line(8, "return run.output(" + RESULTS + ".class);");
        line(4, "}");
    }

    /** {@code Map.of} takes no nulls. */
    private void objectMethod() {
        String map = literals.type(Map.class);
        literals.imports().add("java.util.LinkedHashMap");
        Stream.of(
                        "",
                        "    private static " + map + "<String, Object> object(Object... namesAndValues) {",
                        "        " + map + "<String, Object> object = new LinkedHashMap<>();",
                        "        for (int i = 0; i < namesAndValues.length; i += 2) {",
                        "            object.put((String) namesAndValues[i], namesAndValues[i + 1]);",
                        "        }",
                        "        return object;",
                        "    }")
                .forEach(line -> line(0, line));
    }
}
