package dev.hart.server.cli;

import dev.hart.Hart;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.Runs.Approval;
import dev.hart.Runs.Question;
import dev.hart.Savings;
import dev.hart.error.RunNotFoundException;
import dev.hart.recipe.RecipeVersion;
import dev.hart.server.Documents.RunDocument;
import dev.hart.server.JsonText;
import dev.hart.server.cli.Terminal.Tone;
import java.io.IOException;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Tells a run while it goes on, and then how it ended. */
final class RunPrinter {
    private static final int LONGEST_OUTPUT = 4_000;

    private final Terminal terminal;
    private final Hart hart;
    private final String place;
    private List<PlanLine> plan = List.of();
    /** The steps that have begun, so that their ends can be told by name. */
    private final Map<String, PlanLine> begun = new LinkedHashMap<>();

    RunPrinter(Terminal terminal, Hart hart, String place) {
        this.terminal = terminal;
        this.hart = hart;
        this.place = place;
    }

    /**
     * Waits for a run that was started, and tells it.
     *
     * @param json whether to print one JSON document and nothing else
     * @return the exit code that the run stands for
     */
    int follow(RunHandle handle, boolean json) {
        try (Interruption ignored = Interruption.of(terminal, hart, handle)) {
            if (json) {
                Run run = handle.await();
                terminal.line(JsonText.writeIndented(RunDocument.of(hart, run)));
                return exitCode(run);
            }
            try {
                follow(handle.events());
            } catch (RunNotFoundException e) {
                // It never started; await says why.
            }
            Run run = handle.await();
            end(run);
            return exitCode(run);
        }
    }

    /** Tells the events until they end. */
    void follow(Stream<RunEvent> events) {
        try (events) {
            events.forEach(this::tell);
        }
    }

    private void tell(RunEvent event) {
        Map<String, @Nullable Object> data = event.data();
        switch (event.type()) {
            case RUN_STARTED -> started(event);
            case RUN_RESUMED -> terminal.line(terminal.tone(Tone.QUIET, "  taken up where it stopped"));
            case STEP_STARTED -> begun.put(event.action() + "/" + data.get("step"), step(event));
            case STEP_FINISHED -> finished(event, data);
            case STEP_FAILED ->
                ended(
                        event,
                        terminal.tone(Tone.BAD, "failed"),
                        Terminal.shorten(data.get("code") + ": " + data.get("message"), 200));
            case RECIPE_SAVED, RUN_PLANNING, RUN_PAUSED, RUN_FINISHED, ACTION_STATE_CHANGED, FLOW_STATE_CHANGED -> {}
            case TRANSITION_REJECTED,
                    VERDICT_ID_MISMATCH,
                    MODEL_CALLED,
                    REPAIRED,
                    UPDATED,
                    BROKEN_DOWN,
                    APPROVED,
                    REJECTED,
                    ASKED,
                    ANSWERED ->
                terminal.line("  "
                        + Terminal.pad(event.type().wireName(), 20)
                        + Terminal.shorten(String.valueOf(data.getOrDefault("purpose", event.action())), 60));
        }
    }

    private void finished(RunEvent event, Map<String, @Nullable Object> data) {
        if (data.get("keptFrom") instanceof Map<?, ?> place) {
            ended(
                    event,
                    terminal.tone(Tone.QUIET, "kept"),
                    "from event " + place.get("event") + " of " + place.get("run"));
        } else if (data.containsKey("given")) {
            ended(event, terminal.tone(Tone.MARKED, "given"), "");
        } else {
            ended(event, terminal.tone(Tone.GOOD, "done"), data.get("ms") + " ms");
        }
    }

    private void started(RunEvent event) {
        Map<String, @Nullable Object> data = event.data();
        Mode mode = Mode.valueOf(String.valueOf(data.get("mode")));
        terminal.line(terminal.tone(Tone.STRONG, mode.name()) + "  "
                + switch (mode) {
                    case CREATE -> "no stored recipe fits: planned anew";
                    case REUSE -> "replaying " + recipeName(data);
                    case RERUN -> again(data);
                });
        plan = PlanLine.of(recipe(data), data.get("inputs") instanceof Map<?, ?> inputs ? inputs : Map.of());
        terminal.blank();
        terminal.line(terminal.tone(Tone.QUIET, "Plan"));
        int names = plan.stream().mapToInt(line -> line.action().length()).max().orElse(0);
        int tools = plan.stream().mapToInt(line -> line.does().length()).max().orElse(0);
        for (int i = 0; i < plan.size(); i++) {
            PlanLine line = plan.get(i);
            terminal.line(("  %d  %s  %s  %s")
                    .formatted(
                            i + 1,
                            Terminal.pad(line.action(), names),
                            terminal.tone(Tone.MARKED, Terminal.pad(line.does(), tools)),
                            line.arguments())
                    .stripTrailing());
        }
        terminal.blank();
        terminal.line(terminal.tone(Tone.QUIET, "Run " + event.runId()));
    }

    private static String again(Map<String, @Nullable Object> data) {
        return data.get("rerunOf") instanceof Map<?, ?> origin
                ? "running " + origin.get("run") + " again from its event " + origin.get("event")
                : "";
    }

    private String recipeName(Map<String, @Nullable Object> data) {
        return hart.recipes()
                .get(String.valueOf(data.get("recipeId")), Integer.parseInt(String.valueOf(data.get("recipeVersion"))))
                .label();
    }

