package dev.hart.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Run;
import dev.hart.RunState;
import dev.hart.Runs;
import dev.hart.Schedules;
import dev.hart.core.model.MovedClock;
import dev.hart.error.RecipeInvalidException;
import dev.hart.error.RecipeNotFoundException;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBuilder;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.Schedule;
import dev.hart.spi.VisualContext.Observation;
import dev.hart.spi.VisualContext.Source;
import dev.hart.store.testing.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Recipes that run by themselves. The clock stands at 2026-01-01T00:00:00Z, a Thursday, until it is moved. */
@Timeout(60)
class RecipeSchedulesTest {
    private final MovedClock clock = new MovedClock();
    private Hart hart = open(Hart.configure().inMemory());

    @TempDir
    Path folder;

    private Hart open(HartBuilder builder) {
        return builder.withoutModel().withoutBuiltInTools().clock(clock).create();
    }

    @AfterEach
    void close() {
        hart.close();
    }

    private static Recipe daily(String text) {
        return recipe(text).schedule("0 9 * * *").build();
    }

    private static RecipeBuilder recipe(String text) {
        return Recipe.named("report")
                .action("first", a -> a.transform(text))
                .action("second", a -> a.transform("{{first}} twice"))
                .action("third", a -> a.dependsOn(2).transform("on its own"))
                .output("second", String.class)
                .output("third", String.class);
    }

    private void tick(Hart at) {
        ((RecipeSchedules) at.schedules()).tick();
    }

    private List<Runs.Summary> runs() {
        return hart.runs().list(100);
    }

    private Schedules.Entry only() {
        assertThat(hart.schedules().list()).hasSize(1);
        return hart.schedules().list().get(0);
    }

    private Run ended(String runId) throws InterruptedException {
        while (!hart.runs().find(runId).orElseThrow().state().hasEnded()) {
            Thread.onSpinWait();
        }
        return hart.runs().get(runId);
    }

    @Test
    void aRecipeRunsOnceWhenItsTimeHasComeAndNotBefore() throws Exception {
        RecipeVersion version = hart.recipes().save(daily("news"));
        assertThat(only().id()).isEqualTo(version.recipeId() + "@1/schedule-1");
        assertThat(only().next()).isEqualTo("2026-01-01T09:00:00Z");
        clock.advance(Duration.ofHours(9).minusMillis(1));
        tick(hart);
        assertThat(runs()).isEmpty();
        clock.advance(Duration.ofMillis(1));
        tick(hart);
        tick(hart);
        assertThat(runs()).hasSize(1);
        Schedules.Entry entry = only();
        assertThat(entry.last()).isEqualTo("2026-01-01T09:00:00Z");
        assertThat(entry.next()).isEqualTo("2026-01-02T09:00:00Z");
        Run run = ended(entry.lastRun());
        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(run.outputs().get("second")).isEqualTo("news twice");
        assertThat(run.recipe())
                .hasValueSatisfying(recipe -> assertThat(recipe.version()).isEqualTo(1));
    }

