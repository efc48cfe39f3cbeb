package dev.hart.core.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.Schedules;
import dev.hart.core.model.MovedClock;
import dev.hart.core.model.ScriptedReplies;
import dev.hart.error.InputInvalidException;
import dev.hart.error.RecipeNotFoundException;
import dev.hart.recipe.DriftRule;
import dev.hart.recipe.MatchResult;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeGuard;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.ResultCheck;
import dev.hart.recipe.Rollout;
import dev.hart.recipe.Rollout.State;
import dev.hart.recipe.RolloutPlan;
import dev.hart.recipe.VersionStanding;
import dev.hart.recipe.VersionStanding.Standing;
import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A new version of a recipe proves itself before it takes over. */
@Timeout(60)
class RolloutTest {
    private final MovedClock clock = new MovedClock();
    private final Office office = new Office();
    private final BlockingQueue<RunEvent> news = new LinkedBlockingQueue<>();
    private Hart hart = open(Hart.configure().inMemory());

    @TempDir
    Path folder;

    /** Tools that count their calls. */
    public static final class Office {
        private final List<String> calls = new CopyOnWriteArrayList<>();
        private volatile String weather = "fair";

        @Tool(name = "weather", description = "Look at the sky.", effect = Effect.READ)
        public String weather(String city) {
            calls.add("weather " + city);
            if (weather.isEmpty()) {
                throw new ToolFailure("DARK", "it is dark");
            }
            return weather;
        }

        @Tool(name = "almanac", description = "Look it up.", effect = Effect.READ)
        public String almanac(String city) {
            calls.add("almanac " + city);
            return "fair";
        }

        @Tool(name = "mail", description = "Send a mail.", effect = Effect.WRITE)
        public String mail(String text) {
            calls.add("mail " + text);
            return "sent " + text;
        }

        private List<String> mails() {
            return calls.stream().filter(call -> call.startsWith("mail ")).toList();
        }
    }

    private Hart open(HartBuilder builder) {
        Hart opened = builder.withoutModel()
                .withoutBuiltInTools()
                .withoutRepairs()
                .clock(clock)
                .judge(
                        "short",
                        (inputs, outputs) ->
                                String.valueOf(outputs.get("told")).length() < 60 ? List.of() : List.of("it is long"))
                .onEvent(event -> {
                    if (event.type().wireName().startsWith("rollout.")
                            || event.type() == RunEvent.Type.RECIPE_DRIFTING) {
                        news.add(event);
                    }
                })
                .create();
        opened.tools().register(office);
        return opened;
    }

    @AfterEach
    void close() {
        hart.close();
    }

    /** Tells the weather; each text makes another version. */
    private static Recipe telling(String text) {
        return Recipe.named("report")
                .intent("weather of {{inputs.city}}")
                .input("city", String.class)
                .action(
                        "sky",
                        a -> a.tool("weather").with("city", "{{inputs.city}}").retry(1, Duration.ZERO))
                .action("told", a -> a.transform(text))
                .output("told", String.class)
                .build();
    }

    private Run ask() {
        return hart.run("report", Inputs.of("city", "Oslo"));
    }

    private RunEvent awaited(RunEvent.Type type) throws InterruptedException {
        while (true) {
            RunEvent event = news.poll(30, TimeUnit.SECONDS);
            assertThat(event).as("the event %s", type).isNotNull();
            if (event.type() == type) {
                return event;
            }
        }
    }

    private List<Standing> standings() {
        return hart.recipes().standings("report").stream()
                .map(VersionStanding::standing)
                .toList();
    }

    private int matched() {
        return ((MatchResult.Exact) hart.recipes().match("weather of Oslo"))
                .recipe()
                .version();
    }