    @SuppressWarnings("unchecked")
    private Map<String, @Nullable Object> recipe(Map<String, @Nullable Object> data) {
        if (data.get("recipe") instanceof Map<?, ?> content) {
            return (Map<String, @Nullable Object>) content;
        }
        RecipeVersion version = hart.recipes()
                .get(String.valueOf(data.get("recipeId")), Integer.parseInt(String.valueOf(data.get("recipeVersion"))));
        try {
            return JsonText.readObject(hart.recipes().toJson(version).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException("a stored recipe that is not JSON", e);
        }
    }

    private PlanLine step(RunEvent event) {
        return plan.stream()
                .filter(line -> line.task().equals(event.action())
                        && String.valueOf(line.step())
                                .equals(String.valueOf(event.data().get("step"))))
                .findFirst()
                .orElseGet(() -> new PlanLine(
                        event.action(),
                        event.action(),
                        0,
                        String.valueOf(event.data().get("tool")),
                        ""));
    }

    private void ended(RunEvent event, String how, String detail) {
        PlanLine step = begun.getOrDefault(event.action() + "/" + event.data().get("step"), step(event));
        int names = plan.stream().mapToInt(line -> line.action().length()).max().orElse(0);
        int tools = plan.stream().mapToInt(line -> line.does().length()).max().orElse(0);
        terminal.line("     %s  %s  %s  %s"
                .formatted(Terminal.pad(step.action(), names), Terminal.pad(step.does(), tools), how, detail)
                .stripTrailing());
    }

    /** How the run ended. */
    void end(Run run) {
        terminal.blank();
        switch (run.state()) {
            case SUCCEEDED -> terminal.field("Output", output(run));
            case PAUSED -> paused(run);
            case FAILED, CANCELLED, RUNNING ->
                terminal.field(
                        run.state().name().charAt(0)
                                + run.state().name().substring(1).toLowerCase(Locale.ROOT),
                        run.failure()
                                .map(e -> e.getMessage() + " (" + e.code() + ")")
                                .orElse(""));
        }
        run.recipe().ifPresent(version -> terminal.field("Recipe", saved(run, version)));
        terminal.field(
                "Mode",
                run.mode() + ", " + counted(run.report().modelCalls(), "model call")
                        + (run.mode() == Mode.RERUN
                                ? ", " + counted(run.report().keptSteps(), "step") + " kept"
                                : ""));
        terminal.field(
                "Time",
                time(run.elapsed()) + run.savings().map(s -> speedUp(run, s)).orElse(""));
        run.report().notes().forEach(note -> terminal.field("Note", note));
    }

    private String saved(Run run, RecipeVersion version) {
        return run.mode() == Mode.CREATE
                ? version.label() + "  learned, saved in " + place
                : version.label() + "  from " + place;
    }

    private void paused(Run run) {
        terminal.field("Paused", run.failure().map(Throwable::getMessage).orElse("waits for a person"));
        List<Question> questions = hart.runs().questions(run.id());
        for (Question question : questions) {
            terminal.field("Question", name(run.id(), question) + "  " + question.text());
        }
        for (Approval approval : hart.runs().approvals(run.id())) {
            String action =
                    approval.runId().equals(run.id()) ? approval.action() : approval.runId() + "/" + approval.action();
            terminal.field("Approval", action + "  " + String.join("; ", approval.reasons()));
        }
        terminal.field(
                "Next",
                questions.isEmpty()
                        ? "hart runs approve " + run.id() + " ACTION, or hart runs reject " + run.id() + " ACTION"
                        : "hart runs answer " + run.id() + " QUESTION VALUE");
    }

    /** What a question of a run, or of a run inside it, is called. */
    static String name(String runId, Question question) {
        return question.runId().equals(runId) ? question.id() : question.runId() + "/" + question.id();
    }

    private static String output(Run run) {
        Object value = run.output();
        String text = value instanceof String plain ? plain : JsonText.write(value);
        return text.length() <= LONGEST_OUTPUT
                ? text
                : text.substring(0, LONGEST_OUTPUT) + "... (" + text.length() + " characters; hart runs show --json "
                        + run.id() + " has all)";
    }

    private static String speedUp(Run run, Savings savings) {
        Duration taught = run.elapsed().plus(savings.time());
        if (savings.speedUp() == null) {
            return "";
        }
        String percent = savings.speedUp()
                .movePointRight(2)
                .setScale(1, RoundingMode.HALF_UP)
                .toPlainString();
        String first = savings.speedUp().signum() < 0 ? percent.substring(1) + " % more" : percent + " % less";
        return "  " + first + " than the " + time(taught) + " of its CREATE run"
                + (savings.modelCalls() > 0
                        ? ", " + counted(savings.modelCalls(), "model call") + " and " + savings.tokens()
                                + " tokens saved"
                        : "");
    }

    static String counted(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    static String time(Duration time) {
        long millis = time.toMillis();
        if (millis < 10_000) {
            return millis + " ms";
        }
        return millis < 600_000 ? millis / 1_000 + " s" : time.toMinutes() + " min";
    }

    /** The exit code that a run stands for. */
    static int exitCode(Run run) {
        return run.state() == RunState.SUCCEEDED ? HartCommand.OK : HartCommand.FAILED;
    }
}
