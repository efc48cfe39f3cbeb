package dev.hart.core.recipe;

import dev.hart.HartClock;
import dev.hart.RunEvent;
import dev.hart.Spark;
import dev.hart.core.rollout.GuardTable;
import dev.hart.core.rollout.GuardTable.Lately;
import dev.hart.core.rollout.RolloutDecision;
import dev.hart.core.rollout.RolloutShare;
import dev.hart.core.rollout.RolloutTable;
import dev.hart.core.rollout.Trial;
import dev.hart.core.rollout.Trial.Arm;
import dev.hart.core.rollout.TrialResult;
import dev.hart.core.rollout.WithheldTable;
import dev.hart.core.schedule.ScheduleTable;
import dev.hart.error.InputInvalidException;
import dev.hart.recipe.Drift;
import dev.hart.recipe.DriftRule;
import dev.hart.recipe.RecipeGuard;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.RecipeVersion.Status;
import dev.hart.recipe.ResultCheck;
import dev.hart.recipe.Rollout;
import dev.hart.recipe.Rollout.State;
import dev.hart.recipe.RolloutPlan;
import dev.hart.recipe.RolloutPlan.Mode;
import dev.hart.recipe.VersionStanding.Standing;
import dev.hart.store.Store;
import dev.hart.store.Transaction;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which version of a recipe is taken, and how that changes. Whatever changes it, a saved version, a person, the end of a run or the
 * time, does so in one commit that holds the lock on the recipes: so there is one decision, whoever makes it. Thread-safe.
 */
public final class RecipeRollouts {
    private static final Logger LOG = LoggerFactory.getLogger(RecipeRollouts.class);

    private final Store store;
    private final HartClock clock;
    private final Supplier<String> ids;
    private final List<Consumer<RunEvent>> listeners;
    private final ResultJudging judging;

    RecipeRollouts(
            Store store,
            HartClock clock,
            Supplier<String> ids,
            List<Consumer<RunEvent>> listeners,
            ResultJudging judging) {
        this.store = store;
        this.clock = clock;
        this.ids = ids;
        this.listeners = listeners;
        this.judging = judging;
    }

    /** Holds results against checks. */
    public ResultJudging judging() {
        return judging;
    }

    /**
     * Which version does a run.
     *
     * @param trial what the run is to a rollout; null when there is none
     * @param note for the report; null when there is nothing to say
     */
    public record Choice(
            RecipeVersion version,
            @Nullable Trial trial,
            @Nullable String note) {}

    /** Chooses the version for a run that asks for the current one. */
    public Choice choose(RecipeVersion current, String runId) {
        Rollout rollout = store.read(tx -> Optional.ofNullable(RolloutTable.running(tx, current.recipeId())))
                .orElse(null);
        if (rollout == null) {
            return new Choice(current, null, null);
        }
        if (!clock.instant().isBefore(rollout.endsAt())) {
            endOverdue();
            return new Choice(
                    store.read(tx -> Optional.ofNullable(current(tx, current.recipeId())))
                            .orElse(current),
                    null,
                    null);
        }
        if (rollout.baseline() != current.version()) {
            return new Choice(current, null, null);
        }
        if (rollout.plan().mode() == Mode.SHADOW) {
            return new Choice(
                    current,
                    new Trial(rollout.id(), Arm.BASELINE, true, null),
                    "version %d answers; version %d runs beside it in shadow, for rollout %s"
                            .formatted(rollout.baseline(), rollout.candidate(), rollout.id()));
        }
        boolean takes = RolloutShare.takes(rollout.id(), runId, rollout.plan().share());
        RecipeVersion version =
                takes ? store.read(tx -> RecipeStore.version(tx, rollout.recipeId(), rollout.candidate())) : current;
        return new Choice(
                version,
                new Trial(rollout.id(), takes ? Arm.CANDIDATE : Arm.BASELINE, false, null),
                "version %d does this run: rollout %s tries version %d on %d %% of the requests"
                        .formatted(
                                version.version(),
                                rollout.id(),
                                rollout.candidate(),
                                rollout.plan().share()));
    }