    @Test
    void aProposedVersionIsTakenByNobodyUntilItIsPromoted() {
        hart.recipes().save(telling("{{sky}}"));
        RecipeVersion second = hart.recipes().propose(telling("{{sky}}!"));
        assertThat(second.version()).isEqualTo(2);
        assertThat(standings()).containsExactly(Standing.CANDIDATE, Standing.CURRENT);
        assertThat(hart.recipes().current("report").version()).isEqualTo(1);
        assertThat(hart.recipes().get("report").version()).isEqualTo(1);
        assertThat(hart.recipes().list()).extracting(RecipeVersion::version).containsExactly(1);
        assertThat(matched()).isEqualTo(1);
        assertThat(ask().output()).isEqualTo("fair");
        assertThat(hart.run("weather of Oslo").output()).isEqualTo("fair");
        assertThat(hart.recipes().save(telling("{{sky}}")).version())
                .as("saving the current content again gives it back")
                .isEqualTo(1);

        hart.recipes().promote(second, "it reads better");
        assertThat(matched()).isEqualTo(2);
        assertThat(ask().output()).isEqualTo("fair!");
        assertThat(standings()).containsExactly(Standing.CURRENT, Standing.EARLIER);

        hart.recipes().rollBack(second, "it does not");
        assertThat(matched()).isEqualTo(1);
        assertThat(ask().output()).isEqualTo("fair");
        assertThat(hart.recipes().standings("report").get(0))
                .isEqualTo(new VersionStanding(2, Standing.ROLLED_BACK, List.of("it does not")));
        assertThat(hart.recipes().save(telling("{{sky}}!")))
                .as("its content does not bring it back")
                .isEqualTo(second);
        assertThat(ask().output()).isEqualTo("fair");
        assertThatThrownBy(() -> hart.recipes().rollBack(hart.recipes().get("report", 1), "no"))
                .isInstanceOf(InputInvalidException.class)
                .hasMessageContaining("only version");
        assertThat(hart.recipes().save(telling("{{sky}}!!")).version()).isEqualTo(3);
        assertThat(matched())
                .as("a new version that nobody holds back takes over")
                .isEqualTo(3);
    }

    @Test
    void theFirstVersionHasNothingToProve() {
        assertThat(hart.recipes().propose(telling("{{sky}}")).version()).isEqualTo(1);
        assertThat(ask().output()).isEqualTo("fair");
        assertThatThrownBy(() -> hart.recipes().current("nothing")).isInstanceOf(RecipeNotFoundException.class);
    }

    @Test
    void aVersionThatPassesOnItsShareOfTheRequestsTakesOverByItself() throws Exception {
        hart.recipes().save(telling("{{sky}}"));
        RecipeVersion second = hart.recipes().propose(telling("{{sky}}!"));
        Rollout begun = hart.recipes().rollout(second, RolloutPlan.share(40).minimumRuns(5));
        assertThat(begun.state()).isEqualTo(State.RUNNING);
        List<Run> runs = new ArrayList<>();
        while (hart.recipes().rollouts().get(0).state() == State.RUNNING) {
            assertThat(runs).as("40 % are five at some time").hasSizeLessThan(200);
            runs.add(runs.size() % 2 == 0 ? ask() : hart.run("weather of Oslo"));
        }
        Rollout ended = hart.recipes().rollouts("report").get(0);
        assertThat(ended.state()).isEqualTo(State.PROMOTED);
        assertThat(ended.tried().runs()).isEqualTo(5);
        assertThat(ended.tried().runs() + ended.current().runs()).isEqualTo(runs.size());
        for (Run run : runs) {
            int version = run.recipe().orElseThrow().version();
            assertThat(version == 2).isEqualTo(RolloutShare.takes(begun.id(), run.id(), 40));
            assertThat(run.output()).isEqualTo(version == 2 ? "fair!" : "fair");
            assertThat(run.report().notes().get(0))
                    .isEqualTo("version %d does this run: rollout %s tries version 2 on 40 %% of the requests"
                            .formatted(version, begun.id()));
        }
        Run last = runs.get(runs.size() - 1);
        assertThat(last.report().notes().get(1))
                .isEqualTo("this run ended rollout " + begun.id() + ": PROMOTED, [5 of 5 runs passed]");
        RunEvent event = awaited(RunEvent.Type.ROLLOUT_ENDED);
        assertThat(event.runId()).isEqualTo(last.id());
        assertThat(event.data()).containsEntry("state", "PROMOTED").containsEntry("candidate", 2L);
        assertThat(matched()).isEqualTo(2);
        assertThat(ask().report().notes()).isEmpty();
        assertThat(standings()).containsExactly(Standing.CURRENT, Standing.EARLIER);
    }

