package dev.hart.core.schedule;

import dev.hart.HartClock;
import dev.hart.RunHandle;
import dev.hart.Schedules;
import dev.hart.core.recipe.RecipeStore;
import dev.hart.core.run.RunLauncher;
import dev.hart.core.schedule.ScheduleTable.Row;
import dev.hart.error.HartException;
import dev.hart.error.RecipeNotFoundException;
import dev.hart.error.RunBusyException;
import dev.hart.error.StoreUnavailableException;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.Schedule;
import dev.hart.spi.TaskKeeper;
import dev.hart.spi.VisualContext;
import dev.hart.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs recipes at their times. The row of a schedule moves on to its next time in the commit that begins the run: a due time
 * makes one run, whichever process is killed when.
 */
public final class RecipeSchedules implements Schedules, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RecipeSchedules.class);
    private static final Pattern ID = Pattern.compile("([A-Za-z0-9-]{1,64})@([0-9]{1,9})/schedule-([0-9]{1,9})");
    /** A recipe that another process saves is seen after this long at the latest; cron itself knows only minutes. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);

    private static final Duration LATE = Duration.ofMinutes(1);
    private static final int AT_ONCE = 100;

    private final Store store;
    private final RecipeStore recipes;
    private final RunLauncher launcher;
    private final HartClock clock;
    private final @Nullable VisualContext visual;
    private volatile @Nullable Missed missed;
    private final TaskKeeper keeper;
    private TaskKeeper.@Nullable Kept rounds;
    private boolean closed;

    /**
     * Schedules that nobody runs yet.
     *
     * @param visual null when nothing watches: schedules of the kind VISUAL are skipped then
     */
    public RecipeSchedules(
            Store store,
            RecipeStore recipes,
            RunLauncher launcher,
            HartClock clock,
            @Nullable VisualContext visual,
            TaskKeeper keeper) {
        this.store = store;
        this.recipes = recipes;
        this.launcher = launcher;
        this.clock = clock;
        this.visual = visual;
        this.keeper = keeper;
    }

    @Override
    public synchronized void start(Missed missed) {
        this.missed = missed;
        if (rounds == null && !closed) {
            rounds = keeper.keep("schedules", LONGEST_WAIT, this::round);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (rounds != null) {
            rounds.close();
        }
    }

    private Duration round(Runnable heartbeat) {
        long wait = LONGEST_WAIT.toMillis();
        try {
            tick(heartbeat);
            recipes.choices().endOverdue();
            Long next = store.read(tx -> Optional.ofNullable(ScheduleTable.nextDue(tx)))
                    .orElse(null);
            if (next != null) {
                wait = Math.max(1, Math.min(wait, next - clock.instant().toEpochMilli()));
            }
        } catch (CancellationException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.warn("schedules could not be looked at; they are again in {} s", LONGEST_WAIT.toSeconds(), e);
        }
        return Duration.ofMillis(wait);
    }

    void tick() {
        tick(() -> {});
    }

    /** Begins a run for each schedule that is due. One that cannot be looked at does not hold up the others. */
    private void tick(Runnable heartbeat) {
        Instant now = clock.instant();
        List<Row> due;
        int handled;
        do {
            due = store.read(tx -> ScheduleTable.due(tx, now.toEpochMilli(), AT_ONCE));
            handled = 0;
            for (Row row : due) {
                heartbeat.run();
                try {
                    run(row, now);
                    handled++;
                } catch (StoreUnavailableException | CancellationException e) {
                    throw e;
                } catch (RuntimeException e) {
                    LOG.warn("schedule {} is due and cannot be run; it is tried again", row.id(), e);
                }
            }
        } while (due.size() == AT_ONCE && handled > 0);
    }

    private void run(Row due, Instant now) {
        RecipeVersion version = recipes.get(due.recipeId(), due.version());
        Schedule schedule = version.recipe().schedules().get(due.number() - 1);
        Long next = ScheduleTable.next(schedule, now);
        String skipped = reasonToSkip(due, schedule, now);
        if (skipped == null) {
            try {
                launcher.startScheduled(
                        version,
                        ScheduledPart.of(version.recipe(), schedule),
                        (tx, run) -> ScheduleTable.done(tx, due, next, run, null));
                return;
            } catch (RunBusyException e) {
                LOG.debug("schedule {} is run by another process", due.id());
                return;
            } catch (StoreUnavailableException e) {
                throw e; // its time is not over: it is tried again
            } catch (HartException e) {
                LOG.warn("schedule {} could not run", due.id(), e);
                skipped = e.code() + ": " + e.getMessage();
            }
        }
        String why = skipped;
        store.write(tx -> ScheduleTable.done(tx, due, next, null, why));
    }

    private @Nullable String reasonToSkip(Row due, Schedule schedule, Instant now) {
        Long at = due.nextAt();
        if (missed == Missed.SKIP
                && at != null
                && now.isAfter(Instant.ofEpochMilli(at).plus(LATE))) {
            return "MISSED: nobody was there";
        }
        if (schedule.kind() == Schedule.Kind.TIME) {
            return null;
        }
        if (visual == null) {
            return "NOTHING_SEEN: nothing watches; see HartBuilder.visualContext";
        }
        return visual.latest().filter(seen -> seen.isFresh(now)).isPresent()
                ? null
                : "NOTHING_SEEN: there is no fresh observation";
    }

    @Override
    public List<Entry> list() {
        List<Row> rows = store.read(ScheduleTable::all);
        List<Entry> entries = new ArrayList<>(rows.size());
        for (Row row : rows) {
            RecipeVersion version = recipes.get(row.recipeId(), row.version());
            entries.add(new Entry(
                    row.id(),
                    version.recipe().name(),
                    version.recipe().schedules().get(row.number() - 1),
                    row.paused(),
                    row.paused() ? null : instant(row.nextAt()),
                    instant(row.lastAt()),
                    row.lastRun(),
                    row.lastSkipped()));
        }
        return entries;
    }

    private static @Nullable Instant instant(@Nullable Long millis) {
        return millis == null ? null : Instant.ofEpochMilli(millis);
    }

    @Override
    public void pause(String id) {
        Row row = find(id);
        store.write(tx -> {
            ScheduleTable.pause(tx, row, true, row.nextAt());
            return row;
        });
    }

    @Override
    public void unpause(String id) {
        Row row = find(id);
        if (!row.paused()) {
            return;
        }
        Long next = ScheduleTable.next(schedule(row), clock.instant());
        store.write(tx -> {
            ScheduleTable.pause(tx, row, false, next);
            return row;
        });
    }

    @Override
    public RunHandle runNow(String id) {
        Row row = find(id);
        RecipeVersion version = recipes.get(row.recipeId(), row.version());
        return launcher.startScheduled(version, ScheduledPart.of(version.recipe(), schedule(row)), (tx, run) -> true);
    }

    private Schedule schedule(Row row) {
        return recipes.get(row.recipeId(), row.version()).recipe().schedules().get(row.number() - 1);
    }

    private Row find(String id) {
        Matcher parts = ID.matcher(id);
        Optional<Row> found = parts.matches()
                ? store.read(tx -> Optional.ofNullable(ScheduleTable.find(
                        tx, parts.group(1), Integer.parseInt(parts.group(2)), Integer.parseInt(parts.group(3)))))
                : Optional.empty();
        return found.orElseThrow(() -> new RecipeNotFoundException(
                "there is no schedule '" + id + "'; Hart.schedules().list() shows those there are"));
    }
}