    /** The version that a rollout tries; null when the rollout does not go on. */
    public @Nullable RecipeVersion candidate(String rolloutId) {
        return store.read(tx -> {
                    Rollout rollout = RolloutTable.find(tx, rolloutId);
                    return Optional.ofNullable(
                            rollout == null || rollout.state() != State.RUNNING
                                    ? null
                                    : RecipeStore.version(tx, rollout.recipeId(), rollout.candidate()));
                })
                .orElse(null);
    }

    /** The guard of a recipe; null when it has none. */
    public @Nullable RecipeGuard guard(String recipeId) {
        return store.read(tx -> Optional.ofNullable(GuardTable.find(tx, recipeId)))
                .orElse(null);
    }

    /** The check of a recipe as far as this process can hold results against it; null when it cannot. */
    public @Nullable ResultCheck check(RecipeVersion version) {
        RecipeGuard guard = guard(version.recipeId());
        if (guard == null) {
            return null;
        }
        String missing = judging.missing(guard.check());
        if (missing != null) {
            LOG.warn(
                    "results of {} are not judged here: its check names '{}', which is not registered",
                    version.label(),
                    missing);
            return null;
        }
        return guard.check();
    }

    void guard(RecipeVersion of, @Nullable RecipeGuard guard) {
        if (guard != null) {
            judging.require(guard.check());
        }
        store.write(tx -> {
            RecipeStore.lock(tx);
            GuardTable.put(tx, of.recipeId(), guard);
            return of;
        });
    }

    /**
     * Takes in what a run has come to, in the transaction that ends it; call it first, as it waits for other runs.
     *
     * @param judged whether the recipe's check had a say
     * @return what to tell once the commit is durable
     */
    public List<RolloutNews> ended(
            Transaction tx, RecipeVersion version, boolean judged, @Nullable Trial trial, TrialResult result)
            throws SQLException {
        List<RolloutNews> news = new ArrayList<>();
        RecipeStore.lock(tx);
        if (judged) {
            GuardTable.addResult(
                    tx, version.recipeId(), version.version(), clock.instant().toEpochMilli(), result);
            lookForDrift(tx, version, news);
        }
        if (trial != null) {
            Rollout rollout = RolloutTable.find(tx, trial.rolloutId());
            if (rollout != null && rollout.state() == State.RUNNING) {
                RolloutTable.addTrial(tx, rollout.id(), trial.arm(), result);
                decide(tx, rollout.id(), news);
            }
        }
        return news;
    }

    /** Takes in what a shadow run has come to. */
    public void shadowed(String rolloutId, Arm arm, TrialResult result) {
        List<RolloutNews> news = new ArrayList<>();
        store.write(tx -> {
            news.clear();
            RecipeStore.lock(tx);
            Rollout rollout = RolloutTable.find(tx, rolloutId);
            if (rollout != null && rollout.state() == State.RUNNING) {
                RolloutTable.addTrial(tx, rolloutId, arm, result);
                news.add(RolloutNews.tried(rollout, arm == Arm.CANDIDATE, result.passed(), result.problems()));
                decide(tx, rolloutId, news);
            }
            return rolloutId;
        });
        announce(result.runId(), news);
    }

    private void lookForDrift(Transaction tx, RecipeVersion version, List<RolloutNews> news) throws SQLException {
        RecipeGuard guard = GuardTable.find(tx, version.recipeId());
        DriftRule rule = guard == null ? null : guard.drift();
        RecipeVersion current = current(tx, version.recipeId());
        if (rule == null || current == null || current.version() != version.version()) {
            return;
        }
        Lately lately = GuardTable.lately(tx, version.recipeId(), version.version(), rule.outOf());
        if (lately.failures() < rule.failures()) {
            GuardTable.steady(tx, version.recipeId(), version.version());
            return;
        }
        if (GuardTable.drifts(
                tx, version.recipeId(), version.version(), clock.instant().toEpochMilli())) {
            news.add(RolloutNews.drifting(version, lately.failures(), lately.replays(), lately.problems()));
        }
        if (rule.fallBack()) {
            tryTheOneBefore(tx, current, rule, lately, news);
        }
    }