    @Test
    void aRunOfANamedVersionIsNeverReroutedAndCountsForNothing() {
        RecipeVersion first = hart.recipes().save(telling("{{sky}}"));
        RecipeVersion second = hart.recipes().propose(telling("{{sky}}!"));
        hart.recipes().rollout(second, RolloutPlan.share(100).minimumRuns(3));
        for (int i = 0; i < 4; i++) {
            Run run = hart.run(first, Inputs.of("city", "Oslo"));
            assertThat(run.output()).isEqualTo("fair");
            assertThat(run.report().notes()).isEmpty();
            assertThat(hart.run(second, Inputs.of("city", "Oslo")).output()).isEqualTo("fair!");
        }
        assertThat(hart.recipes().rollouts().get(0).tried().runs()).isZero();
        assertThat(ask().output()).isEqualTo("fair!");
        assertThat(hart.recipes().rollouts().get(0).tried().runs()).isEqualTo(1);
    }

    @Test
    void aVersionWhoseResultsDoNotPassIsRolledBackWithTheReasons() throws Exception {
        hart.recipes().save(telling("{{sky}}"));
        hart.recipes()
                .guard(
                        "report",
                        RecipeGuard.check(ResultCheck.none()
                                .outputs(Map.of("properties", Map.of("told", Map.of("maxLength", 5))))
                                .expect(Inputs.of("city", "Rome"), Map.of("told", "fair"))));
        RecipeVersion second = hart.recipes().propose(telling("{{sky}}, they say"));
        hart.recipes().rollout(second, RolloutPlan.share(100).minimumRuns(10).successRate(0.9));
        Run bad = ask();
        assertThat(bad.output()).as("the user gets the result all the same").isEqualTo("fair, they say");
        assertThat(bad.report().notes().get(1)).startsWith("the run does not pass the check of its recipe: /told");
        assertThat(hart.recipes().rollouts().get(0).state()).isEqualTo(State.RUNNING);
        hart.run("report", Inputs.of("city", "Rome"));
        Rollout ended = hart.recipes().rollouts().get(0);
        assertThat(ended.state()).isEqualTo(State.ROLLED_BACK);
        assertThat(ended.reasons()).containsExactly("2 of 2 runs failed or did not pass; 90 % of 10 must");
        assertThat(awaited(RunEvent.Type.ROLLOUT_ENDED).data()).containsEntry("state", "ROLLED_BACK");
        assertThat(hart.recipes().standings("report").get(0))
                .isEqualTo(new VersionStanding(2, Standing.ROLLED_BACK, ended.reasons()));
        assertThat(ask().output()).isEqualTo("fair");
        assertThat(matched()).isEqualTo(1);
    }

    @Test
    void whenItsTimeIsOverTheNextWhoLooksFindsItRolledBack() {
        hart.recipes().save(telling("{{sky}}"));
        RecipeVersion second = hart.recipes().propose(telling("{{sky}}!"));
        hart.recipes().rollout(second, RolloutPlan.share(100).minimumRuns(3).longest(Duration.ofHours(1)));
        assertThat(ask().output()).isEqualTo("fair!");
        clock.advance(Duration.ofHours(1).minusMillis(1));
        assertThat(ask().output()).isEqualTo("fair!");
        clock.advance(Duration.ofMillis(1));
        Run after = ask();
        assertThat(after.output()).isEqualTo("fair");
        assertThat(hart.recipes().rollouts().get(0).reasons())
                .containsExactly("its time of PT1H is over with 2 of 3 runs");
    }

