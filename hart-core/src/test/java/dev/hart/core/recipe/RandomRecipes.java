package dev.hart.core.recipe;

import dev.hart.recipe.Action;
import dev.hart.recipe.Fallback;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.Retry;
import dev.hart.recipe.Schedule;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Well-formed recipes of every shape that a document may have, from a seed. */
final class RandomRecipes {
    private static final List<String> TEXTS = List.of(
            "plain",
            "",
            " blanks around ",
            "say \"hi\"",
            "back\\slash \\n \\u0041",
            "two\nlines",
            "  indented\n    more\n\nthen \"\"\"quotes\"\"\"\n",
            "ends with a quote\n\"",
            "\n\n",
            "a\ttab\n\tand another \n",
            "carriage\r\nreturn",
            "Grüße, 世界, \uD83D\uDE00, \u2028, \u0000, \u007f",
            "*/ @param {@code x} <b>&amp;</b>",
            "\\{{not.a.placeholder}}",
            "\\",
            "\\\\u0022");
    private static final List<Map<String, Object>> SCHEMAS = List.of(
            Map.of("type", "string"),
            Map.of("type", "string", "description", "Which one"),
            Map.of("type", "string", "format", "path", "description", "two\nlines \"quoted\""),
            Map.of("type", "integer"),
            Map.of("type", "number", "minimum", new BigDecimal("0.5")),
            Map.of("type", "boolean"),
            Map.of("type", "array", "items", Map.of("type", "string")),
            Map.of("type", "array"),
            Map.of("type", "object"),
            Map.of("type", "string", "enum", List.of("A", "B")),
            Map.of("type", "string", "examples", List.of("Oslo", "Rome")),
            Map.of());

    private final Random random;
    private final List<String> readable = new ArrayList<>();
    private int named;

    private RandomRecipes(long seed) {
        this.random = new Random(seed);
    }

    static Recipe of(long seed) {
        return new RandomRecipes(seed).recipe(seed);
    }

