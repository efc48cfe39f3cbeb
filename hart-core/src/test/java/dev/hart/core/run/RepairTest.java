package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunState;
import dev.hart.core.model.ScriptedReplies;
import dev.hart.model.Message;
import dev.hart.recipe.Fallback;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolFailure;
import dev.hart.tool.TypedTool;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An action of a stored recipe that has failed for good is planned anew. */
@Timeout(20)
class RepairTest {
    private final PreparedTools tools = new PreparedTools();
    private ScriptedReplies model = new ScriptedReplies();
    private Hart hart = Hart.configure().inMemory().withoutModel().create();

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        hart.close();
    }

    private static String plan(String tool, String text) {
        return """
                {"name": "other way", "actions": [
                  {"name": "get", "description": "Use %s", "kind": "TOOL", "tool": "%s", "args": {"text": "%s"}},
                  {"name": "told", "description": "Say it", "kind": "TRANSFORM", "args": {"value": "{{get}}!"}}],
                 "answers": ["told"], "cannot": []}""".formatted(tool, tool, text);
    }

    private HartBuilder settings(Object... answers) {
        model = new ScriptedReplies(answers);
        return Hart.configure().inMemory().model(model);
    }

    private void open(HartBuilder settings) {
        hart.close();
        hart = PreparedTools.open(settings);
        tools.register(hart, "first", Effect.READ, (text, context) -> {
            throw new ToolFailure("BROKEN", "first is broken");
        });
        tools.register(hart, "second", Effect.READ, (text, context) -> "second " + text);
        tools.register(hart, "send", Effect.WRITE, (text, context) -> "sent " + text);
    }

    private static Recipe recipe() {
        return Recipe.named("page")
                .input("name", String.class)
                .action(
                        "page",
                        a -> a.description("Fetch the page of {{inputs.name}}")
                                .tool("first")
                                .with("text", "{{inputs.name}}"))
                .action("shown", a -> a.transform("<{{page}}>"))
                .output("shown", String.class)
                .build();
    }

    private Run run() {
        return hart.run(recipe(), Inputs.of("name", "Miller"));
    }

    private List<RunEvent.Type> types(Run run) {
        try (Stream<RunEvent> events = hart.runs().events(run.id(), 0)) {
            return events.map(RunEvent::type).toList();
        }
    }

    @Test
    void theNewPlanIsCarriedOutAndTheActionsBehindItGoOn() {
        open(settings(plan("second", "Miller")));
        Run run = run();
        assertThat(run.mode()).isEqualTo(Mode.REUSE);
        assertThat(run.output()).isEqualTo("<second Miller!>");
        assertThat(run.report().modelCalls()).isEqualTo(1);
        assertThat(run.report().steps()).extracting(step -> step.fallback()).containsExactly(1, 1, 1, 0);
        assertThat(run.report().notes())
                .containsExactly(
                        "page: fallback 1 is used: planned anew: Use second; Say it", "the new plan is kept in page@2");
        assertThat(types(run)).contains(RunEvent.Type.REPAIRED);
        assertThat(run.recipe().orElseThrow().version())
                .as("the version that was run")
                .isEqualTo(1);
    }

    @Test
    void thePlannerIsToldWhatTheActionShouldAchieveWithThisRunsValuesAndNotOfferedTheBrokenTool() {
        open(settings(plan("second", "Miller")));
        run();
        String asked =
                model.asked().get(0).messages().stream().map(Message::toString).reduce("", String::concat);
        assertThat(asked)
                .contains("Fetch the page of Miller")
                .contains("Does second.")
                .doesNotContain("Does first.");
    }

    @Test
    void whatWorkedIsTheNextVersionWithInputsInThePlaceOfTheirValuesAndNeedsNoModel() {
        open(settings(plan("second", "Miller")));
        run();
        RecipeVersion mended = hart.recipes().get("page");
        assertThat(mended.version()).isEqualTo(2);
        assertThat(mended.parentVersion()).isEqualTo(1);
        Fallback added =
                mended.recipe().actions().findFirst().orElseThrow().fallbacks().get(0);
        assertThat(added.steps())
                .extracting(Step::kind)
                .containsExactly(StepKind.TOOL, StepKind.TRANSFORM, StepKind.TRANSFORM);
        assertThat(added.steps().get(0).args()).isEqualTo(Map.of("text", "{{inputs.name}}"));
        assertThat(hart.recipes()
                        .get("page", 1)
                        .recipe()
                        .actions()
                        .findFirst()
                        .orElseThrow()
                        .fallbacks())
                .isEmpty();

        Run again = hart.run(mended, Inputs.of("name", "Anna"));

        assertThat(again.output()).isEqualTo("<second Anna!>");
        assertThat(again.report().modelCalls()).isZero();
    }

    @Test
    void withoutRepairsTheRunFails() {
        open(settings().withoutRepairs());
        Run run = run();
        assertThat(run.failure().orElseThrow().code()).isEqualTo("BROKEN");
        assertThat(model.asked()).isEmpty();
    }

    @Test
    void fallbacksComeFirst() {
        open(settings());
        Run run = hart.run(
                Recipe.named("r")
                        .action(
                                "page",
                                a -> a.description("Fetch it")
                                        .tool("first")
                                        .fallback(
                                                "use second",
                                                f -> f.tool("second").with("text", "x")))
                        .output("page", String.class)
                        .build(),
                Inputs.none());
        assertThat(run.output()).isEqualTo("second x");
        assertThat(model.asked()).isEmpty();
    }

    @Test
    void aPlanWithAHigherEffectThanTheActionHasIsNotCarriedOut() {
        open(settings(plan("send", "Miller")));
        Run run = run();
        assertThat(run.failure().orElseThrow().code()).isEqualTo("BROKEN");
        assertThat(run.report().notes())
                .containsExactly("page could not be planned anew: its plan has the effect WRITE, the action has at most"
                        + " READ");
        assertThat(tools.calls()).hasSize(1);
        assertThat(hart.recipes().versions("page")).hasSize(1);
    }

    @Test
    void whenTheNewPlanFailsTooTheRunFailsAndNothingIsKept() {
        open(settings(plan("third", "Miller")));
        hart.tools().register(tools.tool("third", Effect.READ, (text, context) -> {
            throw new ToolFailure("WORSE", "third is broken too");
        }));
        Run run = run();
        assertThat(run.failure().orElseThrow().code()).isEqualTo("WORSE");
        assertThat(model.asked()).as("an action is planned anew once").hasSize(1);
        assertThat(hart.recipes().versions("page")).hasSize(1);
    }

    @Test
    void whenThereIsNoPlanTheFirstFailureFailsTheRun() {
        open(settings("nonsense", "nonsense", "nonsense"));
        Run run = run();
        assertThat(run.failure().orElseThrow().code()).isEqualTo("BROKEN");
        assertThat(run.report().notes())
                .singleElement()
                .satisfies(note -> assertThat(note).startsWith("page could not be planned anew: "));
    }

    @Test
    void aStepThatMayHaveHadAnEffectIsNotPlannedAnew() {
        open(settings());
        tools.register(hart, "post", Effect.WRITE, (text, context) -> {
            throw new ToolFailure("BROKEN", "nobody knows");
        });
        Run run = hart.run(
                Recipe.named("r")
                        .action("post", a -> a.description("Post it").tool("post"))
                        .build(),
                Inputs.none());
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(model.asked()).isEmpty();
    }

    @Test
    void anActionThatIsOnlyNamedIsNotPlannedAnew() {
        open(settings());
        Run run =
                hart.run(Recipe.named("r").action("page", a -> a.tool("first")).build(), Inputs.none());
        assertThat(run.state()).isEqualTo(RunState.FAILED);
        assertThat(model.asked()).isEmpty();
    }

    @Test
    void atMostTwoActionsOfARunArePlannedAnew() {
        open(settings(plan("second", "1"), plan("second", "2")));
        Run run = hart.run(
                Recipe.named("r")
                        .action("a", a -> a.description("Fetch one").tool("first"))
                        .action(
                                "b",
                                a -> a.description("Fetch two").tool("first").with("text", "{{a}}"))
                        .action(
                                "c",
                                a -> a.description("Fetch three").tool("first").with("text", "{{b}}"))
                        .build(),
                Inputs.none());
        assertThat(run.failure().orElseThrow().code()).isEqualTo("BROKEN");
        assertThat(run.failure().orElseThrow()).hasMessageContaining("c: ");
        assertThat(model.asked()).hasSize(2);
    }

    @Test
    void aNewerVersionIsNotOvertaken() {
        open(settings(plan("second", "Miller")));
        RecipeVersion old = hart.recipes().save(recipe());
        hart.recipes()
                .save(Recipe.named("page")
                        .action("page", a -> a.transform("new"))
                        .build());
        Run run = hart.run(old, Inputs.of("name", "Miller"));
        assertThat(run.output()).isEqualTo("<second Miller!>");
        assertThat(run.report().notes()).contains("the new plan is not kept: there is a newer version than page@1");
        assertThat(hart.recipes().versions("page")).hasSize(2);
    }

    // ---- without a model

    public record Sheet(String path, String column) {}

    private void openOnDisk(String... working) {
        hart.close();
        hart = PreparedTools.open(Hart.configure().dataDirectory(folder).withoutModel());
        for (String name : List.of("sheet.sum", "table.sum")) {
            boolean works = List.of(working).contains(name);
            if (name.equals("table.sum") && !works) {
                continue;
            }
            hart.tools()
                    .register(TypedTool.of(
                            name, "Add up a column of a file", Sheet.class, String.class, Effect.READ, in -> {
                                if (!works) {
                                    throw new ToolFailure("BROKEN", name + " is broken");
                                }
                                return name + " " + in.column() + " of " + in.path();
                            }));
        }
    }

    @Test
    void theEmbeddedPlannerPlansALearnedActionWithTheValuesOfThisRun() {
        openOnDisk("sheet.sum");
        Run first = hart.run("Add up column amount of sales.csv");
        assertThat(first.mode()).isEqualTo(Mode.CREATE);
        assertThat(first.output()).isEqualTo("sheet.sum amount of sales.csv");
        openOnDisk("table.sum");

        Run mended = hart.run("Add up column price of march.csv");

        assertThat(mended.mode()).isEqualTo(Mode.REUSE);
        assertThat(mended.output()).isEqualTo("table.sum price of march.csv");
        RecipeVersion next = hart.recipes().get(first.recipe().orElseThrow().recipeId());
        assertThat(next.version()).isEqualTo(2);
        assertThat(hart.recipes().toJson(next))
                .as("the values of the run are not kept")
                .doesNotContain("march.csv")
                .contains("planned anew: ");
        assertThat(hart.run("Add up column amount of april.csv").output()).isEqualTo("table.sum amount of april.csv");
    }
}