    @Test
    void aShadowRunsBesideAndAnswersNothing() throws Exception {
        hart.recipes().save(telling("{{sky}}"));
        hart.recipes().guard("report", RecipeGuard.check(ResultCheck.none()));
        Recipe other = Recipe.named("report")
                .intent("weather of {{inputs.city}}")
                .input("city", String.class)
                .action("sky", a -> a.tool("almanac").with("city", "{{inputs.city}}"))
                .action("told", a -> a.transform("{{sky}}"))
                .output("told", String.class)
                .build();
        hart.recipes()
                .rollout(hart.recipes().propose(other), RolloutPlan.shadow().minimumRuns(2));
        Run run = ask();
        assertThat(run.recipe().orElseThrow().version()).isEqualTo(1);
        assertThat(run.report().notes().get(0)).startsWith("version 1 answers; version 2 runs beside it in shadow");
        assertThat(awaited(RunEvent.Type.ROLLOUT_TRIED).data())
                .containsEntry("passed", true)
                .containsEntry("problems", List.of());
        assertThat(office.calls).containsExactly("weather Oslo", "almanac Oslo");
        ask();
        assertThat(awaited(RunEvent.Type.ROLLOUT_ENDED).data()).containsEntry("state", "PROMOTED");
        assertThat(hart.runs().list(10)).as("a shadow is no run").hasSize(2);
        office.calls.clear();
        ask();
        assertThat(office.calls).containsExactly("almanac Oslo");
    }

    @Test
    void aShadowWithAnotherResultDoesNotAgree() throws Exception {
        hart.recipes().save(telling("{{sky}}"));
        hart.recipes()
                .rollout(
                        hart.recipes().propose(telling("{{sky}}!")),
                        RolloutPlan.shadow().minimumRuns(2));
        ask();
        assertThat(awaited(RunEvent.Type.ROLLOUT_TRIED).data().get("problems"))
                .isEqualTo(List.of("/told is \"fair!\", not \"fair\""));
        assertThat(awaited(RunEvent.Type.ROLLOUT_ENDED).data()).containsEntry("state", "ROLLED_BACK");
        assertThat(hart.recipes().rollouts().get(0).reasons())
                .containsExactly("1 of 1 results differ from those of version 1; 100 % must agree");
    }

    private static Recipe mailing(String text, String... more) {
        var recipe = Recipe.named("report")
                .input("city", String.class)
                .action("sky", a -> a.tool("weather").with("city", "{{inputs.city}}"))
                .action("told", a -> a.tool("mail").with("text", text));
        for (int i = 0; i < more.length; i++) {
            String next = more[i];
            recipe.action("more" + i, a -> a.tool("mail").with("text", next));
        }
        return recipe.output("told", String.class).build();
    }

    @Test
    void aShadowNeverRepeatsAnEffect() throws Exception {
        hart.recipes().save(mailing("it is {{sky}}"));
        Recipe same = Recipe.named("report")
                .input("city", String.class)
                .action("look", a -> a.tool("weather").with("city", "{{inputs.city}}"))
                .action("text", a -> a.transform("it is {{look}}"))
                .action("told", a -> a.tool("mail").with("text", "{{text}}"))
                .output("told", String.class)
                .build();
        hart.recipes()
                .rollout(hart.recipes().propose(same), RolloutPlan.shadow().minimumRuns(1));
        ask();
        assertThat(awaited(RunEvent.Type.ROLLOUT_TRIED).data()).containsEntry("problems", List.of());
        assertThat(office.mails()).containsExactly("mail it is fair");
        assertThat(awaited(RunEvent.Type.ROLLOUT_ENDED).data()).containsEntry("state", "PROMOTED");
    }

