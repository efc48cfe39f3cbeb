package dev.hart.core.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.recipe.DriftRule;
import dev.hart.recipe.MatchResult;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeGuard;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.ResultCheck;
import dev.hart.recipe.Rollout;
import dev.hart.recipe.Rollout.State;
import dev.hart.recipe.RolloutPlan;
import dev.hart.store.testing.PostgresServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two machines that share a PostgreSQL database try and decide as one. */
@Timeout(120)
class RolloutOnPostgresTest {
    private final BlockingQueue<RunEvent> news = new LinkedBlockingQueue<>();

    @TempDir
    Path folder;

    private Hart here;
    private Hart there;

    @BeforeEach
    void open() {
        String url = PostgresServer.freshDatabase();
        here = open(url, "here");
        there = open(url, "there");
    }

    private Hart open(String url, String data) {
        return Hart.configure()
                .dataDirectory(folder.resolve(data))
                .database(url)
                .withoutModel()
                .withoutBuiltInTools()
                .onEvent(event -> {
                    if (event.type().wireName().startsWith("rollout.")) {
                        news.add(event);
                    }
                })
                .create();
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
    }

    private static Recipe telling(String text) {
        return Recipe.named("report")
                .intent("weather of {{inputs.city}}")
                .input("city", String.class)
                .action("told", a -> a.transform(text))
                .output("told", String.class)
                .build();
    }

    private static Run ask(Hart hart) {
        return hart.run("report", Inputs.of("city", "Oslo"));
    }

    private RunEvent awaited(RunEvent.Type type) throws InterruptedException {
        while (true) {
            RunEvent event = news.poll(60, TimeUnit.SECONDS);
            assertThat(event).as("the event %s", type).isNotNull();
            if (event.type() == type) {
                return event;
            }
        }
    }

    @Test
    void runsOfBothThatEndAtTheSameTimeDecideOnce() throws Exception {
        here.recipes().save(telling("fair"));
        here.recipes()
                .rollout(
                        here.recipes().propose(telling("fair!")),
                        RolloutPlan.share(100).minimumRuns(8));
        List<Run> runs = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (Hart hart : List.of(here, there, here, there)) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 6; i++) {
                    runs.add(ask(hart));
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(runs).hasSize(24).allMatch(run -> run.output().equals("fair!"));
        Rollout ended = there.recipes().rollouts().get(0);
        assertThat(ended.state()).isEqualTo(State.PROMOTED);
        assertThat(ended.tried().runs()).isEqualTo(8);
        assertThat(news.stream().filter(event -> event.type() == RunEvent.Type.ROLLOUT_ENDED))
                .hasSize(1);
        for (Hart hart : List.of(here, there)) {
            assertThat(((MatchResult.Exact) hart.recipes().match("weather of Rome"))
                            .recipe()
                            .version())
                    .isEqualTo(2);
        }
    }

    @Test
    void aShadowOfOneMachineDecidesForBoth() throws Exception {
        here.recipes().save(telling("fair"));
        RecipeVersion second = there.recipes().propose(telling("foul"));
        there.recipes().rollout(second, RolloutPlan.shadow().minimumRuns(3));
        assertThat(ask(here).output()).isEqualTo("fair");
        assertThat(awaited(RunEvent.Type.ROLLOUT_ENDED).data()).containsEntry("state", "ROLLED_BACK");
        assertThat(there.recipes().standings("report").get(0).reasons())
                .containsExactly("1 of 1 results differ from those of version 1; 100 % must agree");
        there.recipes().promote(second, "it is meant to be");
        assertThat(ask(here).output()).isEqualTo("foul");
        here.recipes().rollBack(second, "it is not");
        assertThat(ask(there).output()).isEqualTo("fair");
    }

    @Test
    void driftSeenByOneMachineIsReportedByTheOtherAndTheVersionBeforeTakesOverAgain() throws Exception {
        here.recipes().save(telling("fair"));
        here.recipes().save(telling("foul"));
        here.recipes()
                .guard(
                        "report",
                        RecipeGuard.check(ResultCheck.none().expect(Map.of("told", "fair")))
                                .drift(DriftRule.of(2, 3).fallingBack()));
        ask(here);
        ask(there);
        assertThat(here.recipes().drifting())
                .hasSize(1)
                .isEqualTo(there.recipes().drifting());
        ask(here);
        awaited(RunEvent.Type.ROLLOUT_TRIED);
        ask(there);
        assertThat(awaited(RunEvent.Type.ROLLOUT_ENDED).data()).containsEntry("state", "PROMOTED");
        assertThat(ask(here).output()).isEqualTo("fair");
        assertThat(there.recipes().current("report").version()).isEqualTo(1);
    }
}
