package dev.hart.server;

import dev.hart.Evidence;
import dev.hart.Goal;
import dev.hart.Goal.WhenMissing;
import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Rerun;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.Runs;
import dev.hart.Runs.InDoubt;
import dev.hart.error.RunNotFoundException;
import dev.hart.server.Documents.RunDocument;
import dev.hart.server.Documents.RunLine;
import dev.hart.server.Documents.Started;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The routes below {@code /runs}. */
final class RunRoutes {
    static final Map<String, @Nullable Object> REQUEST_TEXT =
            Map.of("type", "string", "minLength", 1L, "maxLength", 10_000L);
    private static final String EVIDENCE = "text/plain";
    private static final String NOT_FOUND = "RUN_NOT_FOUND";
    /** How long a call that takes a run up waits for it to be over, or to be refused, before it answers. */
    private static final long RESUME_ANSWER_MILLIS = 1_000;

    private final Hart hart;
    private final LiveRuns runs;
    private final EventStreams streams;
    private final ExecutorService background;

    RunRoutes(Hart hart, LiveRuns runs, EventStreams streams, ExecutorService background) {
        this.hart = hart;
        this.runs = runs;
        this.streams = streams;
        this.background = background;
    }

    private record ActionBody(String action) {}

    private enum Decision {
        RUN_AGAIN,
        TAKE_AS_DONE,
        GIVE_UP
    }

    void describe(RouteTable table) {
        table.get("/runs")
                .summary("The newest runs first")
                .query("limit", "how many", Map.of("type", "integer", "minimum", 1L, "maximum", 1_000L, "default", 50L))
                .answersListOf(RunLine.class)
                .refuses(400, "invalid_query")
                .handle(Access.USER, call -> Reply.ok(runs.list(call.number("limit", 50, 1, 1_000))));
        table.post("/runs")
                .summary("Starts what a request asks for, in the background")
                .takes(startSchema())
                .answers(202, Started.class)
                .refuses(403, "GUARDRAIL_REFUSED")
                .refuses(503, "too_many_runs")
                .handle(Access.USER, this::start);
        table.get("/runs/{id}")
                .summary("One run as it stands")
                .answers(200, RunDocument.class)
                .refuses(404, NOT_FOUND)
                .handle(Access.USER, call -> Reply.ok(runs.get(call.id())));
        table.get("/runs/{id}/events")
                .summary("The run's journal as server-sent events, until it ends or is paused")
                .header("Last-Event-ID", "goes on behind this event", Map.of("type", "integer", "minimum", 0L))
                .answers(200, "text/event-stream", Map.of("type", "string"))
                .refuses(404, NOT_FOUND)
                .refuses(503, "too_many_viewers")
                .handle(Access.USER, this::events);
        table.get("/runs/{id}/evidence")
                .summary("The signed record of a run that has ended, in the format hart.evidence/1")
                .answers(200, EVIDENCE, Map.of("type", "string"))
                .refuses(404, NOT_FOUND)
                .refuses(409, "RUN_BUSY", "RUN_PAUSED")
                .refuses(500, "LEDGER_CORRUPT")
                .handle(Access.USER, this::evidence);
        table.post("/runs/{id}/cancel")
                .summary("Asks the run to stop")
                .answers(202, RunDocument.class)
                .refuses(404, NOT_FOUND)
                .handle(Access.USER, this::cancel);
        table.post("/runs/{id}/resume")
                .summary("Takes an unfinished run up where its journal ends")
                .answers(202, RunDocument.class)
                .refuses(404, NOT_FOUND)
                .refuses(409, "RUN_BUSY")
                .handle(Access.USER, call -> resume(call.id()));
        table.post("/runs/{id}/rerun")
                .summary("Makes a new run from an ended one with something changed: only what depends on it runs again")
                .takes(rerunSchema())
                .answers(202, Started.class)
                .refuses(400, "INPUT_INVALID", "RERUN_INVALID", "RECIPE_INVALID")
                .refuses(404, NOT_FOUND, "RECIPE_NOT_FOUND")
                .refuses(409, "RUN_BUSY", "RUN_PAUSED")
                .refuses(503, "too_many_runs")
                .handle(Access.USER, this::rerun);
        table.post("/runs/{id}/approve")
                .summary("Lets an action go ahead that waits for approval")
                .takes(ActionBody.class)
                .answers(202, RunDocument.class)
                .refuses(404, NOT_FOUND)
                .refuses(409, "ILLEGAL_TRANSITION", "RUN_BUSY")
                .handle(Access.USER, call -> {
                    hart.runs().approve(known(call), call.text("action"));
                    return resumeWhenAnswered(call.id());
                });
        table.post("/runs/{id}/reject")
                .summary("Drops an action that waits for approval")
                .takes(ActionBody.class)
                .answers(202, RunDocument.class)
                .refuses(404, NOT_FOUND)
                .refuses(409, "ILLEGAL_TRANSITION", "RUN_BUSY")
                .handle(Access.USER, call -> {
                    hart.runs().reject(known(call), call.text("action"));
                    return resumeWhenAnswered(call.id());
                });
        table.post("/runs/{id}/answer")
                .summary("Answers a question of the run")
                .takes(answerSchema())
                .answers(202, RunDocument.class)
                .refuses(400, "INPUT_INVALID")
                .refuses(404, NOT_FOUND)
                .refuses(409, "ILLEGAL_TRANSITION", "RUN_BUSY")
                .handle(Access.USER, call -> {
                    hart.runs()
                            .answer(
                                    known(call),
                                    call.text("question"),
                                    call.body().get("value"));
                    return resumeWhenAnswered(call.id());
                });
        table.post("/runs/{id}/resolve")
                .summary("Says what became of a step in doubt")
                .takes(resolveSchema())
                .answers(202, RunDocument.class)
                .refuses(404, NOT_FOUND)
                .refuses(409, "ILLEGAL_TRANSITION", "RUN_BUSY")
                .handle(Access.USER, call -> {
                    hart.runs().resolve(known(call), call.text("action"), decision(call));
                    return resumeWhenAnswered(call.id());
                });
    }