    @Test
    void aShadowThatWouldHaveAnotherEffectIsNotComparedAndSaysSo() throws Exception {
        hart.recipes().save(mailing("it is {{sky}}"));
        hart.recipes()
                .rollout(
                        hart.recipes().propose(mailing("now {{sky}}")),
                        RolloutPlan.shadow().minimumRuns(1));
        ask();
        RunEvent tried = awaited(RunEvent.Type.ROLLOUT_TRIED);
        assertThat(tried.data())
                .containsEntry("counts", false)
                .containsEntry(
                        "problems",
                        List.of("told would call mail, which the current version did not do with these values"));
        assertThat(office.mails()).containsExactly("mail it is fair");
        assertThat(hart.recipes().rollouts().get(0).notCompared()).isEqualTo(1);
        assertThat(hart.recipes().rollouts().get(0).state()).isEqualTo(State.RUNNING);
    }

    @Test
    void oneRecordedEffectStandsForOneAndOneThatIsLeftOutIsADifference() throws Exception {
        hart.recipes().save(mailing("it is {{sky}}"));
        RecipeVersion twice = hart.recipes().propose(mailing("it is {{sky}}", "it is {{sky}}"));
        hart.recipes().rollout(twice, RolloutPlan.shadow().minimumRuns(1));
        ask();
        assertThat(awaited(RunEvent.Type.ROLLOUT_TRIED).data()).containsEntry("counts", false);
        assertThat(office.mails()).hasSize(1);
        hart.recipes().promote(twice, "both are wanted");
        news.clear();
        hart.recipes()
                .rollout(hart.recipes().get("report", 1), RolloutPlan.shadow().minimumRuns(1));
        ask();
        assertThat(awaited(RunEvent.Type.ROLLOUT_TRIED).data().get("problems"))
                .isEqualTo(List.of("it does not call mail, which the current version did"));
        assertThat(office.mails()).hasSize(3);
    }

    @Test
    void aNewVersionOfAGuardedRecipeProvesItselfFirst() throws Exception {
        hart.recipes().save(telling("{{sky}}"));
        hart.recipes()
                .guard(
                        "report",
                        RecipeGuard.check(ResultCheck.none().judgedBy("short"))
                                .newVersions(RolloutPlan.share(100).minimumRuns(2)));
        RecipeVersion second = hart.recipes().save(telling("{{sky}}!"));
        assertThat(awaited(RunEvent.Type.ROLLOUT_STARTED).data())
                .containsEntry("cause", "new versions of this recipe prove themselves first");
        assertThat(hart.recipes().current("report").version()).isEqualTo(1);
        assertThat(ask().recipe().orElseThrow()).isEqualTo(second);
        ask();
        assertThat(hart.recipes().current("report")).isEqualTo(second);
        hart.recipes().save(telling("{{sky}} and much more of the same, which is far too long to be read by anybody"));
        ask();
        assertThat(hart.recipes().rollouts().get(0).state()).isEqualTo(State.ROLLED_BACK);
        assertThat(hart.recipes().current("report")).isEqualTo(second);
    }

    @Test
    void aMendedVersionProvesItselfToo() throws Exception {
        hart.close();
        hart = Hart.configure()
                .inMemory()
                .model(new ScriptedReplies("""
                        {"name": "other", "actions": [
                          {"name": "get", "description": "Look it up", "kind": "TOOL", "tool": "almanac",
                           "args": {"city": "Oslo"}}],
                         "answers": ["get"], "cannot": []}"""))
                .withoutBuiltInTools()
                .create();
        hart.tools().register(office);
        Recipe recipe = Recipe.named("report")
                .input("city", String.class)
                .action(
                        "told",
                        a -> a.description("Tell the weather of {{inputs.city}}")
                                .tool("weather")
                                .with("city", "{{inputs.city}}")
                                .retry(1, Duration.ZERO))
                .output("told", String.class)
                .build();
        hart.recipes().save(recipe);
        hart.recipes()
                .guard(
                        "report",
                        RecipeGuard.check(ResultCheck.none())
                                .newVersions(RolloutPlan.share(100).minimumRuns(2)));
        office.weather = "";
        Run mended = ask();
        assertThat(mended.output()).isEqualTo("fair");
        assertThat(mended.report().notes())
                .contains(
                        "the run does not pass the check of its recipe: it failed for good, and went on with a new plan",
                        "the new plan is kept in report@2");
        assertThat(standings()).containsExactly(Standing.CANDIDATE, Standing.CURRENT);
        assertThat(ask().recipe().orElseThrow().version()).isEqualTo(2);
        ask();
        assertThat(hart.recipes().current("report").version()).isEqualTo(2);
        assertThat(hart.recipes().get("report").parentVersion()).isEqualTo(1);
    }

