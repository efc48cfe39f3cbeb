package dev.hart;

import dev.hart.error.RecipeNotFoundException;
import dev.hart.recipe.Schedule;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The times at which recipes run by themselves. Those of the newest trained version of each recipe count; they are kept in the
 * database with the recipe, so they outlive the process. Nothing runs before {@link #start}: a process that only looks at
 * recipes runs none. Of several processes on one database, each due time makes one of them begin one run. Thread-safe.
 */
public interface Schedules {

    /**
     * Runs from now on what is due, until the runtime is closed. What was missed while no process did so runs once, however
     * often it was missed, unless {@link Missed#SKIP} was chosen. Calling it again changes how missed times are treated.
     */
    void start(Missed missed);

    /** The same with {@link Missed#RUN_ONCE}. */
    default void start() {
        start(Missed.RUN_ONCE);
    }

    /** What becomes of times that have passed while nobody was there. */
    enum Missed {
        /** They make one run, as soon as somebody is there. */
        RUN_ONCE,
        /** They are left out when they are more than a minute ago. */
        SKIP
    }

    /** All schedules, those that are due soonest first; paused ones at the end. */
    List<Entry> list();

    /**
     * Keeps a schedule from running until it is unpaused. A new version of the recipe has new schedules, which are not paused.
     *
     * @param id see {@link Entry#id}
     * @throws RecipeNotFoundException when there is no such schedule
     */
    void pause(String id);

    /** Lets a paused schedule run again, at its next time: what was missed meanwhile is left out. */
    void unpause(String id);

    /**
     * Begins a run now, whatever the time; the next time stays as it is.
     *
     * @throws RecipeNotFoundException when there is no such schedule
     */
    RunHandle runNow(String id);

    /**
     * One schedule.
     *
     * @param id {@code <recipe id>@<version>/schedule-<n>}, n from 1: always the same for the same version
     * @param recipe its name
     * @param next when it is due next; null when it is paused, or never
     * @param last when it was due last and that made a run, or was skipped; null when never
     * @param lastRun the run that was begun then; null when it was skipped
     * @param lastSkipped why it was skipped then; null when it was not
     */
    record Entry(
            String id,
            String recipe,
            Schedule schedule,
            boolean paused,
            @Nullable Instant next,
            @Nullable Instant last,
            @Nullable String lastRun,
            @Nullable String lastSkipped) {}
}
