package dev.hart.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.error.InputInvalidException;
import dev.hart.error.RecipeCorruptException;
import dev.hart.error.RecipeInvalidException;
import dev.hart.error.RecipeNotFoundException;
import dev.hart.recipe.Action;
import dev.hart.recipe.Fallback;
import dev.hart.recipe.Flow;
import dev.hart.recipe.ImportedDraft;
import dev.hart.recipe.MatchResult;
import dev.hart.recipe.Problem;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.RecipeVersion.Status;
import dev.hart.recipe.Schedule;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import dev.hart.tool.TypedTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Drafts, and those that are made from files of the reference. */
@Timeout(60)
class DraftsTest {
    record Text(String text) {}

    @TempDir
    private Path folder;

    private final Hart hart =
            Hart.configure().inMemory().withoutModel().withoutBuiltInTools().create();

    @AfterEach
    void close() {
        hart.close();
    }

    private void register(String tool, Effect effect) {
        hart.tools().register(TypedTool.of(tool, "Say a text.", Text.class, String.class, effect, Text::text));
    }

    private void file(String name, String json) throws IOException {
        Files.writeString(folder.resolve(name), json);
    }

    private ImportedDraft imported() {
        return hart.recipes().importReference(folder, "42");
    }

    private static Recipe greeting() {
        return Recipe.named("greeting")
                .intent("greet")
                .action("say", a -> a.tool("say").with("text", "Hello"))
                .build();
    }

    // ---- drafts

    @Test
    void aDraftIsStoredWithoutItsToolsAndMatchedToNothing() {
        RecipeVersion draft = hart.recipes().saveDraft(greeting());
        assertThat(draft.status()).isEqualTo(Status.DRAFT);
        assertThat(hart.recipes().drafts()).containsExactly(draft);
        assertThat(hart.recipes().saveDraft(greeting())).isEqualTo(draft);
        assertThat(hart.recipes().match("greet")).isInstanceOf(MatchResult.None.class);
        assertThatThrownBy(() -> hart.run(draft, Inputs.none()))
                .isInstanceOf(RecipeInvalidException.class)
                .hasMessageContaining("is a draft");
        assertThat(hart.dryRun(draft, Inputs.none()).problems())
                .extracting(Problem::code)
                .containsExactly("DRAFT", "UNKNOWN_TOOL");
    }

    @Test
    void savingTheContentOfACompleteDraftTrainsIt() {
        Recipe complete = Recipe.named("greeting")
                .intent("greet")
                .action("say", a -> a.transform("Hello"))
                .output("say", String.class)
                .build();
        RecipeVersion draft = hart.recipes().saveDraft(complete);
        assertThat(hart.recipes().match("greet")).isInstanceOf(MatchResult.None.class);

        RecipeVersion trained = hart.recipes().save(draft.recipe());

        assertThat(trained.status()).isEqualTo(Status.TRAINED);
        assertThat(trained.version()).isEqualTo(1);
        assertThat(hart.recipes().versions("greeting")).containsExactly(trained);
        assertThat(hart.recipes().drafts()).isEmpty();
        assertThat(hart.recipes().match("greet")).isInstanceOf(MatchResult.Exact.class);
        assertThat(hart.run("greet").output()).isEqualTo("Hello");
    }

    @Test
    void aDraftThatIsCompletedIsTheNextVersion() {
        RecipeVersion draft = hart.recipes().saveDraft(greeting());
        assertThatThrownBy(() -> hart.recipes().save(draft.recipe()))
                .isInstanceOf(RecipeInvalidException.class)
                .hasMessageContaining("UNKNOWN_TOOL");
        register("say", Effect.WRITE);
        RecipeVersion trained = hart.recipes().save(draft.recipe());
        assertThat(trained.version())
                .as("the tool's effect and version are filled in")
                .isEqualTo(2);
        assertThat(trained.parentVersion()).isEqualTo(1);
        assertThat(hart.recipes().drafts()).isEmpty();
        assertThat(hart.recipes().match("greet")).isInstanceOf(MatchResult.Exact.class);
    }