    private boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    private <T> T oneOf(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    private String name(String base) {
        named++;
        return oneOf(List.of(base, "some_" + base, base + "-x", "Class", "_", "new")) + named;
    }

    private Recipe recipe(long seed) {
        List<String> names = new ArrayList<>();
        Map<String, Object> properties = new LinkedHashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            String input = name("input");
            names.add(input);
            properties.put(input, oneOf(SCHEMAS));
            readable.add("inputs." + input);
        }
        List<Flow> flows = new ArrayList<>();
        int count = chance(0.6) ? 1 : 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            flows.add(flow(i, count));
        }
        Map<String, Object> outputs = new LinkedHashMap<>();
        readable.stream()
                .filter(output -> output.startsWith("out"))
                .limit(random.nextInt(4))
                .forEach(output -> outputs.put(output, oneOf(SCHEMAS)));
        List<String> required = new ArrayList<>(names);
        Collections.shuffle(required, random);
        if (chance(0.3) && !required.isEmpty()) {
            required.remove(0);
        }
        List<String> intents = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            intents.add(oneOf(TEXTS) + (names.isEmpty() ? "" : " {{inputs." + oneOf(names) + "}}"));
        }
        return new Recipe(
                oneOf(List.of("r" + seed, seed + "-things", "List", "string", "Arguments", "a_" + seed)),
                oneOf(TEXTS),
                intents,
                schema(properties, required),
                schema(outputs, new ArrayList<>(outputs.keySet())),
                flows,
                schedules());
    }

    private List<Schedule> schedules() {
        List<Schedule> schedules = new ArrayList<>();
        for (int i = chance(0.8) ? 0 : 1 + random.nextInt(2); i > 0; i--) {
            schedules.add(
                    chance(0.5)
                            ? Schedule.at("0 9 * * 1-5")
                            : new Schedule(
                                    oneOf(List.of(Schedule.Kind.values())),
                                    "*/5 * * * *",
                                    ZoneId.of("Europe/Oslo"),
                                    oneOf(TEXTS),
                                    chance(0.5) ? null : 1,
                                    chance(0.5) ? null : 3,
                                    oneOf(TEXTS)));
        }
        return schedules;
    }

    private Map<String, Object> schema(Map<String, Object> properties, List<String> required) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("properties", properties);
        schema.put("required", required);
        schema.put("additionalProperties", chance(0.1));
        return schema;
    }

    private Flow flow(int flowId, int count) {
        boolean main = count == 1 && chance(0.7);
        List<Integer> ids = new ArrayList<>();
        int actions = 1 + random.nextInt(4);
        for (int i = 1; i <= actions; i++) {
            ids.add(i);
        }
        if (chance(0.2)) {
            ids.replaceAll(id -> id * 3);
            Collections.shuffle(ids, random);
        }
        List<Action> built = new ArrayList<>();
        for (int i = 0; i < actions; i++) {
            List<Integer> before = chance(0.2) ? new ArrayList<>(ids.subList(0, i)) : List.of();
            built.add(action(ids.get(i), before));
        }
        List<Integer> flowsBefore = new ArrayList<>();
        for (int id = 0; id < flowId; id++) {
            if (chance(0.5)) {
                flowsBefore.add(0, id);
            }
        }
        return new Flow(
                flowId,
                main ? "main" : oneOf(TEXTS),
                main ? "Assistant" : "Researcher",
                main ? "" : oneOf(TEXTS),
                flowsBefore,
                built);
    }

    private Action action(int actionId, List<Integer> dependsOn) {
        String name = name("act");
        List<Step> steps = new ArrayList<>();
        int count = chance(0.7) ? 1 : 1 + random.nextInt(3);
        List<String> outputs = new ArrayList<>();
        for (int index = 1; index <= count; index++) {
            Step step = step(name, index, index == count);
            steps.add(step);
            if (step.output() != null) {
                outputs.add(step.output());
            }
        }
        readable.addAll(outputs);
        List<Fallback> fallbacks = new ArrayList<>();
        while (chance(0.3)) {
            fallbacks.add(fallback(outputs));
        }
        return new Action(actionId, name, chance(0.3) ? name : oneOf(TEXTS), dependsOn, steps, fallbacks);
    }

    private Fallback fallback(List<String> outputs) {
        List<Step> steps = new ArrayList<>();
        if (chance(0.7)) {
            for (int i = 1; i <= outputs.size(); i++) {
                steps.add(new Step(
                        i,
                        StepKind.TRANSFORM,
                        null,
                        null,
                        Collections.singletonMap("value", chance(0.5) ? "other" : List.of(1L)),
                        outputs.get(i - 1),
                        Effect.READ,
                        chance(0.3) ? oneOf(SCHEMAS) : null,
                        null,
                        Retry.DEFAULT));
            }
        }
        return new Fallback("try " + oneOf(TEXTS), steps);
    }

    private Step step(String action, int index, boolean last) {
        StepKind kind = chance(0.3) ? StepKind.TOOL : oneOf(List.of(StepKind.values()));
        Map<String, @Nullable Object> args = new LinkedHashMap<>();
        Map<String, Object> expect = chance(0.4) ? oneOf(SCHEMAS) : null;
        switch (kind) {
            case TRANSFORM -> args.put("value", value(0));
            case MODEL -> {
                args.put("prompt", chance(0.9) ? text() : value(0));
                if (chance(0.5)) {
                    args.put("schema", chance(0.5) && expect != null ? expect : oneOf(SCHEMAS));
                }
            }
            case ASK -> {
                args.put("question", "Well? " + text());
                if (chance(0.5)) {
                    args.put("schema", chance(0.5) && expect != null ? expect : oneOf(SCHEMAS));
                }
                if (chance(0.3)) {
                    args.put("deadlineMs", 86_400_000L);
                }
            }
            case WAIT -> {
                if (chance(0.5)) {
                    args.put("until", readable.isEmpty() ? "2026-01-31T09:00:00Z" : "{{" + oneOf(readable) + "}}");
                } else {
                    args.put("ms", readable.isEmpty() || chance(0.5) ? (Object) 1_500L : "{{" + oneOf(readable) + "}}");
                }
            }
            case SUBRECIPE -> {
                args.put("recipeId", chance(0.5) ? "other" : "01a20aa4-b9d0-712d-9b44-4f73f53648ba");
                if (chance(0.8)) {
                    args.put("version", 3L);
                }
                args.put("inputs", chance(0.3) ? Map.of() : Map.of("x-y", text(), "n", 5L));
            }
            case TOOL -> {
                for (int i = random.nextInt(4); i > 0; i--) {
                    args.put(chance(0.1) ? "a \"name\"" + i : "arg" + i, value(0));
                }
            }
        }
        String output = last && chance(0.7) ? action : chance(0.5) ? "out" + ++named : null;
        return new Step(
                index,
                kind,
                kind == StepKind.TOOL ? "some.tool" : null,
                kind == StepKind.TOOL && chance(0.6) ? "1." + random.nextInt(9) : null,
                args,
                output,
                kind == StepKind.TOOL || kind == StepKind.SUBRECIPE ? oneOf(List.of(Effect.values())) : Effect.READ,
                expect,
                kind.compareTo(StepKind.MODEL) <= 0 && chance(0.3)
                        ? Duration.ofMillis(oneOf(List.of(1L, 1_500L, 30_000L, 600_000L, 2_592_000_000L)))
                        : null,
                chance(0.7)
                        ? Retry.DEFAULT
                        : new Retry(1 + random.nextInt(9), Duration.ofMillis(random.nextInt(3_000))));
    }

    private String text() {
        String text = oneOf(TEXTS);
        return readable.isEmpty() || chance(0.4) ? text : text + "{{" + oneOf(readable) + "}}" + oneOf(TEXTS);
    }

    private @Nullable Object value(int depth) {
        int kind = random.nextInt(depth > 2 ? 6 : 8);
        return switch (kind) {
            case 0, 1 -> text();
            case 2 -> (long) random.nextInt(100) - 50;
            case 3 -> oneOf(List.of(Long.MIN_VALUE, Long.MAX_VALUE, 2_147_483_648L, (long) Integer.MIN_VALUE));
            case 4 ->
                oneOf(List.of(
                        new BigDecimal("0.1"), new BigDecimal("-1.5"), new BigDecimal("12345678901234567890.123")));
            case 5 -> chance(0.5) ? (Object) chance(0.5) : null;
            case 6 -> {
                List<@Nullable Object> items = new ArrayList<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    items.add(value(depth + 1));
                }
                yield items;
            }
            default -> {
                Map<String, @Nullable Object> fields = new LinkedHashMap<>();
                for (int i = chance(0.1) ? 12 : random.nextInt(4); i > 0; i--) {
                    fields.put("field " + i, value(depth + 1));
                }
                yield fields;
            }
        };
    }
}