    /** The version before has to show that it still passes, once for each time that the current one begins to drift. */
    private void tryTheOneBefore(
            Transaction tx, RecipeVersion current, DriftRule rule, Lately lately, List<RolloutNews> news)
            throws SQLException {
        RecipeVersion before = before(tx, current);
        Long since = GuardTable.driftsSince(tx, current.recipeId(), current.version());
        if (before == null || since == null) {
            return;
        }
        boolean tried = RolloutTable.all(tx, current.recipeId()).stream()
                .anyMatch(rollout -> rollout.state() == State.RUNNING
                        || (rollout.candidate() == before.version()
                                && rollout.startedAt().toEpochMilli() >= since));
        if (!tried) {
            begin(
                    tx,
                    current,
                    before,
                    RolloutPlan.shadow().minimumRuns(rule.failures()).agreement(0),
                    "version %d drifts: %d of its last %d replays failed"
                            .formatted(current.version(), lately.failures(), lately.replays()),
                    news);
        }
    }

    private void decide(Transaction tx, String rolloutId, List<RolloutNews> news) throws SQLException {
        Rollout rollout = RolloutTable.find(tx, rolloutId);
        if (rollout == null || rollout.state() != State.RUNNING) {
            return;
        }
        RolloutDecision decision = RolloutDecision.of(rollout, clock.instant());
        if (decision != null) {
            end(tx, rollout, decision, news);
        }
    }

    private void end(Transaction tx, Rollout rollout, RolloutDecision decision, List<RolloutNews> news)
            throws SQLException {
        if (!RolloutTable.end(tx, rollout.id(), decision, clock.instant())) {
            return;
        }
        news.add(RolloutNews.ended(rollout, decision.state(), decision.reasons()));
        if (decision.state() == State.PROMOTED) {
            makeCurrent(tx, RecipeStore.version(tx, rollout.recipeId(), rollout.candidate()), decision.reasons(), news);
        } else if (decision.state() == State.ROLLED_BACK && rollout.candidate() > rollout.baseline()) {
            WithheldTable.put(
                    tx, rollout.recipeId(), rollout.candidate(), Standing.ROLLED_BACK, false, decision.reasons());
        }
    }

    /** Makes a trained version the current one: it is withheld no longer, and all that are newer are. */
    private void makeCurrent(Transaction tx, RecipeVersion version, List<String> why, List<RolloutNews> news)
            throws SQLException {
        Map<Integer, WithheldTable.Row> withheld = WithheldTable.of(tx, version.recipeId());
        WithheldTable.Row before = withheld.get(version.version());
        WithheldTable.remove(tx, version.recipeId(), version.version());
        for (RecipeVersion newer : RecipeStore.trainedAfter(tx, version)) {
            if (!withheld.containsKey(newer.version())) {
                WithheldTable.put(tx, version.recipeId(), newer.version(), Standing.REPLACED, false, why);
            }
        }
        becameCurrent(tx, version, before != null && before.imported(), news);
    }

    /** What goes with a version that is the current one from now on, though it is not new. */
    private void becameCurrent(Transaction tx, RecipeVersion version, boolean imported, List<RolloutNews> news)
            throws SQLException {
        boolean paused = imported || ScheduleTable.isPaused(tx, version.recipeId());
        RecipeStore.renumber(tx, version);
        ScheduleTable.register(tx, version, paused, clock.instant());
        supersede(tx, version, news);
    }

    /** Ends a rollout whose question is settled. */
    private void supersede(Transaction tx, RecipeVersion current, List<RolloutNews> news) throws SQLException {
        Rollout running = RolloutTable.running(tx, current.recipeId());
        if (running != null && running.baseline() != current.version()) {
            end(
                    tx,
                    running,
                    new RolloutDecision(
                            State.SUPERSEDED,
                            List.of("version " + current.version() + " became the current one meanwhile")),
                    news);
        }
    }

