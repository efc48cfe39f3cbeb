package dev.hart.core.run;

import dev.hart.Spark;
import dev.hart.core.model.ModelCall;
import dev.hart.core.signing.SigningKey;
import dev.hart.ledger.CanonicalJson;
import dev.hart.ledger.LedgerEvent;
import dev.hart.model.TokenCount;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the events of an ended run say of it as a whole: the records of its evidence, in which nothing stands that does not
 * follow from the events. A verifier makes them again in the same way. Not thread-safe.
 */
final class RunFacts {
    private static final String FORMAT = "hart.evidence/1";
    private static final String UNKNOWN = "UNKNOWN";

    private final String runId;
    private Map<String, @Nullable Object> started = Map.of();
    private @Nullable Map<String, @Nullable Object> finished;
    private String finishedAt = "";
    private final List<Map<String, @Nullable Object>> effects = new ArrayList<>();
    /** Calls that have not reported, by task: an action has one at a time. */
    private final Map<String, Map<String, @Nullable Object>> open = new HashMap<>();

    private int modelCalls;
    private TokenCount tokens = TokenCount.ZERO;
    private Spark cost = Spark.ZERO;

    RunFacts(String runId) {
        this.runId = runId;
    }

    boolean hasEnd() {
        return finished != null;
    }

    /** Takes the next event in. */
    void accept(LedgerEvent event) {
        String task = event.taskId();
        Payload payload = new Payload(event.payload());
        switch (event.type()) {
            case "RUN_STARTED" -> {
                started = event.payload();
                if (payload.has("planning")) {
                    payload.objects("planning").forEach(this::count);
                }
            }
            case "RUN_FINISHED" -> {
                finished = event.payload();
                finishedAt = CheckedEvents.time(event.at());
            }
            case "MODEL_CALLED" -> count(event.payload());
            case "STEP_STARTED" -> {
                open.remove(task);
                if (payload.text("kind").equals(StepKind.TOOL.name())) {
                    Map<String, @Nullable Object> call = call(event, payload);
                    effects.add(call);
                    open.put(task, call);
                }
            }
            case "ANSWERED" -> {
                Map<String, @Nullable Object> call = open.get(task);
                if (call != null && payload.text("decision").equals("take_as_done")) {
                    call.put("outcome", "TAKEN_AS_DONE");
                }
            }
            case "STEP_FINISHED" -> {
                Map<String, @Nullable Object> call = open.remove(task);
                if (call != null) {
                    call.replace("outcome", UNKNOWN, "FINISHED");
                    call.put("result", CanonicalJson.sha256(payload.value("output")));
                }
            }
            case "STEP_FAILED" -> {
                Map<String, @Nullable Object> call = open.remove(task);
                if (call != null) {
                    call.put("outcome", "FAILED");
                }
            }
            default -> {}
        }
    }

    private void count(Map<String, @Nullable Object> event) {
        ModelCall call = Payload.modelCall(event);
        modelCalls++;
        tokens = tokens.plus(call.tokens());
        cost = cost.plus(call.cost());
    }

    private Map<String, @Nullable Object> call(LedgerEvent event, Payload step) {
        Map<String, @Nullable Object> call = record("effect");
        call.put("action", event.taskId());
        call.put("arguments", CanonicalJson.sha256(step.value("args")));
        call.put("attempt", step.value("attempt"));
        call.put("effect", step.value("effect"));
        call.put("event", event.seq());
        call.put("key", step.value("key"));
        call.put("number", (long) effects.size() + 1);
        call.put("outcome", UNKNOWN);
        call.put("result", null);
        call.put("tool", step.value("tool"));
        return call;
    }

    /** Every call of a tool, in the order of their starts. */
    List<Map<String, @Nullable Object>> effects() {
        return effects;
    }

    /**
     * What was asked, what was done about it and what came of it.
     *
     * @param events how many there are
     */
    Map<String, @Nullable Object> header(String ledgerKey, long events, SigningKey key) {
        Map<String, @Nullable Object> json = record("header");
        json.put("effects", (long) effects.size());
        json.put("events", events);
        json.put("finishedAt", finishedAt);
        json.put("format", FORMAT);
        json.put("keyId", key.id());
        json.put("ledgerId", ledgerKey);
        json.put("plan", started.get("recipe") == null ? null : CanonicalJson.sha256(started.get("recipe")));
        json.put("publicKey", key.hex());
        json.put("runId", runId);
        copy(started, json, "inputs", "mode", "recipeHash", "request", "startedAt");
        copy(end(), json, "code", "message", "outputs", "recipeId", "recipeName", "recipeVersion", "state");
        if (json.get("recipeHash") == null) {
            copy(end(), json, "recipeHash");
        }
        return json;
    }

    /** How many calls there were of each class, and what the run cost. */
    Map<String, @Nullable Object> summary() {
        Map<String, @Nullable Object> json = record("summary");
        for (Effect effect : Effect.values()) {
            json.put(
                    effect.name(),
                    effects.stream()
                            .filter(call -> effect.name().equals(call.get("effect")))
                            .count());
        }
        copy(end(), json, "elapsedNanos");
        json.put("microSpark", Long.toString(cost.micro()));
        json.put("modelCalls", (long) modelCalls);
        json.put("tokensIn", tokens.in());
        json.put("tokensOut", tokens.out());
        return json;
    }

    /** What is signed. */
    Map<String, @Nullable Object> statement(
            String at, long events, SigningKey key, String header, String last, String summary) {
        Map<String, @Nullable Object> json = record("signature");
        json.put("at", at);
        json.put("events", events);
        json.put("format", FORMAT);
        json.put("header", header);
        json.put("keyId", key.id());
        json.put("last", last);
        json.put("summary", summary);
        return json;
    }

    private Map<String, @Nullable Object> end() {
        return finished == null ? Map.of() : finished;
    }

    private static Map<String, @Nullable Object> record(String kind) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("record", kind);
        return json;
    }

    private static void copy(Map<String, @Nullable Object> from, Map<String, @Nullable Object> to, String... fields) {
        for (String field : fields) {
            to.put(field, from.get(field));
        }
    }
}