    @Test
    void aVersionSavedByHandMeanwhileSettlesTheQuestion() throws Exception {
        hart.recipes().save(telling("{{sky}}"));
        hart.recipes()
                .rollout(
                        hart.recipes().propose(telling("{{sky}}!")),
                        RolloutPlan.share(100).minimumRuns(5));
        assertThatThrownBy(() -> hart.recipes().rollout(hart.recipes().get("report", 2), RolloutPlan.shadow()))
                .isInstanceOf(InputInvalidException.class)
                .hasMessageContaining("goes on");
        hart.recipes().save(telling("{{sky}}?"));
        assertThat(awaited(RunEvent.Type.ROLLOUT_ENDED).data()).containsEntry("state", "SUPERSEDED");
        assertThat(ask().output()).isEqualTo("fair?");
        assertThat(standings()).containsExactly(Standing.CURRENT, Standing.CANDIDATE, Standing.EARLIER);
        assertThatThrownBy(() -> hart.recipes().rollout(hart.recipes().get("report", 3), RolloutPlan.shadow()))
                .isInstanceOf(InputInvalidException.class)
                .hasMessageContaining("the current version already");
    }

    @Test
    void aRequestThatTheNewVersionCannotTakeIsDoneByTheOldOne() {
        hart.recipes().save(telling("{{sky}}"));
        Recipe narrower = Recipe.named("report")
                .intent("weather of {{inputs.city}}")
                .input("city", Map.of("type", "string", "maxLength", 4))
                .action("told", a -> a.tool("weather").with("city", "{{inputs.city}}"))
                .output("told", String.class)
                .build();
        hart.recipes()
                .rollout(
                        hart.recipes().propose(narrower), RolloutPlan.share(100).minimumRuns(2));
        Run run = hart.run("report", Inputs.of("city", "Stockholm"));
        assertThat(run.recipe().orElseThrow().version()).isEqualTo(1);
        assertThat(run.report().notes().get(0)).contains("which cannot take it").contains("city");
        assertThat(hart.recipes().rollouts().get(0).notCompared()).isEqualTo(1);
        assertThat(ask().recipe().orElseThrow().version()).isEqualTo(2);
    }

    @Test
    void schedulesFollowTheCurrentVersionAndAPauseStays() {
        Recipe first = Recipe.named("report")
                .action("told", a -> a.transform("one"))
                .output("told", String.class)
                .schedule("0 9 * * *")
                .build();
        Recipe second = Recipe.named("report")
                .action("told", a -> a.transform("two"))
                .output("told", String.class)
                .schedule("0 8 * * *")
                .build();
        hart.recipes().save(first);
        RecipeVersion next = hart.recipes().propose(second);
        Schedules.Entry entry = hart.schedules().list().get(0);
        assertThat(entry.id()).endsWith("@1/schedule-1");
        hart.recipes().rollout(next, RolloutPlan.share(100).minimumRuns(2));
        assertThat(hart.schedules().runNow(entry.id()).await().output()).isEqualTo("two");
        hart.schedules().pause(entry.id());
        assertThat(hart.run("report", Inputs.none()).output()).isEqualTo("two");
        assertThat(hart.schedules().list()).singleElement().satisfies(now -> {
            assertThat(now.id()).endsWith("@2/schedule-1");
            assertThat(now.paused()).isTrue();
        });
        hart.recipes().rollBack(next, "too early");
        assertThat(hart.schedules().list().get(0).id()).endsWith("@1/schedule-1");
    }

