package dev.hart.core.run;

import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunState;
import dev.hart.Runs;
import dev.hart.error.HartException;
import dev.hart.error.IllegalTransitionException;
import dev.hart.error.InputInvalidException;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.error.RunBusyException;
import dev.hart.error.RunNotFoundException;
import dev.hart.json.Json;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Task;
import dev.hart.ledger.TaskStatus;
import dev.hart.security.audit.AuditEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterators;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The runs in the ledger, and those that this process drives. */
public final class RunDirectory implements Runs {
    private final RunContext context;
    private final ActiveRuns active;
    private final RunReader reader;

    public RunDirectory(RunContext context, ActiveRuns active) {
        this.context = context;
        this.active = active;
        this.reader = new RunReader(context);
    }

    @Override
    public List<Summary> list(int limit) {
        if (limit < 1 || limit > 1_000) {
            throw new InvalidConfigurationException("limit must be 1 to 1,000, was " + limit);
        }
        return context.ledgers().containersNamed(JournalEntry.RUN, limit, Long.MAX_VALUE).stream()
                .map(this::summary)
                .toList();
    }

    @Override
    public Optional<Summary> find(String runId) {
        return context.ledgers()
                .ledger(LedgerId.run(runId))
                .task(JournalEntry.RUN)
                .map(this::summary);
    }

    private Summary summary(Task task) {
        String runId = task.ledger().sessionId();
        RunState state = stateOf(task.status());
        Payload header = new Payload(task.context());
        Instant ended = task.completedAt();
        return new Summary(
                runId,
                state,
                Mode.valueOf(header.text("mode")),
                header.text("request"),
                header.optionalText("recipe"),
                task.createdAt(),
                ended,
                state == RunState.PAUSED ? reader.waitingFor(reader.progress(runId)) : List.of());
    }

    static RunState stateOf(TaskStatus status) {
        return switch (status) {
            case COMPLETED -> RunState.SUCCEEDED;
            case FAILED -> RunState.FAILED;
            case TERMINATED, CANCELLED -> RunState.CANCELLED;
            case PAUSED -> RunState.PAUSED;
            default -> RunState.RUNNING;
        };
    }

    /** Whether the run is in the journal, and no other process has taken it up. */
    boolean isOurs(String runId) {
        return context.ledgers()
                .ledger(LedgerId.run(runId))
                .task(JournalEntry.RUN)
                .filter(task ->
                        task.incarnation() == null || context.processId().equals(task.incarnation()))
                .isPresent();
    }

    /** Unfinished runs that nobody drives and that wait for nobody, oldest first; those inside other runs left out. */
    List<String> orphans() {
        List<String> orphans = new ArrayList<>();
        for (Task task : context.ledgers().openContainersNamed(JournalEntry.RUN)) {
            String runId = task.ledger().sessionId();
            if (outerOf(task) == null
                    && !isDriven(runId, task)
                    && (task.status() != TaskStatus.PAUSED || reader.canGoOn(reader.progress(runId)))) {
                orphans.add(runId);
            }
        }
        return orphans;
    }

    private boolean isDriven(String runId, Task task) {
        String owner = task.incarnation();
        return active.contains(runId)
                || (owner != null
                        && !owner.equals(context.processId())
                        && context.presence().isAlive(owner));
    }

    private static @Nullable String outerOf(Task task) {
        return new Payload(task.context()).optionalText("outer");
    }

    /** Cancels the runs inside runs that have ended, which their process did not come to. */
    void endLeftInside() {
        for (Task task : context.ledgers().openContainersNamed(JournalEntry.RUN)) {
            String outer = outerOf(task);
            String runId = task.ledger().sessionId();
            if (outer != null
                    && !isDriven(runId, task)
                    && find(outer)
                            .filter(summary -> !summary.state().hasEnded())
                            .isEmpty()) {
                cancel(runId);
            }
        }
    }

    /** The earliest deadline of a question for each run that waits for a person. */
    Map<String, Instant> deadlines() {
        Map<String, Instant> deadlines = new LinkedHashMap<>();
        for (Task task : context.ledgers().openContainersNamed(JournalEntry.RUN)) {
            String runId = task.ledger().sessionId();
            Instant deadline =
                    task.status() == TaskStatus.PAUSED ? reader.progress(runId).deadline() : null;
            if (deadline != null) {
                deadlines.put(runId, deadline);
            }
        }
        return deadlines;
    }

