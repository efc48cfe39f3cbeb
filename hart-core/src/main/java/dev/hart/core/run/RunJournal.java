package dev.hart.core.run;

import dev.hart.Mode;
import dev.hart.RunEvent;
import dev.hart.RunState;
import dev.hart.core.recipe.RecipeDocument;
import dev.hart.core.recipe.RolloutNews;
import dev.hart.core.run.JournalCommit.Written;
import dev.hart.error.IllegalTransitionException;
import dev.hart.error.LedgerException;
import dev.hart.error.RecipeInvalidException;
import dev.hart.error.RunBusyException;
import dev.hart.ledger.FailureReason;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.LedgerTransaction;
import dev.hart.ledger.NewTask;
import dev.hart.ledger.Task;
import dev.hart.ledger.TaskStatus;
import dev.hart.recipe.Action;
import dev.hart.recipe.Flow;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.store.Transaction;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes one run into its ledger, and tells the listeners what was written. */
final class RunJournal {
    private static final Logger LOG = LoggerFactory.getLogger(RunJournal.class);
    /** An action that kills its process this often is given up. */
    static final int MAX_LEDGER_RETRIES = 100;

    /** Until nodes have names of their own, all processes of a data directory are one node. */
    private static final String NODE = "local";

    private final RunContext context;
    private final String runId;
    private final LedgerId ledgerId;
    private final TaskSync tasks = new TaskSync();
    private final @Nullable String takenFrom;
    /** What the last {@link #finish} wrote; it may be written more than once, and counts once it is committed. */
    private @Nullable RecipeVersion saved;

    /** What the last {@link #finish} changed about which version is taken. */
    private final List<RolloutNews> news = new ArrayList<>();

    private @Nullable JournalEntry end;
    /** Whether this process was told that the run is its own; from then on it checks that it still is. */
    private boolean held;

    private boolean taking;

    /**
     * A journal.
     *
     * @param takenFrom the process that worked on it before, when it is taken up; null for a new run
     */
    RunJournal(RunContext context, String runId, @Nullable String takenFrom) {
        this.context = context;
        this.runId = runId;
        this.ledgerId = LedgerId.run(runId);
        this.takenFrom = takenFrom;
    }

    TaskSync tasks() {
        return tasks;
    }

    /** The tasks of a new run: one for the run, and under it one for each action. */
    JournalCommit.Part create(RunProgress progress) {
        taking = true;
        Map<String, @Nullable Object> header = new LinkedHashMap<>();
        header.put("request", progress.plan.request());
        header.put("mode", progress.plan.mode().name());
        header.put("recipe", progress.plan.recipe().name());
        if (progress.plan.outer() != null) {
            header.put("outer", progress.plan.outer());
        }
        progress.byTask.keySet().forEach(task -> tasks.status(task, TaskStatus.PENDING));
        return (tx, ledger, written) -> {
            ledger.add(NewTask.of(JournalEntry.RUN, LedgerText.of(progress.plan.request()))
                    .asContainer()
                    .context(header));
            ledger.start(JournalEntry.RUN);
            ledger.setOwner(JournalEntry.RUN, NODE, context.processId());
            for (Flow flow : FlowOrder.of(progress.plan.recipe())) {
                for (List<Action> wave : flow.waves()) {
                    for (Action action : wave) {
                        ledger.add(NewTask.of(
                                        new ActionRef(flow.flowId(), action.actionId()).taskId(), action.description())
                                .childOf(JournalEntry.RUN)
                                .maxRetries(MAX_LEDGER_RETRIES)
                                .after(action.dependsOn().stream()
                                        .filter(id -> id != action.actionId())
                                        .map(id -> new ActionRef(flow.flowId(), id).taskId())
                                        .toArray(String[]::new)));
                    }
                }
            }
        };
    }

    /** Makes this process the one that works on the run; fails when another was faster. */
    JournalCommit.Part takeOver() {
        taking = true;
        return (tx, ledger, written) -> {
            claim(ledger);
            if (ledger.task(JournalEntry.RUN).status() == TaskStatus.PAUSED) {
                ledger.resume(JournalEntry.RUN);
            }
        };
    }