    @Test
    void aRecipeThatFailsItsCheckTooOftenIsReportedAsDriftingOnceAndUntilItRecovers() throws Exception {
        hart.recipes().save(telling("{{sky}}"));
        hart.recipes()
                .guard(
                        "report",
                        RecipeGuard.check(ResultCheck.none().expect(Map.of("told", "fair")))
                                .drift(DriftRule.of(2, 3)));
        ask();
        office.weather = "foul";
        ask();
        assertThat(hart.recipes().drifting()).isEmpty();
        Run second = ask();
        assertThat(second.report().notes()).anyMatch(note -> note.startsWith("report@1 drifts: 2 of its last 3"));
        RunEvent event = awaited(RunEvent.Type.RECIPE_DRIFTING);
        assertThat(event.runId()).isEqualTo(second.id());
        assertThat(hart.recipes().drifting()).singleElement().satisfies(drift -> {
            assertThat(drift.recipe()).isEqualTo("report");
            assertThat(drift.failures()).isEqualTo(2);
            assertThat(drift.problems()).containsExactly("/told is \"foul\", not \"fair\"");
        });
        ask();
        assertThat(news).as("it is said once").isEmpty();
        office.weather = "fair";
        ask();
        ask();
        assertThat(hart.recipes().drifting()).isEmpty();
    }

    @Test
    void aFailedReplayCountsAsOneThatDoesNotPass() {
        hart.recipes().save(telling("{{sky}}"));
        hart.recipes().guard("report", RecipeGuard.check(ResultCheck.none()).drift(DriftRule.of(1, 1)));
        office.weather = "";
        assertThat(ask().failure()).isPresent();
        assertThat(hart.recipes().drifting().get(0).problems().get(0)).contains("DARK");
    }

    @Test
    void aDriftingVersionGivesWayToTheOneBeforeIfThatPassesAndOnlyThen() throws Exception {
        Recipe almanac = Recipe.named("report")
                .intent("weather of {{inputs.city}}")
                .input("city", String.class)
                .action("told", a -> a.tool("almanac").with("city", "{{inputs.city}}"))
                .output("told", String.class)
                .build();
        hart.recipes().save(almanac);
        hart.recipes().save(telling("{{sky}}"));
        hart.recipes()
                .guard(
                        "report",
                        RecipeGuard.check(ResultCheck.none().expect(Map.of("told", "fair")))
                                .drift(DriftRule.of(2, 4).fallingBack()));
        office.weather = "foul";
        ask();
        ask();
        awaited(RunEvent.Type.RECIPE_DRIFTING);
        assertThat(awaited(RunEvent.Type.ROLLOUT_STARTED).data())
                .containsEntry("candidate", 1L)
                .containsEntry("cause", "version 2 drifts: 2 of its last 2 replays failed");
        assertThat(ask().output()).isEqualTo("foul");
        assertThat(awaited(RunEvent.Type.ROLLOUT_TRIED).data()).containsEntry("passed", true);
        ask();
        assertThat(awaited(RunEvent.Type.ROLLOUT_ENDED).data()).containsEntry("state", "PROMOTED");
        assertThat(ask().output()).isEqualTo("fair");
        assertThat(standings()).containsExactly(Standing.REPLACED, Standing.CURRENT);
        assertThat(hart.recipes().drifting()).isEmpty();
    }

    @Test
    void aVersionBeforeThatDoesNotPassEitherStaysWhereItIs() throws Exception {
        hart.recipes().save(telling("{{sky}}?"));
        hart.recipes().save(telling("{{sky}}"));
        hart.recipes()
                .guard(
                        "report",
                        RecipeGuard.check(ResultCheck.none().expect(Map.of("told", "fair")))
                                .drift(DriftRule.of(1, 4).fallingBack()));
        office.weather = "foul";
        ask();
        ask();
        assertThat(awaited(RunEvent.Type.ROLLOUT_ENDED).data()).containsEntry("state", "ROLLED_BACK");
        ask();
        assertThat(hart.recipes().rollouts())
                .as("it is not tried again and again")
                .hasSize(1);
        assertThat(standings()).containsExactly(Standing.CURRENT, Standing.EARLIER);
        assertThat(hart.recipes().drifting()).hasSize(1);
    }