    @Override
    public Run get(String runId) {
        RunProgress progress = reader.progress(runId);
        if (progress.state == RunState.RUNNING) {
            throw new RunBusyException(
                    "run " + runId + " is not over; follow its events, or resume it if its process is gone");
        }
        return reader.run(progress);
    }

    @Override
    public Stream<RunEvent> events(String runId, long afterSeq) {
        reader.task(runId);
        return new Follower(runId, afterSeq).stream();
    }

    /** Reads a journal page by page, and waits for more until the run ends or is paused. */
    private final class Follower extends Spliterators.AbstractSpliterator<RunEvent> {
        /** Other processes do not wake us: look this often. */
        private static final long POLL_MILLIS = 250;

        private final String runId;
        private long seq;
        private final List<RunEvent> page = new ArrayList<>();
        private int next;
        private volatile boolean closed;

        Follower(String runId, long afterSeq) {
            super(Long.MAX_VALUE, ORDERED | NONNULL);
            this.runId = runId;
            this.seq = afterSeq;
        }

        Stream<RunEvent> stream() {
            return StreamSupport.stream(this, false).onClose(() -> {
                closed = true;
                context.signals().wrote();
            });
        }

        @Override
        public boolean tryAdvance(Consumer<? super RunEvent> action) {
            while (next == page.size()) {
                long seen = context.signals().writes();
                boolean over = stateOf(reader.task(runId).status()) != RunState.RUNNING;
                page.clear();
                next = 0;
                long before = seq;
                seq = reader.page(runId, seq, page);
                if (closed || (seq == before && over)) {
                    return false;
                }
                if (seq == before && !await(seen)) {
                    return false;
                }
            }
            action.accept(page.get(next++));
            return true;
        }