    private Reply start(Call call) {
        String request = call.text("request");
        boolean anew = call.body().containsKey("inputs") || call.body().containsKey("whenMissing");
        Goal goal = anew ? goal(call) : Goal.of(request);
        RunHandle handle = runs.start(request, () -> anew ? hart.start(goal) : hart.start(request));
        return new Reply.Document(202, new Started(handle.id()));
    }

    private static Goal goal(Call call) {
        Goal goal = Goal.of(call.text("request")).inputs(new Inputs(call.object("inputs")));
        return call.body().containsKey("whenMissing")
                ? new Goal(goal.text(), goal.inputs(), WhenMissing.valueOf(call.text("whenMissing")))
                : goal;
    }

    private static Map<String, @Nullable Object> startSchema() {
        return Map.of(
                "type",
                "object",
                "properties",
                Map.of(
                        "request",
                        REQUEST_TEXT,
                        "inputs",
                        Map.of(
                                "type",
                                "object",
                                "description",
                                "values that the plan is to use, by name; the request is planned anew"),
                        "whenMissing",
                        Map.of(
                                "type",
                                "string",
                                "enum",
                                Stream.of(WhenMissing.values()).map(Enum::name).toList(),
                                "description",
                                "what to do about a value that the plan needs and that is not given; the request is"
                                        + " planned anew")),
                "required",
                List.of("request"),
                "additionalProperties",
                false);
    }

    private Reply events(Call call) {
        String id = call.id();
        long after = EventStreams.lastEventId(call, 0);
        Supplier<Stream<RunEvent>> events = runs.events(id, after);
        return streams.answer(call, () -> events.get().map(EventStreams::message), () -> ended(id));
    }

    private Map<String, Object> ended(String id) {
        Map<String, Object> end = new LinkedHashMap<>();
        end.put("runId", id);
        end.put("state", runs.get(id).run().state().name());
        return end;
    }

    private Reply evidence(Call call) throws IOException {
        Evidence evidence = hart.runs().get(known(call)).evidence();
        HttpServletResponse response = call.context().res();
        response.setContentType(EVIDENCE);
        response.setCharacterEncoding("utf-8");
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("Content-Disposition", "attachment; filename=\"" + call.id() + ".evidence\"");
        evidence.writeTo(response.getOutputStream());
        return new Reply.Stream(CompletableFuture.completedFuture(null));
    }

    private Reply cancel(Call call) {
        String id = call.id();
        Optional<RunHandle> planning = runs.handle(id);
        if (hart.runs().find(id).isPresent()) {
            hart.runs().cancel(id);
        } else {
            planning.orElseThrow(() -> new RunNotFoundException("there is no run " + id))
                    .cancel();
        }
        return new Reply.Document(202, runs.get(id));
    }