    @Test
    void aDraftBehindATrainedVersionDoesNotHideIt() {
        register("say", Effect.READ);
        RecipeVersion trained = hart.recipes().save(greeting());
        hart.recipes()
                .saveDraft(Recipe.named("greeting")
                        .intent("greet")
                        .action("say", a -> a.tool("shout"))
                        .build());
        assertThat(hart.recipes().match("greet"))
                .isInstanceOfSatisfying(
                        MatchResult.Exact.class,
                        match -> assertThat(match.recipe()).isEqualTo(trained));
    }

    // ---- files of the reference

    private void definition() throws IOException {
        file("42.json", """
                {"status": "completed", "name": "Weekly Report!", "goal": "Report on {{city}}", "prompt_id": 42,
                 "personas": [{"name": "Researcher", "description": "finds things"}],
                 "flows": [
                   {"flow_name": "research", "persona": "Researcher", "sub_goal": "Know it", "actions": [
                     {"action_id": 1, "action": "Find news", "can_perform_without_user_input": "yes"},
                     {"action_id": 2, "action": "Count them"}, "Think about it", "Say so"]},
                   {"flow_name": "tell", "persona": "Writer", "sub_goal": "", "actions": ["Write it"]}]}
                """);
    }

    @Test
    void stepsBecomeToolsOrModelQuestionsAndCodeIsOnlyKeptAsWords() throws IOException {
        definition();
        file("42_0_1.json", """
                {"status": "done", "action": "Find news", "action_id": 1, "persona": "Researcher",
                 "fallback_action": "ask somebody", "can_perform_without_user_input": "no-needs a login",
                 "recipe": [
                   {"steps": "search the web", "tool_name": "web_search", "generalized_functions": "def f(): pass",
                    "agent_to_perform_this_action": "Helper"},
                   {"steps": "run it", "tool_name": "", "generalized_functions": "def g(): pass"},
                   {"steps": "think"}],
                 "scheduled_tasks": [{"cron_expression": "0 9 * * 1-5"}], "time_took_to_complete": 1.5}
                """);
        file("42_0_3.json", """
                {"status": "done", "action": "Think about it", "action_id": 3, "persona": "Thinker",
                 "recipe": [{"steps": "think hard"}], "actions_this_action_depends_on": [1, 3]}
                """);
        file("42_1_recipe.json", """
                {"status": "completed", "actions": [
                   {"action": "Write it", "action_id": 1, "persona": "Writer", "recipe": []}], "dependency": "none"}
                """);
        file("42_0_1_vlm_agent.json", "{}");

        ImportedDraft imported = imported();

        Recipe recipe = imported.draft().recipe();
        assertThat(imported.draft().status()).isEqualTo(Status.DRAFT);
        assertThat(recipe.name()).isEqualTo("Weekly-Report");
        assertThat(recipe.goal()).isEqualTo("Report on \\{{city}}");
        Flow research = recipe.flows().get(0);
        assertThat(research.persona()).isEqualTo("Researcher");
        assertThat(research.subGoal()).isEqualTo("Know it");
        assertThat(recipe.flows().get(1).dependsOn()).containsExactly(0);
        assertThat(research.actions()).extracting(Action::actionId).containsExactly(1, 2, 3, 4);
        Action find = research.actions().get(0);
        assertThat(find.steps()).extracting(Step::kind).containsExactly(StepKind.TOOL, StepKind.MODEL, StepKind.MODEL);
        assertThat(find.steps().get(0).tool()).isEqualTo("web_search");
        assertThat(find.steps().get(0).args()).isEmpty();
        assertThat(find.steps().get(1).args()).containsEntry("prompt", "run it");
        assertThat(find.description()).contains("Find news", "search the web", "not run:\ndef f(): pass", "def g()");
        assertThat(find.fallbacks())
                .as("a hint, as there are no steps for it")
                .containsExactly(new Fallback("ask somebody", List.of()));
        assertThat(research.actions().get(1).steps().get(0).args())
                .as("files for 1 and 3 of four: the others do what their words say")
                .containsEntry("prompt", "Count them");
        assertThat(research.actions().get(2).dependsOn()).containsExactly(1, 3);
        assertThat(recipe.flows().get(1).actions().get(0).steps().get(0).args())
                .as("a recipe without steps is none")
                .containsEntry("prompt", "Write it");
        assertThat(recipe.flows().get(1).actions().get(0).name()).isEqualTo("f1_action1");
        assertThat(String.join("\n", imported.notes()))
                .contains(
                        "action1, step 1 calls web_search: give it its arguments",
                        "action1, step 2 was code",
                        "action1 needed a person: no-needs a login",
                        "action1 had a schedule, '0 9 * * 2-6', which is not taken over: it ran one flow",
                        "action2 was never learned",
                        "action3 was done by Thinker",
                        "f1_action1 was never learned",
                        "1 recipes for a screen");
        assertThat(hart.recipes().drafts()).containsExactly(imported.draft());
    }