    /**
     * Says what a trained version that was just stored is: the current one, or one that has to prove itself first.
     *
     * @param before the current version until then; null when there was none
     * @param proposed whether it is to be a candidate, whatever the guard says
     * @param imported whether it was made elsewhere
     */
    void saved(
            Transaction tx,
            RecipeVersion version,
            @Nullable RecipeVersion before,
            boolean proposed,
            boolean imported,
            List<RolloutNews> news)
            throws SQLException {
        RecipeGuard guard = before == null ? null : GuardTable.find(tx, version.recipeId());
        RolloutPlan plan = guard == null ? null : guard.newVersions();
        if (before != null && version.version() > before.version() && (proposed || plan != null)) {
            WithheldTable.put(tx, version.recipeId(), version.version(), Standing.CANDIDATE, imported, List.of());
            if (plan != null && RolloutTable.running(tx, version.recipeId()) == null) {
                begin(tx, before, version, plan, "new versions of this recipe prove themselves first", news);
            }
            return;
        }
        RecipeVersion current = current(tx, version.recipeId());
        if (current != null && current.version() == version.version()) {
            ScheduleTable.register(tx, version, imported, clock.instant());
            supersede(tx, version, news);
        }
    }

    /** Whether the current version of a recipe may get a successor: none waits for its decision. */
    static boolean isOpen(Transaction tx, String recipeId) throws SQLException {
        return WithheldTable.of(tx, recipeId).values().stream().noneMatch(row -> row.standing() == Standing.CANDIDATE);
    }

    private Rollout begin(
            Transaction tx,
            RecipeVersion baseline,
            RecipeVersion candidate,
            RolloutPlan plan,
            String cause,
            List<RolloutNews> news)
            throws SQLException {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Rollout.Tally nothing = new Rollout.Tally(0, 0, Duration.ZERO, Spark.ZERO);
        Rollout rollout = new Rollout(
                ids.get(),
                baseline.recipeId(),
                baseline.recipe().name(),
                baseline.version(),
                candidate.version(),
                plan,
                cause,
                State.RUNNING,
                now,
                now.plus(plan.longest()).truncatedTo(ChronoUnit.MILLIS),
                null,
                List.of(),
                nothing,
                nothing,
                0,
                0,
                0);
        RolloutTable.insert(tx, rollout);
        news.add(RolloutNews.started(rollout));
        return rollout;
    }

    Rollout begin(RecipeVersion asked, RolloutPlan plan) {
        List<RolloutNews> news = new ArrayList<>();
        Rollout begun = store.write(tx -> {
            news.clear();
            RecipeStore.lock(tx);
            RecipeVersion candidate = RecipeStore.version(tx, asked.recipeId(), asked.version());
            requireTrained(candidate);
            RecipeVersion current = current(tx, asked.recipeId());
            if (current == null || current.version() == candidate.version()) {
                throw new InputInvalidException(
                        "version",
                        "is " + candidate.label()
                                + ", the current version already: store a new one with propose, and it waits for its rollout");
            }
            Rollout running = RolloutTable.running(tx, asked.recipeId());
            if (running != null) {
                throw new InputInvalidException(
                        "version",
                        "cannot be tried while rollout " + running.id() + " of " + running.label()
                                + " goes on: promote it or roll it back first");
            }
            if (candidate.version() > current.version()) {
                WithheldTable.put(tx, candidate.recipeId(), candidate.version(), Standing.CANDIDATE, false, List.of());
            }
            return begin(tx, current, candidate, plan, "asked for", news);
        });
        announce("", news);
        return begun;
    }

    private static void requireTrained(RecipeVersion version) {
        if (version.status() == Status.DRAFT) {
            throw new InputInvalidException(
                    "version", "is " + version.label() + ", a draft: complete it with save, and it can be taken");
        }
    }

    void promote(RecipeVersion asked, String why) {
        change(asked, (tx, version, news) -> {
            RecipeVersion current = current(tx, version.recipeId());
            Rollout running = RolloutTable.running(tx, version.recipeId());
            if (running != null && running.candidate() == version.version()) {
                end(tx, running, new RolloutDecision(State.PROMOTED, List.of(why)), news);
            } else if (current == null || current.version() != version.version()) {
                makeCurrent(tx, version, List.of(why), news);
            }
        });
    }