    @Test
    void aRolloutGoesOnAfterARestart() {
        hart.close();
        hart = open(Hart.configure().dataDirectory(folder));
        hart.recipes().save(telling("{{sky}}"));
        hart.recipes()
                .rollout(
                        hart.recipes().propose(telling("{{sky}}!")),
                        RolloutPlan.share(100).minimumRuns(2));
        ask();
        hart.close();
        hart = open(Hart.configure().dataDirectory(folder));
        Run deciding = ask();
        assertThat(deciding.mode()).isEqualTo(Mode.REUSE);
        hart.close();
        hart = open(Hart.configure().dataDirectory(folder));
        assertThat(hart.recipes().rollouts().get(0).state()).isEqualTo(State.PROMOTED);
        assertThat(matched()).isEqualTo(2);
        assertThat(hart.runs().get(deciding.id()).report().notes()).anyMatch(note -> note.contains("PROMOTED"));
    }

    @Test
    void twoProcessesThatDecideAtTheSameTimeDecideOnce() throws Exception {
        hart.close();
        hart = open(Hart.configure().dataDirectory(folder));
        Hart other = open(Hart.configure().dataDirectory(folder));
        try {
            hart.recipes().save(telling("{{sky}}"));
            hart.recipes()
                    .rollout(
                            hart.recipes().propose(telling("{{sky}}!")),
                            RolloutPlan.share(100).minimumRuns(6));
            List<Run> runs = new CopyOnWriteArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (Hart one : List.of(hart, other, hart, other)) {
                Thread thread = new Thread(() -> {
                    for (int i = 0; i < 5; i++) {
                        runs.add(one.run("report", Inputs.of("city", "Oslo")));
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(runs).hasSize(20).allMatch(run -> run.output().equals("fair!"));
            assertThat(news.stream().filter(event -> event.type() == RunEvent.Type.ROLLOUT_ENDED))
                    .hasSize(1);
            Rollout ended = hart.recipes().rollouts().get(0);
            assertThat(ended.state()).isEqualTo(State.PROMOTED);
            assertThat(ended.tried().runs()).isEqualTo(6);
            assertThat(other.recipes().rollouts()).isEqualTo(hart.recipes().rollouts());
            assertThat(((MatchResult.Exact) other.recipes().match("weather of Oslo"))
                            .recipe()
                            .version())
                    .isEqualTo(2);
        } finally {
            other.close();
        }
    }

    @Test
    void aCheckThatCouldNeverBeHeldAgainstAResultIsRefused() {
        hart.recipes().save(telling("{{sky}}"));
        assertThatThrownBy(() -> hart.recipes()
                        .guard("report", RecipeGuard.check(ResultCheck.none().judgedBy("nobody"))))
                .isInstanceOf(InputInvalidException.class)
                .hasMessageContaining("'nobody', which is not registered");
        assertThatThrownBy(() -> hart.recipes()
                        .guard(
                                "report",
                                RecipeGuard.check(
                                        ResultCheck.none().outputs(Map.of("$ref", "https://example.com/other.json")))))
                .isInstanceOf(InputInvalidException.class)
                .hasMessageContaining("no JSON Schema");
        assertThat(hart.recipes().guard("report")).isEmpty();
        RecipeGuard guard = RecipeGuard.check(ResultCheck.none().judgedBy("short"));
        hart.recipes().guard("report", guard);
        assertThat(hart.recipes().guard("report")).contains(guard);
        assertThat(hart.recipes().versions("report"))
                .as("a guard makes no version")
                .hasSize(1);
        hart.recipes().unguard("report");
        assertThat(hart.recipes().guard("report")).isEmpty();
    }
}