    private Recipe scheduled(String tasks) throws IOException {
        file("42.json", """
                {"name": "s", "goal": "g", "flows": [{"flow_name": "f", "persona": "p", "actions": ["a", "b", "c"]}]}
                """);
        file("42_0_recipe.json", """
                {"status": "completed", "actions": [
                  {"action": "a", "action_id": 1, "recipe": [{"steps": "x"}]},
                  {"action": "b", "action_id": 2, "recipe": [{"steps": "y"}], "scheduled_tasks": [
                    {"cron_expression": "30 6 * * 6", "persona": "p", "job_description": "on Sundays"}]}],
                 %s}
                """.formatted(tasks));
        return imported().draft().recipe();
    }

    @Test
    void schedulesOfTheReferenceBecomeOnesOfTheRecipe() throws IOException {
        Recipe recipe = scheduled("""
                "scheduled_tasks": [
                  {"cron_expression": "0 9 * * 0-4", "persona": "p", "action_entry_point": 0},
                  {"cron_expression": "0 9 * * 0-4", "persona": "p"},
                  {"cron_expression": "5 * * * *", "persona": "", "action_entry_point": 2, "action_exit_point": 3}],
                "visual_scheduled_tasks": [{"cron_expression": "*/5 * * * mon", "persona": "p", "job_description": "look"}]
                """);
        ZoneId utc = ZoneId.of("UTC");
        assertThat(recipe.schedules())
                .containsExactly(
                        new Schedule(Schedule.Kind.TIME, "30 6 * * 7", utc, "p", 2, 2, "on Sundays"),
                        new Schedule(Schedule.Kind.TIME, "0 9 * * 1-5", utc, "p", null, null, ""),
                        new Schedule(Schedule.Kind.TIME, "5 * * * *", utc, "", 2, 3, ""),
                        new Schedule(Schedule.Kind.VISUAL, "*/5 * * * mon", utc, "p", null, null, "look"));
        assertThat(hart.schedules().list()).as("a draft does not run by itself").isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "'0 9 1 * 0', both of the month and of the week",
        "'0 9 * *', five fields",
        "'0 9 * * last', crontab",
    })
    void aScheduleThatNoCrontabCanSayIsNamed(String cron, String why) throws IOException {
        Recipe recipe = scheduled("\"scheduled_tasks\": [{\"cron_expression\": \"" + cron + "\"}]");
        assertThat(recipe.schedules()).extracting(Schedule::cron).containsExactly("30 6 * * 7");
        assertThat(String.join("\n", imported().notes()))
                .contains("flow 0 had a schedule, '" + cron)
                .contains(why);
    }

    @ParameterizedTest
    @CsvSource({"0,1", "6,7", "0-6,1-7", "*/2,1-7/2", "1-5/2,2-6/2", "'0,2,sun','1,3,sun'", "*,*", "mon-fri,mon-fri"})
    void weekdaysOfTheReferenceBeginWithMonday(String theirs, String ours) {
        assertThat(ReferenceSchedules.crontab("0 9 * * " + theirs)).isEqualTo("0 9 * * " + ours);
    }

    @Test
    void secretsOfTheReferenceAreLeftBehind() throws IOException {
        file("42.json", """
                {"name": "s", "goal": "log in with password=Tr0ub4dor-and-3-horses-9", "flows": [
                   {"flow_name": "f", "persona": "p", "actions": ["use password=Tr0ub4dor-and-3-horses-9"]}]}
                """);
        RecipeVersion draft = imported().draft();
        assertThat(hart.recipes().toJson(draft)).doesNotContain("Tr0ub4dor");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{\"name\": \"x\"",
                "{\"name\": \"x\", \"flows\": 5}",
                "{\"name\": \"x\", \"flows\": [5]}",
                "{\"name\": {\"a\": 1}, \"flows\": []}"
            })
    void aDefinitionOfAnotherFormIsRefused(String json) throws IOException {
        file("42.json", json);
        assertThatThrownBy(this::imported)
                .isInstanceOf(RecipeCorruptException.class)
                .hasMessageContaining("42.json");
        assertThat(hart.recipes().list()).isEmpty();
    }

    @Test
    void dependenciesThatCannotBeAreRefusedWithEveryProblem() throws IOException {
        definition();
        file("42_0_1.json", """
                {"action": "a", "action_id": 1, "recipe": [{"steps": "x"}], "actions_this_action_depends_on": [3]}
                """);
        file("42_0_3.json", """
                {"action": "a", "action_id": 3, "recipe": [{"steps": "x"}], "actions_this_action_depends_on": [1, 9]}
                """);
        assertThatThrownBy(this::imported)
                .isInstanceOf(RecipeInvalidException.class)
                .hasMessageContaining("action 3 depends on 9");
        assertThat(hart.recipes().list()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../42", "a b", "", "4/2"})
    void anIdThatCannotBePartOfAFileNameIsRefused(String id) {
        assertThatThrownBy(() -> hart.recipes().importReference(folder, id)).isInstanceOf(InputInvalidException.class);
    }

    @Test
    void aMissingDefinitionIsSaid() {
        assertThatThrownBy(this::imported)
                .isInstanceOf(RecipeNotFoundException.class)
                .hasMessageContaining("42.json");
    }

    @Test
    void anImportedDraftIsCompletedAndThenMatched() throws IOException {
        file("42.json", """
                {"name": "greeter", "goal": "Greet", "flows": [
                   {"flow_name": "main", "persona": "Assistant", "actions": ["Say hello"]}]}
                """);
        file("42_0_1.json", """
                {"action": "Say hello", "action_id": 1, "recipe": [{"steps": "say hello", "tool_name": "say"}]}
                """);
        register("say", Effect.READ);
        RecipeVersion draft = imported().draft();
        assertThatThrownBy(() -> hart.recipes().save(draft.recipe()))
                .isInstanceOf(RecipeInvalidException.class)
                .hasMessageContaining("MISSING_ARGUMENT");

        RecipeVersion trained = hart.recipes()
                .save(Recipe.named("greeter")
                        .goal("Greet")
                        .intent("greet {{inputs.who}}")
                        .input("who", String.class)
                        .action("action1", a -> a.tool("say").with("text", "Hello {{inputs.who}}"))
                        .output("action1", String.class)
                        .build());

        assertThat(trained.parentVersion()).isEqualTo(draft.version());
        assertThat(hart.recipes().match("greet Anna")).isInstanceOf(MatchResult.Exact.class);
        assertThat(hart.dryRun(trained, Inputs.of("who", "Anna")).recipe()).isEqualTo(trained);
        assertThat(hart.recipes().diff(draft, trained).isEmpty()).isFalse();
    }
}