    void rollBack(RecipeVersion asked, String why) {
        change(asked, (tx, version, news) -> {
            RecipeVersion current = current(tx, version.recipeId());
            Rollout running = RolloutTable.running(tx, version.recipeId());
            if (running != null && running.candidate() == version.version()) {
                end(tx, running, new RolloutDecision(State.ROLLED_BACK, List.of(why)), news);
                return;
            }
            boolean isCurrent = current != null && current.version() == version.version();
            RecipeVersion next = isCurrent ? before(tx, version) : current;
            if (next == null) {
                throw new InputInvalidException(
                        "version",
                        "is " + version.label() + ", the only version that can be taken: save another one first");
            }
            WithheldTable.put(tx, version.recipeId(), version.version(), Standing.ROLLED_BACK, false, List.of(why));
            if (isCurrent) {
                becameCurrent(tx, next, false, news);
            }
        });
    }

    @FunctionalInterface
    private interface Change {
        void make(Transaction tx, RecipeVersion version, List<RolloutNews> news) throws SQLException;
    }

    private void change(RecipeVersion asked, Change change) {
        List<RolloutNews> news = new ArrayList<>();
        store.write(tx -> {
            news.clear();
            RecipeStore.lock(tx);
            RecipeVersion version = RecipeStore.version(tx, asked.recipeId(), asked.version());
            requireTrained(version);
            change.make(tx, version, news);
            return version;
        });
        announce("", news);
    }

    /** Decides the rollouts whose time is over. */
    public void endOverdue() {
        Instant now = clock.instant();
        for (Rollout rollout : store.read(tx -> RolloutTable.overdue(tx, now))) {
            List<RolloutNews> news = new ArrayList<>();
            store.write(tx -> {
                news.clear();
                RecipeStore.lock(tx);
                decide(tx, rollout.id(), news);
                return rollout;
            });
            announce("", news);
        }
    }

    List<Rollout> list(@Nullable String recipeId) {
        endOverdue();
        return store.read(tx -> RolloutTable.all(tx, recipeId));
    }

    List<Drift> drifting() {
        return store.read(tx -> {
            List<Drift> drifting = new ArrayList<>();
            for (RecipeVersion current : RecipeStore.query(
                    tx,
                    "WHERE " + WithheldTable.IS_CURRENT
                            + " AND EXISTS (SELECT 1 FROM recipe_drift WHERE recipe_drift.recipe_id = recipe.recipe_id"
                            + " AND recipe_drift.version = recipe.version) ORDER BY name")) {
                RecipeGuard guard = GuardTable.find(tx, current.recipeId());
                Long since = GuardTable.driftsSince(tx, current.recipeId(), current.version());
                if (guard != null && guard.drift() != null && since != null) {
                    Lately lately = GuardTable.lately(
                            tx,
                            current.recipeId(),
                            current.version(),
                            guard.drift().outOf());
                    drifting.add(new Drift(
                            current.recipeId(),
                            current.recipe().name(),
                            current.version(),
                            Instant.ofEpochMilli(since),
                            lately.failures(),
                            lately.replays(),
                            lately.problems()));
                }
            }
            return drifting;
        });
    }

    /** The current version of a recipe; null when it has none. */
    static @Nullable RecipeVersion current(Transaction tx, String recipeId) throws SQLException {
        List<RecipeVersion> found =
                RecipeStore.query(tx, "WHERE recipe_id = ? AND " + WithheldTable.IS_CURRENT, recipeId);
        return found.isEmpty() ? null : found.get(0);
    }

    /** The version that would be the current one without this one and those after it; null when there is none. */
    private static @Nullable RecipeVersion before(Transaction tx, RecipeVersion version) throws SQLException {
        List<RecipeVersion> found = RecipeStore.query(
                tx,
                "WHERE recipe_id = ? AND status = 'TRAINED' AND version < " + version.version() + " AND "
                        + WithheldTable.IS_NOT_WITHHELD + " ORDER BY version DESC LIMIT 1",
                version.recipeId());
        return found.isEmpty() ? null : found.get(0);
    }

    /**
     * Tells the listeners.
     *
     * @param runId of the run that caused it; empty for none
     */
    public void announce(String runId, List<RolloutNews> news) {
        for (RolloutNews one : news) {
            RunEvent event = new RunEvent(
                    runId, 0, clock.instant().truncatedTo(ChronoUnit.MILLIS), one.type(), "run", one.data());
            for (Consumer<RunEvent> listener : listeners) {
                try {
                    listener.accept(event);
                } catch (RuntimeException e) {
                    LOG.warn("a listener failed on {}", one.type(), e);
                }
            }
        }
    }
}