    private void claim(LedgerTransaction ledger) throws SQLException {
        if (!ledger.takeOver(JournalEntry.RUN, takenFrom, NODE, context.processId())) {
            throw new RunBusyException("another process has taken up run " + runId);
        }
    }

    /**
     * Makes this process the one that works on the run, in a commit of its own: what the journal says afterwards is all that
     * the process before has written, also where that was only slow.
     */
    void claim() {
        context.store()
                .write(tx -> context.ledgers().ledger(ledgerId).in(tx, ledger -> {
                    claim(ledger);
                    return true;
                }));
    }

    /** Refuses to write to a run that somebody took up who thought that this process was dead. */
    private void requireHeld(LedgerTransaction ledger) {
        if (!context.processId().equals(ledger.task(JournalEntry.RUN).incarnation())) {
            throw new RunBusyException(
                    "another process has taken up run " + runId
                            + ", as this one was not heard of for some time; what it did since is not written. Follow the run there");
        }
    }

    JournalCommit.Part pause(String why) {
        return (tx, ledger, written) -> ledger.pause(JournalEntry.RUN, why);
    }

    /** Ends the run: its tasks, what it learned, the closing event, and what it adds to the recipe's experience, in one commit. */
    JournalCommit.Part finish(RunProgress progress, Ending ending) {
        Lesson.Outcome lesson = ending.state() == RunState.SUCCEEDED && progress.plan.mode() == Mode.CREATE
                ? Lesson.of(progress, context)
                : Lesson.nothing(List.of());
        lesson.notes().forEach(progress::note);
        ReplayVerdict verdict = ReplayVerdict.of(progress, ending, context);
        return (tx, ledger, written) -> {
            Recipe recipe = lesson.recipe();
            List<String> notes = new ArrayList<>(progress.report().notes());
            saved = null;
            news.clear();
            if (verdict != null) {
                verdict.record(tx, context, notes, news);
            }
            if (recipe != null) {
                try {
                    saved = save(tx, recipe, lesson.better(), notes);
                } catch (RecipeInvalidException e) {
                    notes.add("nothing was learned: " + e.getMessage());
                }
            }
            if (ending.state() == RunState.SUCCEEDED && progress.repairs() > 0) {
                saved = saveMended(tx, progress, notes);
            }
            String why = ending.code() == null ? "" : LedgerText.of(ending.code() + ": " + ending.message());
            for (String task : tasks.open()) {
                tasks.close(ledger, task, why);
            }
            JournalEntry entry =
                    new JournalEntry(JournalEntry.RUN, RunEvent.Type.RUN_FINISHED, closing(progress, ending, notes));
            end = entry;
            written.add(JournalCommit.append(ledger, entry));
            switch (ending.state()) {
                case SUCCEEDED -> ledger.complete(JournalEntry.RUN, progress.outputValues());
                case FAILED -> ledger.fail(JournalEntry.RUN, why, FailureReason.ERROR);
                default -> ledger.terminate(JournalEntry.RUN, why);
            }
            RecipeVersion performed = progress.plan.version() == null ? saved : progress.plan.version();
            if (performed != null) {
                context.recipes().addExperience(tx, performed, progress.experience.gained(progress));
            }
        };
    }

    /** The recipe with the plans that worked, as the next version of the one that was run; null when it cannot be. */
    private @Nullable RecipeVersion saveMended(Transaction tx, RunProgress progress, List<String> notes)
            throws SQLException {
        RecipeVersion ran = Objects.requireNonNull(progress.plan.version());
        if (RecipeDocument.holdsSecret(progress.recipe())) {
            notes.add("the new plan is not kept: it holds a secret, and recipes never do");
            return null;
        }
        RecipeVersion mended = context.recipes().saveNext(tx, ran, progress.recipe(), ran.learnedBy(), news);
        notes.add(
                mended == null
                        ? "the new plan is not kept: there is a newer version than " + ran.label()
                        : "the new plan is kept in " + mended.label());
        return mended;
    }