    @Test
    void startedSchedulesRunByThemselves() throws Exception {
        hart.recipes().save(recipe("news").schedule("* * * * *").build());
        clock.advance(Duration.ofMinutes(1));
        hart.schedules().start();
        while (only().lastRun() == null) {
            Thread.sleep(10);
        }
        assertThat(ended(only().lastRun()).state()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void whatWasMissedWhileTheProcessWasGoneRunsOnce() {
        hart.close();
        hart = open(Hart.configure().dataDirectory(folder));
        hart.recipes().save(daily("news"));
        hart.close();
        clock.advance(Duration.ofDays(3).plusHours(10));
        hart = open(Hart.configure().dataDirectory(folder));
        tick(hart);
        tick(hart);
        assertThat(runs()).hasSize(1);
        assertThat(only().next()).isEqualTo("2026-01-05T09:00:00Z");
    }

    @Test
    void whatWasMissedIsLeftOutWhereThatIsWanted() {
        hart.recipes().save(daily("news"));
        hart.schedules().start(Schedules.Missed.SKIP);
        clock.advance(Duration.ofHours(9).plusMinutes(1).plusMillis(1));
        tick(hart);
        assertThat(runs()).isEmpty();
        assertThat(only().lastSkipped()).startsWith("MISSED");
        clock.advance(Duration.ofDays(1).minusMillis(1));
        tick(hart);
        assertThat(runs()).as("one minute late is not too late").hasSize(1);
        assertThat(only().lastSkipped()).isNull();
    }

    @Test
    void aNewVersionTakesTheScheduleOver() {
        hart.recipes().save(daily("news"));
        RecipeVersion second = hart.recipes()
                .save(recipe("olds")
                        .schedule("0 10 * * *")
                        .schedule("0 11 * * *")
                        .build());
        assertThat(hart.schedules().list())
                .extracting(Schedules.Entry::id)
                .containsExactly(second.recipeId() + "@2/schedule-1", second.recipeId() + "@2/schedule-2");
        hart.recipes().save(recipe("none").build());
        assertThat(hart.schedules().list()).isEmpty();
    }

    @Test
    void savingTheSameRecipeAgainChangesNothing() {
        hart.recipes().save(daily("news"));
        hart.schedules().pause(only().id());
        hart.recipes().save(daily("news"));
        assertThat(only().paused()).isTrue();
    }

    @Test
    void aPausedScheduleRunsAtItsNextTimeAfterItIsUnpaused() {
        hart.recipes().save(daily("news"));
        String id = only().id();
        hart.schedules().pause(id);
        assertThat(only().next()).isNull();
        clock.advance(Duration.ofHours(10));
        tick(hart);
        hart.schedules().unpause(id);
        hart.schedules().unpause(id);
        tick(hart);
        assertThat(runs()).isEmpty();
        assertThat(only().next()).isEqualTo("2026-01-02T09:00:00Z");
    }

    @Test
    void aScheduleRunsNowWhenItIsAskedTo() {
        hart.recipes().save(daily("news"));
        Run run = hart.schedules().runNow(only().id()).await();
        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(only().next()).isEqualTo("2026-01-01T09:00:00Z");
        assertThatThrownBy(() -> hart.schedules().runNow("report@1/schedule-9"))
                .isInstanceOf(RecipeNotFoundException.class)
                .hasMessageContaining("report@1/schedule-9");
        assertThatThrownBy(() -> hart.schedules().pause("nonsense")).isInstanceOf(RecipeNotFoundException.class);
    }

    @Test
    void onlyTheActionsFromEntryToExitRun() throws Exception {
        Recipe recipe = recipe("news")
                .schedule(Schedule.at("0 9 * * *").withActions(1, 2))
                .schedule(Schedule.at("0 9 * * *").withActions(3, null))
                .build();
        hart.recipes().save(recipe);
        clock.advance(Duration.ofHours(9));
        tick(hart);
        List<Schedules.Entry> entries = hart.schedules().list();
        Run first = ended(entries.get(0).lastRun());
        assertThat(first.outputs().get("second")).isEqualTo("news twice");
        assertThat(first.report().steps()).extracting(step -> step.action()).containsExactly("first", "second");
        Run second = ended(entries.get(1).lastRun());
        assertThat(second.report().steps()).extracting(step -> step.action()).containsExactly("third");
    }

    @Test
    void aScheduleThatDoesNotFitItsRecipeIsRefusedWithEveryProblem() {
        Recipe recipe = recipe("news")
                .input("city", String.class)
                .schedule("61 * * * *")
                .schedule(Schedule.at("0 9 * * *").withActions(2, 2))
                .schedule(Schedule.at("0 9 * * *").withActions(9, null))
                .schedule(new Schedule(Schedule.Kind.TIME, "0 9 * * *", ZoneId.of("UTC"), "Nobody", null, null, ""))
                .build();
        assertThatThrownBy(() -> hart.recipes().save(recipe))
                .isInstanceOfSatisfying(
                        RecipeInvalidException.class,
                        e -> assertThat(e.problems())
                                .extracting(problem -> problem.path())
                                .containsExactly(
                                        "schedules",
                                        "schedules[0].cron",
                                        "schedules[1]",
                                        "schedules[2].entryActionId",
                                        "schedules[3].persona"));
        assertThat(hart.recipes().list()).isEmpty();
    }

    @Test
    void aVisualScheduleRunsOnlyWhenSomethingFreshWasSeen() {
        AtomicReference<Observation> seen = new AtomicReference<>();
        hart.close();
        hart = open(Hart.configure().inMemory().visualContext(() -> Optional.ofNullable(seen.get())));
        hart.recipes()
                .save(recipe("news")
                        .schedule(Schedule.at("0 * * * *").withKind(Schedule.Kind.VISUAL))
                        .build());
        clock.advance(Duration.ofHours(1));
        tick(hart);
        assertThat(only().lastSkipped()).startsWith("NOTHING_SEEN");
        seen.set(new Observation(Source.SCREEN, Instant.parse("2026-01-01T01:58:00Z"), "a mail"));
        clock.advance(Duration.ofHours(1).plusMillis(1));
        tick(hart);
        assertThat(runs()).as("two minutes and a bit").isEmpty();
        seen.set(new Observation(Source.CAMERA, Instant.parse("2026-01-01T02:55:00Z"), "a visitor"));
        clock.advance(Duration.ofHours(1).minusMillis(1));
        tick(hart);
        assertThat(runs()).as("five minutes").hasSize(1);
    }

    @Test
    void aRecipeThatCannotBeReadDoesNotHoldUpTheOthers() throws Exception {
        hart.close();
        hart = open(Hart.configure().dataDirectory(folder));
        hart.recipes()
                .save(Recipe.named("broken")
                        .action("a", a -> a.transform("a"))
                        .schedule("0 8 * * *")
                        .build());
        hart.recipes().save(daily("news"));
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("hart.db"));
                Statement change = other.createStatement()) {
            change.executeUpdate("UPDATE recipe SET content_hash = 'sha256:0' WHERE name = 'broken'");
        }
        clock.advance(Duration.ofHours(9));
        tick(hart);
        assertThat(runs()).hasSize(1);
    }

    @Test
    void ofTwoProcessesOnOneDatabaseOneBeginsTheRun() throws Exception {
        String url = PostgresServer.freshDatabase();
        hart.close();
        hart = open(Hart.configure().dataDirectory(folder.resolve("one")).database(url));
        try (Hart other =
                open(Hart.configure().dataDirectory(folder.resolve("two")).database(url))) {
            for (int i = 0; i < 20; i++) {
                int number = i;
                hart.recipes()
                        .save(Recipe.named("r" + i)
                                .action("a", a -> a.transform(number))
                                .schedule("* * * * *")
                                .build());
            }
            clock.advance(Duration.ofMinutes(1));
            Thread there = new Thread(() -> tick(other));
            there.start();
            tick(hart);
            there.join();
            assertThat(runs()).hasSize(20);
            assertThat(hart.schedules().list()).allMatch(entry -> entry.lastRun() != null);
        }
    }
}
