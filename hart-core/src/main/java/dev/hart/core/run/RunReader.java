package dev.hart.core.run;

import dev.hart.Evidence;
import dev.hart.HartClock;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunReport;
import dev.hart.RunState;
import dev.hart.Runs.Approval;
import dev.hart.Runs.Question;
import dev.hart.Savings;
import dev.hart.core.recipe.RecipeStore;
import dev.hart.error.HartException;
import dev.hart.error.RecipeNotFoundException;
import dev.hart.error.RunBusyException;
import dev.hart.error.RunCancelledException;
import dev.hart.error.RunFailedException;
import dev.hart.error.RunNotFoundException;
import dev.hart.error.RunPausedException;
import dev.hart.ledger.LedgerEvent;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Ledgers;
import dev.hart.ledger.Task;
import dev.hart.recipe.RecipeVersion;
import dev.hart.spi.Signer;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads runs from their journals. Thread-safe. */
final class RunReader {
    private static final int PAGE = 1_000;
    private static final Map<String, RunEvent.Type> TYPES =
            Arrays.stream(RunEvent.Type.values()).collect(Collectors.toMap(Enum::name, Function.identity()));

    /** CREATE runs whose figures are kept: every REUSE run is compared with its own. */
    private static final int MAX_TEACHERS = 1_000;

    private final Ledgers ledgers;
    private final RecipeStore recipes;
    private final Supplier<Signer> signer;
    private final HartClock clock;
    private final Map<String, Taught> teachers = new ConcurrentHashMap<>();

    /** What a CREATE run took. */
    private record Taught(Duration elapsed, RunReport report) {}

    RunReader(RunContext context) {
        this.ledgers = context.ledgers();
        this.recipes = context.recipes();
        this.signer = context.signer();
        this.clock = context.clock();
    }

    /** The run's own task; throws when there is no such run. */
    Task task(String runId) {
        return ledgers.ledger(LedgerId.run(runId))
                .task(JournalEntry.RUN)
                .orElseThrow(() -> new RunNotFoundException("there is no run " + runId));
    }

    /** The run around a run inside; null for a run of its own. */
    @Nullable
    String outer(String runId) {
        return new Payload(task(runId).context()).optionalText("outer");
    }

    /** The events of the run itself, those of its tasks left out. */
    List<RunEvent> events(String runId, long afterSeq) {
        List<RunEvent> events = new ArrayList<>();
        page(runId, afterSeq, events);
        return events;
    }

    /** Adds one page of events, and returns the place behind it; the same place when there was none. */
    long page(String runId, long afterSeq, List<RunEvent> into) {
        long last = afterSeq;
        for (LedgerEvent event : ledgers.ledger(LedgerId.run(runId)).events(afterSeq, PAGE)) {
            last = event.seq();
            RunEvent.Type type = TYPES.get(event.type());
            if (type != null) {
                into.add(new RunEvent(runId, event.seq(), event.at(), type, event.taskId(), event.payload()));
            }
        }
        return last;
    }

    /** Where a run stands, folded from its whole journal. */
    RunProgress progress(String runId) {
        return fold(runId, journal(runId));
    }

    /** What a run recorded, read from its whole journal. */
    EarlierRun earlier(String runId) {
        List<RunEvent> events = journal(runId);
        return new EarlierRun(fold(runId, events), events);
    }

    private List<RunEvent> journal(String runId) {
        task(runId);
        List<RunEvent> events = new ArrayList<>();
        long seq = 0;
        for (long next = page(runId, seq, events); next != seq; next = page(runId, seq, events)) {
            seq = next;
        }
        return events;
    }

    private RunProgress fold(String runId, List<RunEvent> events) {
        RunEvent first = events.stream()
                .filter(event -> event.type() == RunEvent.Type.RUN_STARTED)
                .findFirst()
                .orElseThrow(() -> new RunNotFoundException("run " + runId + " has no beginning in its journal"));
        Payload payload = new Payload(first.data());
        RecipeVersion version = payload.has("recipeId")
                ? recipes.get(payload.text("recipeId"), payload.integer("recipeVersion"))
                : null;
        RunProgress progress = new RunProgress(runId, payload.plan(version));
        progress.replaying(true);
        for (RunEvent event : events) {
            progress.apply(new JournalEntry(event.action(), event.type(), event.data()), event.at());
        }
        progress.replaying(false);
        return progress;
    }

    /** What a run waits for from a person; what a run inside waits for has that run's id before it, {@code id/action_1: …}. */
    List<String> waitingFor(RunProgress progress) {
        List<String> waiting = new ArrayList<>(progress.waitingFor());
        for (RunProgress halted : haltedInside(progress)) {
            for (String each : waitingFor(halted)) {
                waiting.add(each.contains("/") ? each : halted.runId + "/" + each);
            }
        }
        return waiting.isEmpty() && progress.pausedByHalt ? List.of(RunProgress.HALTED) : waiting;
    }

    /** The open questions of a run and of the runs inside. */
    List<Question> questions(RunProgress progress) {
        List<Question> questions = new ArrayList<>(progress.questions());
        haltedInside(progress).forEach(halted -> questions.addAll(questions(halted)));
        return questions;
    }

