package dev.hart.core.recipe;

import dev.hart.error.HartException;
import dev.hart.error.RecipeCorruptException;
import dev.hart.error.RecipeInvalidException;
import dev.hart.error.UnsupportedSchemaException;
import dev.hart.ledger.CanonicalJson;
import dev.hart.recipe.Action;
import dev.hart.recipe.Fallback;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.Retry;
import dev.hart.recipe.Schedule;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.security.SecretRedactor;
import dev.hart.tool.Effect;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON form of a recipe, {@code hart.recipe/1}, and the hash of its content. */
public final class RecipeDocument {
    public static final String SCHEMA = "hart.recipe/1";

    private static final List<String> KINDS =
            Arrays.stream(StepKind.values()).map(Enum::name).toList();

    private RecipeDocument() {}

    /** The document of a stored version, identity and hash included. */
    public static Map<String, @Nullable Object> of(RecipeVersion version) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("schema", SCHEMA);
        document.put("recipeId", version.recipeId());
        document.put("version", (long) version.version());
        document.put("parent", parent(version));
        document.put("contentHash", version.contentHash());
        document.put("createdAt", version.createdAt().toString());
        document.putAll(content(version.recipe()));
        return document;
    }

    /** SHA-256 of the canonical content, identity and hash left out: {@code sha256:…}. */
    public static String contentHash(Recipe recipe) {
        Map<String, @Nullable Object> hashed = hashedContent(recipe);
        hashed.put("schema", SCHEMA);
        return "sha256:" + CanonicalJson.sha256OfText(CanonicalJson.write(hashed));
    }

    /** The content as far as it is hashed: without the times that actions took. */
    static Map<String, @Nullable Object> hashedContent(Recipe recipe) {
        List<Flow> flows = new ArrayList<>();
        for (Flow flow : recipe.flows()) {
            flows.add(new Flow(
                    flow.flowId(),
                    flow.name(),
                    flow.persona(),
                    flow.subGoal(),
                    flow.dependsOn(),
                    flow.actions().stream()
                            .map(action -> action.trainedIn(null))
                            .toList()));
        }
        Map<String, @Nullable Object> content = content(recipe);
        content.put("flows", flows.stream().map(RecipeDocument::flow).toList());
        return content;
    }

    /** The content alone; {@link #read} takes it back. */
    public static Map<String, @Nullable Object> content(Recipe recipe) {
        Map<String, @Nullable Object> content = new LinkedHashMap<>();
        content.put("name", recipe.name());
        content.put("goal", recipe.goal());
        content.put("intents", recipe.intents());
        content.put("inputs", recipe.inputs());
        content.put("outputs", recipe.outputs());
        content.put("flows", recipe.flows().stream().map(RecipeDocument::flow).toList());
        content.put(
                "schedules",
                recipe.schedules().stream().map(RecipeDocument::schedule).toList());
        return content;
    }

    /** Whether anything in it looks like a secret, which no recipe may hold. */
    public static boolean holdsSecret(Recipe recipe) {
        Map<String, @Nullable Object> content = content(recipe);
        return !content.equals(new SecretRedactor().redactJson(content));
    }

    private static Map<String, @Nullable Object> schedule(Schedule schedule) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("kind", schedule.kind().name());
        json.put("cron", schedule.cron());
        json.put("zone", schedule.zone().getId());
        json.put("persona", schedule.persona());
        json.put("entryActionId", number(schedule.entryActionId()));
        json.put("exitActionId", number(schedule.exitActionId()));
        json.put("description", schedule.description());
        return json;
    }

    private static @Nullable Long number(@Nullable Integer number) {
        return number == null ? null : number.longValue();
    }

    private static @Nullable Map<String, @Nullable Object> parent(RecipeVersion version) {
        Integer parent = version.parentVersion();
        return parent == null ? null : Map.of("recipeId", version.recipeId(), "version", (long) parent);
    }

    private static Map<String, @Nullable Object> flow(Flow flow) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("flowId", (long) flow.flowId());
        json.put("name", flow.name());
        json.put("persona", flow.persona());
        json.put("subGoal", flow.subGoal());
        json.put("dependsOn", longs(flow.dependsOn()));
        json.put("actions", flow.actions().stream().map(RecipeDocument::action).toList());
        return json;
    }

    private static Map<String, @Nullable Object> action(Action action) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("actionId", (long) action.actionId());
        json.put("name", action.name());
        json.put("description", action.description());
        json.put("dependsOn", longs(action.dependsOn()));
        json.put("autonomous", true);
        json.put("needsUserReason", null);
        json.put("steps", action.steps().stream().map(RecipeDocument::step).toList());
        json.put(
                "fallbacks",
                action.fallbacks().stream().map(RecipeDocument::fallback).toList());
        Duration trained = action.trainedDuration();
        if (trained != null) {
            json.put("trainedDurationMs", trained.toMillis());
        }
        return json;
    }

    /** A fallback alone; {@link #readFallback(Map)} takes it back. */
    public static Map<String, @Nullable Object> fallback(Fallback fallback) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("text", fallback.text());
        json.put("steps", fallback.steps().stream().map(RecipeDocument::step).toList());
        return json;
    }

    private static Map<String, @Nullable Object> step(Step step) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("index", (long) step.index());
        json.put("kind", step.kind().name());
        json.put("tool", step.tool());
        json.put("toolVersion", step.toolVersion());
        json.put("args", step.args());
        json.put("output", step.output());
        json.put("effect", step.effect().name());
        json.put("expect", step.expect());
        Duration timeout = step.timeout();
        json.put("timeoutMs", timeout == null ? null : timeout.toMillis());
        json.put(
                "retry",
                Map.of(
                        "maxAttempts",
                        (long) step.retry().maxAttempts(),
                        "backoffMs",
                        step.retry().backoff().toMillis()));
        return json;
    }

    private static List<Long> longs(List<Integer> ids) {
        return ids.stream().map(Integer::longValue).toList();
    }

    /**
     * Reads a document, or the content alone; a hash that stands in it must fit.
     *
     * @throws RecipeCorruptException when it is no recipe document, or its hash does not fit
     * @throws UnsupportedSchemaException when it is of another format, or uses parts that this version cannot run
     * @throws RecipeInvalidException when the recipe breaks a rule
     */
    public static Recipe read(Object document) {
        try {
            Reader root = new Reader(document, "document");
            Object schema = root.value.getOrDefault("schema", SCHEMA);
            if (!SCHEMA.equals(schema)) {
                throw new UnsupportedSchemaException("the document is of format " + schema + ", this version reads "
                        + SCHEMA + ": use a newer HART");
            }
            Recipe recipe = new Recipe(
                    root.text("name"),
                    root.text("goal"),
                    root.list("intents").stream().map(String::valueOf).toList(),
                    root.object("inputs"),
                    root.object("outputs"),
                    root.readers("flows").stream().map(RecipeDocument::readFlow).toList(),
                    root.value.get("schedules") == null
                            ? List.of()
                            : root.readers("schedules").stream()
                                    .map(RecipeDocument::readSchedule)
                                    .toList());
            Object hash = root.value.get("contentHash");
            if (hash != null && !hash.equals(contentHash(recipe))) {
                throw new RecipeCorruptException("the content of recipe '" + recipe.name() + "' does not fit its hash "
                        + hash + ": it was changed after it was saved");
            }
            return recipe;
        } catch (HartException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new RecipeCorruptException("this is no " + SCHEMA + " document: " + e.getMessage(), e);
        }
    }

    private static Schedule readSchedule(Reader schedule) {
        String zone = schedule.optionalText("zone");
        return new Schedule(
                schedule.oneOf("kind", Schedule.Kind.class),
                schedule.text("cron"),
                zone == null ? ZoneId.of("UTC") : schedule.zone("zone"),
                schedule.value.get("persona") == null ? "" : schedule.text("persona"),
                schedule.value.get("entryActionId") == null ? null : (Integer) schedule.integer("entryActionId"),
                schedule.value.get("exitActionId") == null ? null : (Integer) schedule.integer("exitActionId"),
                schedule.value.get("description") == null ? "" : schedule.text("description"));
    }

    private static Flow readFlow(Reader flow) {
        return new Flow(
                flow.integer("flowId"),
                flow.text("name"),
                flow.text("persona"),
                flow.text("subGoal"),
                flow.integers("dependsOn"),
                flow.readers("actions").stream().map(RecipeDocument::readAction).toList());
    }

    private static Action readAction(Reader action) {
        return new Action(
                action.integer("actionId"),
                action.text("name"),
                action.text("description"),
                action.integers("dependsOn"),
                action.readers("steps").stream().map(RecipeDocument::readStep).toList(),
                action.value.get("fallbacks") == null
                        ? List.of()
                        : action.readers("fallbacks").stream()
                                .map(RecipeDocument::readFallback)
                                .toList(),
                action.value.get("trainedDurationMs") == null
                        ? null
                        : Duration.ofMillis(action.number("trainedDurationMs")));
    }

    /** Reads what {@link #fallback} wrote. */
    public static Fallback readFallback(Map<String, @Nullable Object> fallback) {
        return readFallback(new Reader(fallback, "fallback"));
    }

    private static Fallback readFallback(Reader fallback) {
        return new Fallback(
                fallback.text("text"),
                fallback.readers("steps").stream().map(RecipeDocument::readStep).toList());
    }

    private static Step readStep(Reader step) {
        String kind = step.text("kind");
        if (!KINDS.contains(kind)) {
            throw new UnsupportedSchemaException(
                    "this version runs steps of the kinds " + String.join(", ", KINDS) + ", not " + kind);
        }
        Reader retry = new Reader(step.required("retry"), step.path + ".retry");
        Object timeout = step.value.get("timeoutMs");
        Object expect = step.value.get("expect");
        return new Step(
                step.integer("index"),
                StepKind.valueOf(kind),
                step.optionalText("tool"),
                step.optionalText("toolVersion"),
                step.object("args"),
                step.optionalText("output"),
                Effect.valueOf(step.text("effect")),
                expect == null ? null : step.object("expect"),
                timeout == null ? null : Duration.ofMillis(step.number("timeoutMs")),
                new Retry(retry.integer("maxAttempts"), Duration.ofMillis(retry.number("backoffMs"))));
    }

    /** A JSON object whose fields are asked for by name and type. */
    private static final class Reader {
        final Map<String, @Nullable Object> value;
        final String path;

        @SuppressWarnings("unchecked")
        Reader(Object value, String path) {
            if (!(value instanceof Map<?, ?>)) {
                throw new IllegalArgumentException(path + " must be an object");
            }
            this.value = (Map<String, @Nullable Object>) value;
            this.path = path;
        }

        Object required(String field) {
            Object found = value.get(field);
            if (found == null) {
                throw new IllegalArgumentException(path + "." + field + " is missing");
            }
            return found;
        }

        String text(String field) {
            if (required(field) instanceof String text) {
                return text;
            }
            throw new IllegalArgumentException(path + "." + field + " must be a text");
        }

        @Nullable
        String optionalText(String field) {
            return value.get(field) == null ? null : text(field);
        }

        int integer(String field) {
            long number = number(field);
            if (number == (int) number) {
                return (int) number;
            }
            throw new IllegalArgumentException(path + "." + field + " is too large");
        }

        long number(String field) {
            if (required(field) instanceof Long number) {
                return number;
            }
            throw new IllegalArgumentException(path + "." + field + " must be an integer");
        }

        Map<String, @Nullable Object> object(String field) {
            return new Reader(required(field), path + "." + field).value;
        }

        List<?> list(String field) {
            if (required(field) instanceof List<?> list) {
                return list;
            }
            throw new IllegalArgumentException(path + "." + field + " must be a list");
        }

        List<Integer> integers(String field) {
            List<Integer> integers = new ArrayList<>();
            for (Object item : list(field)) {
                integers.add(new Reader(Collections.singletonMap("item", item), path + "." + field).integer("item"));
            }
            return integers;
        }

        List<Reader> readers(String field) {
            List<Reader> readers = new ArrayList<>();
            for (Object item : list(field)) {
                readers.add(new Reader(item, path + "." + field + "[" + readers.size() + "]"));
            }
            return readers;
        }

        <E extends Enum<E>> E oneOf(String field, Class<E> type) {
            String text = text(field);
            return Arrays.stream(type.getEnumConstants())
                    .filter(value -> value.name().equals(text))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(path + "." + field + " must be one of "
                            + Arrays.toString(type.getEnumConstants()) + ", was " + text));
        }

        ZoneId zone(String field) {
            try {
                return ZoneId.of(text(field));
            } catch (DateTimeException e) {
                throw new IllegalArgumentException(path + "." + field + " is no time zone: " + text(field), e);
            }
        }
    }
}
