package dev.hart.core.run;

import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.RunReport.Source;
import dev.hart.Runs.InDoubt;
import dev.hart.Spark;
import dev.hart.core.model.ModelCall;
import dev.hart.core.plan.Draft.Taken;
import dev.hart.core.plan.Gathered;
import dev.hart.core.plan.Gathered.Given;
import dev.hart.core.recipe.RecipeDocument;
import dev.hart.core.rollout.Trial;
import dev.hart.error.CannotPlanException.Missing;
import dev.hart.json.Json;
import dev.hart.model.TokenCount;
import dev.hart.recipe.Action;
import dev.hart.recipe.Fallback;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The JSON of the journal's events: how it is written, and how it is read back. */
record Payload(Map<String, @Nullable Object> json) {

    static Map<String, @Nullable Object> started(RunPlan plan) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("mode", plan.mode().name());
        json.put("request", plan.request());
        json.put("startedAt", plan.startedAt().toString());
        json.put("inputs", plan.inputs().values());
        json.put("notes", plan.notes());
        Origin origin = plan.origin();
        if (origin != null) {
            json.put("rerunOf", origin(origin));
        }
        if (plan.outer() != null) {
            json.put("outer", plan.outer());
        }
        Trial trial = plan.trial();
        if (trial != null) {
            json.put("trial", trial(trial));
        }
        if (plan.gathering() != null) {
            json.put("gathering", gathering(plan.gathering()));
        }
        untrusted(json, plan);
        RecipeVersion version = plan.version();
        if (version != null) {
            json.put("recipeId", version.recipeId());
            json.put("recipeVersion", (long) version.version());
            json.put("recipeHash", version.contentHash());
            if (plan.recipe() != version.recipe()) {
                json.put("part", RecipeDocument.content(plan.recipe()));
            }
        } else {
            json.put("recipe", RecipeDocument.content(plan.recipe()));
            json.put("taken", plan.taken().stream().map(Payload::taken).toList());
            json.put(
                    "planning",
                    plan.planning().stream().map(Payload::modelCalled).toList());
        }
        return json;
    }

    private static void untrusted(Map<String, @Nullable Object> json, RunPlan plan) {
        if (!plan.untrusted().equals(Untrusted.NOTHING)) {
            json.put("untrusted", plan.untrusted().json());
        }
    }

    private Untrusted untrusted() {
        return has("untrusted") ? Untrusted.read(object("untrusted")) : Untrusted.NOTHING;
    }

    /** What is run: the draft, a part of a stored recipe, or all of it. */
    private Recipe recipe(@Nullable RecipeVersion version) {
        return version == null || has("part")
                ? RecipeDocument.read(object(version == null ? "recipe" : "part"))
                : version.recipe();
    }

    /**
     * The plan that RUN_STARTED holds.
     *
     * @param version the stored recipe it names, when it names one
     */
    RunPlan plan(@Nullable RecipeVersion version) {
        List<Taken> taken = new ArrayList<>();
        List<ModelCall> planning = new ArrayList<>();
        if (version == null) {
            for (Map<String, @Nullable Object> one : objects("taken")) {
                taken.add(new Payload(one).taken());
            }
            for (Map<String, @Nullable Object> call : objects("planning")) {
                planning.add(modelCall(call));
            }
        }
        return new RunPlan(
                Mode.valueOf(text("mode")),
                text("request"),
                recipe(version),
                version,
                new Inputs(object("inputs")),
                taken,
                planning,
                Instant.parse(text("startedAt")),
                texts("notes"),
                has("rerunOf") ? new Payload(object("rerunOf")).origin() : null,
                optionalText("outer"),
                has("trial") ? new Payload(object("trial")).trial() : null,
                has("gathering") ? new Payload(object("gathering")).gathering() : null,
                untrusted());
    }

    private static Map<String, @Nullable Object> gathering(Gathering gathering) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("request", gathering.gathered().request());
        json.put("turns", (long) gathering.turns());
        json.put(
                "given",
                gathering.gathered().given().stream()
                        .map(given -> {
                            Map<String, @Nullable Object> one = missing(given.missing());
                            one.put("value", given.value());
                            return one;
                        })
                        .toList());
        if (gathering.asked() != null) {
            json.put("asked", missing(gathering.asked()));
        }
        return json;
    }

    private Gathering gathering() {
        List<Given> given = new ArrayList<>();
        for (Map<String, @Nullable Object> one : objects("given")) {
            Payload payload = new Payload(one);
            given.add(new Given(payload.missing(), payload.value("value")));
        }
        return new Gathering(
                new Gathered(text("request"), given),
                integer("turns"),
                has("asked") ? new Payload(object("asked")).missing() : null);
    }

    private static Map<String, @Nullable Object> missing(Missing missing) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("part", missing.part());
        json.put("tool", missing.tool());
        json.put("argument", missing.argument());
        json.put("question", missing.question());
        json.put("schema", missing.schema());
        return json;
    }

    private Missing missing() {
        return new Missing(text("part"), text("tool"), text("argument"), text("question"), object("schema"));
    }

    private static Map<String, @Nullable Object> trial(Trial trial) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("rollout", trial.rolloutId());
        json.put("arm", trial.arm().name());
        json.put("shadowed", trial.shadowed());
        json.put("why", trial.why());
        return json;
    }

    private Trial trial() {
        return new Trial(
                text("rollout"),
                Trial.Arm.valueOf(text("arm")),
                Boolean.TRUE.equals(value("shadowed")),
                optionalText("why"));
    }

    private static Map<String, @Nullable Object> origin(Origin origin) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("run", origin.runId());
        json.put("event", origin.event());
        json.put("inputs", origin.inputs());
        json.put("results", origin.results());
        json.put("recipe", origin.recipe());
        return json;
    }

    private Origin origin() {
        return new Origin(text("run"), number("event"), object("inputs"), object("results"), optionalText("recipe"));
    }

    /** The run and event that this names. */
    EarlierRun.Place place() {
        return new EarlierRun.Place(text("run"), number("event"));
    }

    private static Map<String, @Nullable Object> taken(Taken taken) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("input", taken.input());
        json.put("value", taken.value());
        json.put("start", (long) taken.start());
        json.put("end", (long) taken.end());
        json.put("schema", taken.schema());
        return json;
    }

    private Taken taken() {
        return new Taken(text("input"), value("value"), integer("start"), integer("end"), object("schema"));
    }

    /** Which step an event is about. */
    private static Map<String, @Nullable Object> step(int fallback, int step) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("step", (long) step);
        if (fallback > 0) {
            json.put("fallback", (long) fallback);
        }
        return json;
    }

    /** Which fallback of its action this is about; 0 for the action's own steps. */
    int fallback() {
        return has("fallback") ? integer("fallback") : 0;
    }

    static Map<String, @Nullable Object> stepStarted(StepCall call, @Nullable String toolVersion) {
        Step step = call.step();
        Map<String, @Nullable Object> json = step(call.fallback(), step.index());
        json.put("kind", step.kind().name());
        json.put("tool", step.tool());
        json.put("effect", step.effect().name());
        if (toolVersion != null) {
            json.put("toolVersion", toolVersion);
        }
        json.put("args", call.args());
        json.put("key", call.key());
        json.put("attempt", (long) call.attempt());
        if (call.until() != null) {
            json.put("until", call.until().toString());
        }
        if (call.run() != null) {
            json.put("run", call.run());
        }
        return json;
    }

    /** When what a step waits for is over; null when it does not wait, or without end. */
    @Nullable
    Instant until() {
        return has("until") ? Instant.parse(text("until")) : null;
    }

    /** The same with the rules that the gate flagged the result by. */
    static Map<String, @Nullable Object> flagged(Map<String, @Nullable Object> end, Collection<String> rules) {
        if (!rules.isEmpty()) {
            end.put("flagged", List.copyOf(new TreeSet<>(rules)));
        }
        return end;
    }

    static Map<String, @Nullable Object> stepFinished(StepCall call, @Nullable Object output, long millis) {
        return stepFinished(call.fallback(), call.step().index(), call.attempt(), output, millis);
    }

    static Map<String, @Nullable Object> stepFinished(
            int fallback, int step, int attempt, @Nullable Object output, long millis) {
        Map<String, @Nullable Object> json = step(fallback, step);
        json.put("attempt", (long) attempt);
        json.put("output", output);
        json.put("ms", millis);
        return json;
    }

    /** The event with what the run of a SUBRECIPE step asked of models. */
    static Map<String, @Nullable Object> with(Map<String, @Nullable Object> end, StepCall.@Nullable Spent inside) {
        if (inside != null) {
            Map<String, @Nullable Object> json = new LinkedHashMap<>();
            json.put("modelCalls", (long) inside.modelCalls());
            json.put("tokensIn", inside.tokens().in());
            json.put("tokensOut", inside.tokens().out());
            json.put("microSpark", Long.toString(inside.cost().micro()));
            end.put("inside", json);
        }
        return end;
    }

    /** What the run of a SUBRECIPE step asked of models; null when it is another step. */
    StepCall.@Nullable Spent inside() {
        if (!has("inside")) {
            return null;
        }
        Payload inside = new Payload(object("inside"));
        return new StepCall.Spent(
                inside.integer("modelCalls"),
                new TokenCount(inside.number("tokensIn"), inside.number("tokensOut")),
                new Spark(Long.parseLong(inside.text("microSpark"))));
    }

    /** The end of a step that was not called: its result is that of an earlier run. */
    static Map<String, @Nullable Object> stepKept(StepRef step, EarlierRun.Recorded recorded) {
        Map<String, @Nullable Object> json = stepFinished(step.fallback(), step.index(), 0, recorded.output(), 0);
        flagged(json, recorded.flagged());
        json.put("args", recorded.args());
        json.put("toolVersion", recorded.toolVersion());
        json.put(
                "keptFrom",
                Map.of(
                        "run",
                        recorded.madeBy().runId(),
                        "event",
                        recorded.madeBy().event()));
        return json;
    }

    /** The end of a step that was not called: its result was given. */
    static Map<String, @Nullable Object> stepGiven(
            StepRef step, Map<String, @Nullable Object> args, @Nullable Object output) {
        Map<String, @Nullable Object> json = stepFinished(step.fallback(), step.index(), 0, output, 0);
        json.put("args", args);
        json.put("given", true);
        return json;
    }

    /** Where the result comes from that this is the end of. */
    Source source() {
        return has("keptFrom") ? Source.KEPT : has("given") ? Source.GIVEN : Source.PERFORMED;
    }

    /**
     * The end of an attempt that failed.
     *
     * @param forGood whether no further attempt is made
     */
    static Map<String, @Nullable Object> stepFailed(StepCall.Failed failed, boolean forGood) {
        Map<String, @Nullable Object> json =
                step(failed.call().fallback(), failed.call().step().index());
        json.put("attempt", (long) failed.call().attempt());
        json.put("code", failed.code());
        json.put("message", failed.message());
        json.put("retryable", failed.retryable());
        json.put("ms", failed.millis());
        if (forGood) {
            json.put("forGood", true);
        }
        return with(json, failed.inside());
    }

    /** Whether an attempt ended without a call, as a person must approve it first. */
    boolean isUnapproved() {
        return StepCall.Unapproved.CODE.equals(json.get("code"));
    }

    /** A change of state with the call that waits for its approval. */
    static Map<String, @Nullable Object> previewed(
            Map<String, @Nullable Object> change, StepCall call, List<String> reasons) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("step", (long) call.step().index());
        json.put("tool", call.step().tool());
        json.put("args", call.args());
        json.put("reasons", reasons);
        change.put("preview", json);
        return change;
    }

    /** Marks what a model planned after it had read results. */
    static Map<String, @Nullable Object> late(Map<String, @Nullable Object> json, boolean late) {
        if (late) {
            json.put("late", true);
        }
        return json;
    }

    /** Why a step cannot go on; null when another attempt is made. */
    Route.@Nullable Loss loss() {
        return has("forGood")
                ? new Route.Loss(text("code"), text("message"), Boolean.TRUE.equals(value("retryable")))
                : null;
    }

    static Map<String, @Nullable Object> stateChanged(
            ActionProgress action, ActionState from, ActionState to, String reason, boolean repeat) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("name", action.action.name());
        json.put("from", from.wireName());
        json.put("to", to.wireName());
        json.put("reason", reason);
        if (repeat) {
            json.put("repeat", true);
        } else if (action.route().isFallback()) {
            json.put("fallback", (long) action.route().number);
        }
        return json;
    }

    /** A flow has come to its next state. */
    static Map<String, @Nullable Object> flowState(Flow flow, @Nullable FlowState from, FlowState to) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("flow", (long) flow.flowId());
        json.put("name", flow.name());
        json.put("persona", flow.persona());
        json.put("from", from == null ? null : from.wireName());
        json.put("to", to.wireName());
        if (to == FlowState.DEPENDENCY_ANALYSIS) {
            Map<String, @Nullable Object> needs = new LinkedHashMap<>();
            flow.actions()
                    .forEach(action -> needs.put(
                            Integer.toString(action.actionId()),
                            action.dependsOn().stream().map(Integer::longValue).toList()));
            json.put("dependsOn", needs);
        } else if (to == FlowState.TOPOLOGICAL_SORT) {
            json.put(
                    "order",
                    flow.waves().stream()
                            .flatMap(List::stream)
                            .map(action -> (long) action.actionId())
                            .toList());
        }
        return json;
    }

    /** An action is assigned anew. */
    static Map<String, @Nullable Object> assigned(ActionProgress action, ActionState from, String reason) {
        Map<String, @Nullable Object> json = stateChanged(action, from, ActionState.ASSIGNED, reason, false);
        json.put("epoch", (long) action.ref.epoch());
        return json;
    }

    /** The plan that an action gets in the place of what failed. */
    static Map<String, @Nullable Object> repaired(Fallback plan) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("plan", RecipeDocument.fallback(plan));
        return json;
    }

    /**
     * What the run does from now on.
     *
     * @param again the tasks of the actions that are assigned anew
     */
    static Map<String, @Nullable Object> updated(int definition, RunPlan plan, List<String> again) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("definition", (long) definition);
        json.put("recipe", RecipeDocument.content(plan.recipe()));
        json.put("taken", plan.taken().stream().map(Payload::taken).toList());
        json.put("again", again);
        if (plan.gathering() != null) {
            json.put("gathering", gathering(plan.gathering()));
        }
        untrusted(json, plan);
        return json;
    }

    /** The plan with what this says changed in it. */
    RunPlan updated(RunPlan plan) {
        List<Taken> taken = new ArrayList<>();
        for (Map<String, @Nullable Object> one : objects("taken")) {
            taken.add(new Payload(one).taken());
        }
        Recipe recipe = RecipeDocument.read(object("recipe"));
        RunPlan next = has("gathering")
                ? plan.gathered(recipe, taken, new Payload(object("gathering")).gathering())
                : plan.with(recipe, taken);
        return next.with(untrusted());
    }

    /**
     * What an action is broken down into.
     *
     * @param answer the subtask whose result is that of the action, from 1
     */
    static Map<String, @Nullable Object> brokenDown(List<Action> subtasks, int answer) {
        List<Map<String, @Nullable Object>> parts = new ArrayList<>();
        for (Action subtask : subtasks) {
            Map<String, @Nullable Object> part =
                    RecipeDocument.fallback(new Fallback(subtask.description(), subtask.steps()));
            part.put("name", subtask.name());
            parts.add(part);
        }
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("subtasks", parts);
        json.put("answer", (long) answer);
        return json;
    }

    /** A question to a person. */
    static Map<String, @Nullable Object> asked(StepCall call) {
        Map<String, @Nullable Object> json = step(call.fallback(), call.step().index());
        json.put("question", call.questionId());
        json.put("text", call.args().get("question"));
        json.put("schema", call.args().get("schema"));
        json.put("deadline", call.until() == null ? null : call.until().toString());
        return json;
    }

    /** Its answer. */
    static Map<String, @Nullable Object> answered(String question, @Nullable Object value) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("question", question);
        json.put("value", Json.valueOf(value));
        return json;
    }

    /** Token counts are numbers, money is text: micro-Spark do not fit a double. */
    static Map<String, @Nullable Object> modelCalled(ModelCall call) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("purpose", call.purpose());
        json.put("model", call.model());
        json.put("tokensIn", call.tokens().in());
        json.put("tokensOut", call.tokens().out());
        json.put("ms", call.millis());
        json.put("microSpark", Long.toString(call.cost().micro()));
        return json;
    }

    static ModelCall modelCall(Map<String, @Nullable Object> json) {
        Payload payload = new Payload(json);
        return new ModelCall(
                payload.text("purpose"),
                payload.text("model"),
                new TokenCount(payload.number("tokensIn"), payload.number("tokensOut")),
                payload.number("ms"),
                new Spark(Long.parseLong(payload.text("microSpark"))));
    }

    static Map<String, @Nullable Object> answered(InDoubt decision) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        if (decision instanceof InDoubt.TakeAsDone done) {
            json.put("decision", "take_as_done");
            json.put("output", Json.valueOf(done.output()));
        } else {
            json.put("decision", decision instanceof InDoubt.RunAgain ? "run_again" : "give_up");
        }
        return json;
    }

    boolean has(String field) {
        return json.get(field) != null;
    }

    @Nullable
    Object value(String field) {
        return json.get(field);
    }

    String text(String field) {
        return (String) Objects.requireNonNull(json.get(field), field);
    }

    @Nullable
    String optionalText(String field) {
        return (String) json.get(field);
    }

    long number(String field) {
        return (Long) Objects.requireNonNull(json.get(field), field);
    }

    int integer(String field) {
        return Math.toIntExact(number(field));
    }

    @SuppressWarnings("unchecked")
    Map<String, @Nullable Object> object(String field) {
        return (Map<String, @Nullable Object>) Objects.requireNonNull(json.get(field), field);
    }

    @SuppressWarnings("unchecked")
    List<Map<String, @Nullable Object>> objects(String field) {
        return (List<Map<String, @Nullable Object>>) Objects.requireNonNull(json.get(field), field);
    }

    List<String> texts(String field) {
        return json.get(field) instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }
}