    private Reply resumeWhenAnswered(String id) {
        RunDocument run = runs.get(id);
        boolean answered =
                run.run().state() == RunState.PAUSED && run.run().waitingFor().isEmpty();
        return answered ? resume(id) : new Reply.Document(202, run);
    }

    private Reply resume(String id) {
        if (hart.runs().find(id).isEmpty()) {
            throw new RunNotFoundException("there is no run " + id);
        }
        CompletableFuture<@Nullable Run> resumed = CompletableFuture.supplyAsync(() -> hart.resume(id), background);
        return new Reply.Later(resumed.completeOnTimeout(null, RESUME_ANSWER_MILLIS, TimeUnit.MILLISECONDS)
                .handle((run, failure) -> {
                    if (failure != null) {
                        throw failure instanceof CompletionException e ? e : new CompletionException(failure);
                    }
                    return new Reply.Document(202, runs.get(id));
                }));
    }

    private String known(Call call) {
        String id = call.id();
        if (hart.runs().find(id).isEmpty()) {
            throw new RunNotFoundException("there is no run " + id);
        }
        return id;
    }

    private Reply rerun(Call call) {
        String id = known(call);
        Rerun rerun = hart.rerun(id);
        for (Map.Entry<String, @Nullable Object> input : call.object("inputs").entrySet()) {
            rerun = rerun.withInput(input.getKey(), input.getValue());
        }
        for (Map.Entry<String, @Nullable Object> result : call.object("results").entrySet()) {
            rerun = rerun.withResult(result.getKey(), result.getValue());
        }
        if (call.body().containsKey("recipe")) {
            rerun = rerun.withRecipe(RecipeLabel.find(hart.recipes(), call.text("recipe")));
        }
        if (call.body().get("from") instanceof Long from) {
            rerun = rerun.from(from);
        }
        Rerun order = rerun;
        String request = hart.runs().find(id).map(Runs.Summary::request).orElse("");
        RunHandle handle = runs.start(request, order::start);
        return new Reply.Document(202, new Started(handle.id()));
    }

    private static Map<String, @Nullable Object> rerunSchema() {
        return Map.of(
                "type",
                "object",
                "properties",
                Map.of(
                        "from",
                        Map.of(
                                "type",
                                "integer",
                                "minimum",
                                1L,
                                "maximum",
                                Long.MAX_VALUE,
                                "description",
                                "what was recorded after this event runs again"),
                        "inputs",
                        Map.of("type", "object", "description", "other inputs, by name"),
                        "results",
                        Map.of("type", "object", "description", "given results, by the step's output or its action"),
                        "recipe",
                        Map.of("type", "string", "minLength", 1L, "description", "another version, as name@version")),
                "additionalProperties",
                false);
    }

    private static InDoubt decision(Call call) {
        return switch (Decision.valueOf(call.text("decision"))) {
            case RUN_AGAIN -> new InDoubt.RunAgain();
            case TAKE_AS_DONE -> new InDoubt.TakeAsDone(call.body().get("output"));
            case GIVE_UP -> new InDoubt.GiveUp();
        };
    }

    private static Map<String, @Nullable Object> answerSchema() {
        return Map.of(
                "type",
                "object",
                "properties",
                Map.of(
                        "question",
                        Map.of("type", "string", "description", "its id, as the run's document has it"),
                        "value",
                        Map.of("description", "the answer; any JSON value that the question's schema allows")),
                "required",
                List.of("question", "value"),
                "additionalProperties",
                false);
    }

    private static Map<String, @Nullable Object> resolveSchema() {
        return Map.of(
                "type",
                "object",
                "properties",
                Map.of(
                        "action",
                        Map.of("type", "string"),
                        "decision",
                        Map.of(
                                "type",
                                "string",
                                "enum",
                                Stream.of(Decision.values()).map(Enum::name).toList()),
                        "output",
                        Map.of("description", "the step's result, for TAKE_AS_DONE; any JSON value")),
                "required",
                List.of("action", "decision"),
                "additionalProperties",
                false);
    }

    /** The schema of an object with this one field. */
    static Map<String, @Nullable Object> objectOf(String field, Map<String, @Nullable Object> schema) {
        return Map.of(
                "type",
                "object",
                "properties",
                Map.of(field, schema),
                "required",
                List.of(field),
                "additionalProperties",
                false);
    }
}