    /** The approvals that a run and the runs inside wait for. */
    List<Approval> approvals(RunProgress progress) {
        List<Approval> approvals = new ArrayList<>(progress.approvals());
        haltedInside(progress).forEach(halted -> approvals.addAll(approvals(halted)));
        return approvals;
    }

    /** The runs inside a run that wait for a person. */
    private List<RunProgress> haltedInside(RunProgress progress) {
        List<RunProgress> halted = new ArrayList<>();
        for (ActionProgress action : progress.halted()) {
            RunProgress inner = progress(Objects.requireNonNull(action.route().run));
            if (inner.state == RunState.PAUSED) {
                halted.add(inner);
            }
        }
        return halted;
    }

    /** Whether a run has ended, or would go on when it is taken up. */
    boolean canGoOn(RunProgress progress) {
        if (progress.state != RunState.PAUSED) {
            return true;
        }
        if (progress.canGoOn(clock.instant())) {
            return true;
        }
        List<ActionProgress> halted = progress.halted();
        return halted.isEmpty()
                ? progress.waitingFor().isEmpty()
                : halted.stream().anyMatch(action -> canGoOn(progress(Objects.requireNonNull(action.route().run))));
    }

    /** The run that a progress stands for. */
    Run run(RunProgress progress) {
        RunReport report = progress.report();
        RecipeVersion recipe = recipe(progress);
        return new EndedRun(
                progress.runId,
                progress.state,
                progress.plan.mode(),
                progress.plan.request(),
                Optional.ofNullable(recipe),
                progress.result,
                Optional.ofNullable(failure(progress)),
                progress.elapsed,
                report,
                Optional.ofNullable(savings(progress, report, recipe)),
                () -> evidence(progress.runId));
    }

    /** The evidence of a run that has ended. */
    private Evidence evidence(String runId) {
        RunState state = RunDirectory.stateOf(task(runId).status());
        if (state == RunState.PAUSED) {
            List<String> waitingFor = waitingFor(progress(runId));
            throw new RunPausedException(
                    "run " + runId + " has no evidence before its end, and waits for a person: "
                            + String.join(", ", waitingFor),
                    waitingFor);
        }
        if (!state.hasEnded()) {
            throw new RunBusyException("run " + runId + " goes on, and has no evidence before its end");
        }
        return RunEvidence.of(ledgers.ledger(LedgerId.run(runId)), signer.get(), clock);
    }

    /** The stored recipe that a run replayed or taught; null when there is none. */
    @Nullable
    RecipeVersion recipe(RunProgress progress) {
        if (progress.plan.version() != null) {
            return progress.plan.version();
        }
        String id = progress.recipeId;
        Integer version = progress.recipeVersion;
        return id == null || version == null ? null : recipes.get(id, version);
    }

    private @Nullable HartException failure(RunProgress progress) {
        String message = "run " + progress.runId + ": " + progress.failureMessage;
        return switch (progress.state) {
            case FAILED ->
                new RunFailedException(
                        progress.failureCode == null ? "RUN_FAILED" : progress.failureCode, message, null);
            case CANCELLED -> new RunCancelledException(message);
            case PAUSED -> {
                List<String> waitingFor = waitingFor(progress);
                yield new RunPausedException(
                        progress.pausedByHalt
                                ? "run " + progress.runId + " was paused because the node was halted; once it is not,"
                                        + " resume(\"" + progress.runId + "\") goes on"
                                : "run " + progress.runId + " waits for a person: " + String.join(", ", waitingFor),
                        waitingFor);
            }
            default -> null;
        };
    }

    private @Nullable Savings savings(RunProgress progress, RunReport report, @Nullable RecipeVersion recipe) {
        if (progress.plan.mode() != Mode.REUSE
                || progress.state != RunState.SUCCEEDED
                || recipe == null
                || recipe.learnedBy() == null) {
            return null;
        }
        Taught taught = taughtBy(recipe.learnedBy());
        if (taught == null) {
            return null;
        }
        return new Savings(
                taught.report().modelCalls() - report.modelCalls(),
                taught.report().tokens().total() - report.tokens().total(),
                taught.report().cost().minus(report.cost()),
                taught.elapsed().minus(progress.elapsed),
                speedUp(progress.elapsed, taught.elapsed()));
    }

    private @Nullable Taught taughtBy(String runId) {
        Taught known = teachers.get(runId);
        if (known != null) {
            return known;
        }
        try {
            RunProgress teacher = progress(runId);
            Taught taught = new Taught(teacher.elapsed, teacher.report());
            if (teachers.size() < MAX_TEACHERS) {
                teachers.put(runId, taught);
            }
            return taught;
        } catch (RunNotFoundException | RecipeNotFoundException e) {
            return null;
        }
    }

    /** {@code 1 - reuse/create}, four decimals HALF_UP; null when create took no time. */
    static @Nullable BigDecimal speedUp(Duration reuse, Duration create) {
        return create.isZero()
                ? null
                : BigDecimal.valueOf(create.minus(reuse).toNanos())
                        .divide(BigDecimal.valueOf(create.toNanos()), 4, RoundingMode.HALF_UP);
    }
}