        private boolean await(long seen) {
            try {
                context.signals().awaitAfter(seen, POLL_MILLIS);
                return !closed;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }

    @Override
    public void cancel(String runId) {
        if (active.cancel(runId)) {
            return;
        }
        Task task = reader.task(runId);
        if (stateOf(task.status()).hasEnded()) {
            return;
        }
        requireIdle(runId, task);
        end(runId, RunState.CANCELLED, "RUN_CANCELLED", "the run was cancelled");
    }

    /** Ends a run that nobody drives, from what its journal says; a run that has ended stays as it is. */
    void end(String runId, RunState state, String code, String message) {
        Task task = reader.task(runId);
        if (stateOf(task.status()).hasEnded()) {
            return;
        }
        RunJournal journal = new RunJournal(context, runId, task.incarnation());
        journal.reload();
        RunProgress progress = reader.progress(runId);
        JournalCommit commit = new JournalCommit();
        commit.add(journal.takeOver());
        Duration elapsed =
                Duration.between(progress.plan.startedAt(), context.clock().instant());
        commit.add(journal.finish(progress, new Ending(state, code, message, elapsed)));
        progress.state = state;
        journal.write(commit, progress);
        for (ActionProgress action : progress.byTask.values()) {
            String inner = action.route().run;
            if (inner != null && action.route().open != null && find(inner).isPresent()) {
                cancel(inner);
            }
        }
    }

    RunReader reader() {
        return reader;
    }

    /** Cancels a run that this process began, or will begin once it is planned. */
    void cancelEarly(String runId) {
        active.cancelEarly(runId);
    }

    void forget(String runId) {
        active.forget(runId);
    }

    /** Blocks until the run is in the journal, or will never be. */
    void awaitBeginning(String runId, Future<?> run) {
        while (!run.isDone() && find(runId).isEmpty()) {
            long seen = context.signals().writes();
            try {
                context.signals().awaitAfter(seen, Follower.POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    void requireIdle(String runId, Task task) {
        String owner = task.incarnation();
        if (owner != null
                && !owner.equals(context.processId())
                && context.presence().isAlive(owner)) {
            throw new RunBusyException(
                    "another process works on run " + runId + "; ask it, or wait until it has ended");
        }
    }

    @Override
    public void approve(String runId, String action) {
        decide(runId, new JournalEntry(action, RunEvent.Type.APPROVED, Map.of()), WaitsFor.APPROVAL_REQUIRED);
    }

    @Override
    public void reject(String runId, String action) {
        decide(runId, new JournalEntry(action, RunEvent.Type.REJECTED, Map.of()), WaitsFor.APPROVAL_REQUIRED);
    }

    @Override
    public void resolve(String runId, String action, InDoubt decision) {
        decide(runId, new JournalEntry(action, RunEvent.Type.ANSWERED, Payload.answered(decision)), WaitsFor.IN_DOUBT);
    }

    private void decide(String outerId, JournalEntry named, WaitsFor expected) {
        String runId = runOf(outerId, named.task());
        JournalEntry entry =
                new JournalEntry(named.task().substring(named.task().indexOf('/') + 1), named.type(), named.payload());
        decide(runId, entry, action -> action.waitsFor() == expected, progress -> {
            ActionProgress action = progress.byTask.get(entry.task());
            return new IllegalTransitionException(
                    "action",
                    runId + "/" + entry.task(),
                    action == null ? "unknown" : action.state.wireName(),
                    entry.type().name().toLowerCase(Locale.ROOT),
                    action == null ? List.of() : List.of("answered when it is " + expected));
        });
    }

    /** The run that a name is of: {@code id/…} names something of the run inside with that id, any other of the run itself. */
    private String runOf(String runId, String name) {
        int slash = name.indexOf('/');
        if (slash < 0) {
            return runId;
        }
        String inner = name.substring(0, slash);
        for (String outer = inner; outer != null; outer = find(outer).isEmpty() ? null : reader.outer(outer)) {
            if (outer.equals(runId)) {
                return inner;
            }
        }
        throw new RunNotFoundException("there is no run " + inner + " inside run " + runId);
    }

    /**
     * Writes what a person decided, through the run when this process drives it.
     *
     * @param fits whether the action still waits for that
     * @param refusal what to throw when it does not
     */
    private void decide(
            String runId,
            JournalEntry entry,
            Predicate<ActionProgress> fits,
            Function<RunProgress, HartException> refusal) {
        requireIdle(runId, reader.task(runId));
        String action = entry.type().name().toLowerCase(Locale.ROOT);
        note(runId, entry, action);
        try {
            write(runId, entry, fits, refusal);
        } catch (IllegalTransitionException e) {
            note(runId, entry, action + " came to nothing");
            throw e;
        }
    }

    /** In the audit log; the answer itself stands in the run's journal. */
    private void note(String runId, JournalEntry entry, String action) {
        context.audit()
                .get()
                .record(new AuditEvent("decision", "local", runId, action, Map.of("action", entry.task())));
    }

    private void write(
            String runId,
            JournalEntry entry,
            Predicate<ActionProgress> fits,
            Function<RunProgress, HartException> refusal) {
        if (active.decide(runId, entry, fits)) {
            return;
        }
        RunProgress progress = reader.progress(runId);
        ActionProgress action = progress.byTask.get(entry.task());
        if (action == null || !fits.test(action) || progress.state != RunState.PAUSED) {
            throw refusal.apply(progress);
        }
        JournalCommit commit = new JournalCommit();
        commit.add(entry);
        new RunJournal(context, runId, null).write(commit, progress);
    }

    @Override
    public List<Approval> approvals(String runId) {
        return reader.approvals(reader.progress(runId));
    }

    @Override
    public List<Question> questions(String runId) {
        return reader.questions(reader.progress(runId));
    }

    @Override
    public void answer(String outerId, String name, @Nullable Object value) {
        Object json = Json.valueOf(value);
        String runId = runOf(outerId, name);
        String questionId = name.substring(name.indexOf('/') + 1);
        Question question = reader.progress(runId).questions().stream()
                .filter(open -> open.id().equals(questionId))
                .findFirst()
                .orElseThrow(() -> closed(runId, questionId, "closed"));
        if (Waiting.isOver(question.deadline(), context.clock().instant())) {
            throw closed(runId, questionId, "over since " + question.deadline());
        }
        if (question.schema() != null) {
            List<String> problems = new StepRunner(context).problems(question.schema(), json);
            if (!problems.isEmpty()) {
                throw new InputInvalidException(questionId, "is of the wrong type: " + String.join("; ", problems));
            }
        }
        JournalEntry entry =
                new JournalEntry(question.action(), RunEvent.Type.ANSWERED, Payload.answered(questionId, json));
        decide(runId, entry, action -> action.isAsking(questionId), progress -> closed(runId, questionId, "closed"));
    }

    private static IllegalTransitionException closed(String runId, String questionId, String state) {
        return new IllegalTransitionException(
                "question", runId + "/" + questionId, state, "answered", List.of("answered while it is open"));
    }
}