    private RecipeVersion save(Transaction tx, Recipe recipe, Lesson.@Nullable Better better, List<String> notes)
            throws SQLException {
        RecipeVersion next =
                better == null ? null : context.recipes().saveNext(tx, better.base(), better.recipe(), runId, news);
        if (next == null || better == null) {
            return context.recipes().saveLearned(tx, recipe, runId, news);
        }
        notes.add(better.note());
        return next;
    }

    private Map<String, @Nullable Object> closing(RunProgress progress, Ending ending, List<String> notes) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("state", ending.state().name());
        json.put("elapsedNanos", ending.elapsed().toNanos());
        json.put("commits", (long) progress.commits + 1);
        json.put("outputs", ending.state() == RunState.SUCCEEDED ? progress.outputValues() : Map.of());
        json.put("code", ending.code());
        json.put("message", ending.message());
        RecipeVersion recipe = progress.plan.version() == null ? saved : progress.plan.version();
        json.put("recipeId", recipe == null ? null : recipe.recipeId());
        json.put("recipeVersion", recipe == null ? null : (long) recipe.version());
        json.put("recipeName", recipe == null ? null : recipe.recipe().name());
        json.put("recipeHash", recipe == null ? null : recipe.contentHash());
        json.put("modelCalls", (long) progress.report().modelCalls());
        json.put("notes", notes);
        return json;
    }

    /**
     * Makes a commit durable, then tells the listeners.
     *
     * @throws LedgerException {@code LEDGER_REJECTED} when the ledger refuses a command; nothing was written then
     */
    void write(JournalCommit commit, RunProgress progress) {
        List<Written> written;
        try {
            written = context.store()
                    .write(
                            ledgerId.key(),
                            tx -> context.ledgers().ledger(ledgerId).in(tx, ledger -> {
                                if (held && context.presence().isLeased()) {
                                    requireHeld(ledger);
                                }
                                return commit.write(tx, ledger);
                            }));
            held |= taking;
        } catch (IllegalTransitionException | LedgerException e) {
            throw new LedgerException(
                    "LEDGER_REJECTED", "the ledger refused a change of run " + runId + ": " + e.getMessage(), e);
        }
        if (end != null) {
            progress.apply(end, context.clock().instant());
        }
        if (progress.state.hasEnded()) {
            context.ledgers().ledger(ledgerId).finished();
        } else {
            progress.commits++;
        }
        context.signals().wrote();
        Instant at = context.clock().instant();
        written.forEach(event -> tell(event, at));
        if (progress.state.hasEnded()) {
            context.recipes().choices().announce(runId, news);
        }
        if (saved != null && progress.state.hasEnded()) {
            announce(new JournalEntry(
                    JournalEntry.RUN,
                    RunEvent.Type.RECIPE_SAVED,
                    Map.of("recipe", saved.label(), "recipeId", saved.recipeId())));
        }
    }

    /** Tells the listeners something that is not written down. */
    void announce(JournalEntry entry) {
        tell(new Written(entry, null), context.clock().instant());
    }

    private void tell(Written written, Instant at) {
        if (context.listeners().isEmpty()) {
            return;
        }
        RunEvent event = new RunEvent(
                runId,
                written.seq(),
                at,
                written.entry().type(),
                written.entry().task(),
                written.entry().payload());
        for (Consumer<RunEvent> listener : new ArrayList<>(context.listeners())) {
            try {
                listener.accept(event);
            } catch (RuntimeException e) {
                LOG.warn("a listener failed on {} of run {}", event.type(), runId, e);
            }
        }
    }

    /** Learns what the ledger says of the run's tasks. */
    void reload() {
        for (Task task : context.ledgers().ledger(ledgerId).tasks()) {
            if (!task.taskId().equals(JournalEntry.RUN)) {
                tasks.status(task.taskId(), task.status());
            }
        }
    }
}
