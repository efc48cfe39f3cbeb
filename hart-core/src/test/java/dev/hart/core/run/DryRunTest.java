package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Plan;
import dev.hart.Plan.PlannedAction;
import dev.hart.Plan.PlannedStep;
import dev.hart.Spark;
import dev.hart.core.model.ScriptedReplies;
import dev.hart.error.InputInvalidException;
import dev.hart.guard.Rail;
import dev.hart.guard.Verdict;
import dev.hart.recipe.ActionExperience;
import dev.hart.recipe.Problem;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.tool.Effect;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code hart.dryRun} says, and that it calls nothing. */
@Timeout(20)
class DryRunTest {
    private final PreparedTools tools = new PreparedTools();
    private Hart hart = PreparedTools.open();

    @AfterEach
    void close() {
        hart.close();
    }

    private void reopen(Hart other) {
        hart.close();
        hart = other;
    }

    private static PlannedAction action(Plan plan, String name) {
        return plan.waves().stream()
                .flatMap(wave -> wave.actions().stream())
                .filter(action -> action.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static PlannedStep step(Plan plan, String action) {
        return action(plan, action).steps().get(0);
    }

    private static List<String> codes(Plan plan) {
        return plan.problems().stream().map(Problem::code).toList();
    }

    @Test
    void actionsStandInWavesWithTheArgumentsThatAreKnownAndNothingIsCalled() {
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        tools.register(hart, "send", Effect.WRITE, (text, context) -> text);
        RecipeVersion version = hart.recipes()
                .save(Recipe.named("r")
                        .input("city", String.class)
                        .optionalInput("limit", Long.class)
                        .action("send", a -> a.tool("send").with("text", "{{found}} in {{inputs.city}} {{greeting}}"))
                        .action("found", a -> a.tool("act").with("text", Map.of("q", "{{inputs.city}}")))
                        .action("greeting", a -> a.transform("Hello {{inputs.city}}"))
                        .action("limit", a -> a.transform("{{inputs.limit}}"))
                        .build());

        Plan plan = hart.dryRun(version, Inputs.of("city", "Oslo"));

        assertThat(plan.isRunnable()).isTrue();
        assertThat(plan.recipe()).isEqualTo(version);
        assertThat(plan.waves())
                .extracting(
                        wave -> wave.actions().stream().map(PlannedAction::name).toList())
                .containsExactly(List.of("found", "greeting", "limit"), List.of("send"));
        assertThat(step(plan, "found").args()).isEqualTo(Map.of("text", Map.of("q", "Oslo")));
        assertThat(step(plan, "found").open()).isEmpty();
        assertThat(step(plan, "send").args()).isEqualTo(Map.of("text", "{{found}} in Oslo Hello Oslo"));
        assertThat(step(plan, "send").open()).containsExactly("{{found}}");
        assertThat(step(plan, "limit").args()).containsEntry("value", null);
        assertThat(action(plan, "send").effect()).isEqualTo(Effect.WRITE);
        assertThat(plan.approvals()).isEmpty();
        assertThat(tools.calls()).isEmpty();
        assertThat(hart.runs().list(10)).isEmpty();
    }

    @Test
    void bracesOfAValueDoNotBecomeAPlaceholderInATextThatIsNotFilledInYet() {
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        RecipeVersion version = hart.recipes()
                .save(Recipe.named("r")
                        .input("x", String.class)
                        .action("a", a -> a.tool("act").with("text", "1"))
                        .action("b", a -> a.tool("act").with("text", "\\{{x}} {{inputs.x}} {{a}}"))
                        .build());
        Plan plan = hart.dryRun(version, Inputs.of("x", "{{a}}"));
        assertThat(step(plan, "b").args()).containsEntry("text", "\\{{x}} \\{{a}} {{a}}");
        assertThat(step(plan, "b").open()).containsExactly("{{a}}");
    }

    @Test
    void whatIsDestructiveNeedsApproval() {
        tools.register(hart, "wipe", Effect.DESTRUCTIVE, (text, context) -> text);
        RecipeVersion version = hart.recipes()
                .save(Recipe.named("r")
                        .action("wipe", a -> a.tool("wipe").with("text", "x"))
                        .build());
        Plan plan = hart.dryRun(version, Inputs.none());
        assertThat(plan.approvals()).containsExactly("wipe");
        assertThat(plan.isRunnable()).isTrue();
    }

    @Test
    void aMissingToolAndAMissingModelAreProblemsAndNotExceptions(@TempDir Path folder) {
        reopen(PreparedTools.open(Hart.configure().dataDirectory(folder).withoutModel()));
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        hart.recipes()
                .save(Recipe.named("r")
                        .action("a", a -> a.tool("act").with("text", "1"))
                        .action("b", a -> a.model("Hm?"))
                        .build());
        reopen(PreparedTools.open(Hart.configure().dataDirectory(folder).withoutModel()));

        Plan plan = hart.dryRun(hart.recipes().get("r"), Inputs.none());

        assertThat(plan.isRunnable()).isFalse();
        assertThat(plan.missingTools()).containsExactly("act");
        assertThat(codes(plan)).containsExactlyInAnyOrder("UNKNOWN_TOOL", "MODEL_MISSING");
    }

    @Test
    void inputsThatDoNotFitAreRefusedAsInARun() {
        RecipeVersion version = hart.recipes()
                .save(Recipe.named("r")
                        .input("n", Long.class)
                        .action("a", a -> a.transform("{{inputs.n}}"))
                        .build());
        assertThatThrownBy(() -> hart.dryRun(version, Inputs.of("n", "many")))
                .isInstanceOf(InputInvalidException.class);
        assertThatThrownBy(() -> hart.dryRun(version, Inputs.none())).isInstanceOf(InputInvalidException.class);
    }

    @Test
    void whatTheRunWouldRefuseBeforeACallIsAProblem() {
        reopen(PreparedTools.open(Hart.configure()
                .inMemory()
                .withoutModel()
                .guardrail(
                        (rail, subject) -> rail == Rail.ACTION && subject.text().contains("secret plan")
                                ? new Verdict.Refused("mine", "nobody reads that")
                                : Verdict.ALLOWED)));
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        RecipeVersion version = hart.recipes()
                .save(Recipe.named("r")
                        .input("x", String.class)
                        .optionalInput("y", String.class)
                        .action("refused", a -> a.tool("act").with("text", "the {{inputs.x}}"))
                        .action("nothing", a -> a.tool("act").with("text", "the {{inputs.y}}"))
                        .action("number", a -> a.transform("{{inputs.x}}").expect(Long.class))
                        .build());

        Plan plan = hart.dryRun(version, Inputs.of("x", "secret plan"));

        assertThat(plan.problems())
                .extracting(problem -> problem.path() + " " + problem.code())
                .containsExactlyInAnyOrder(
                        "refused.steps[0] GUARDRAIL_REFUSED",
                        "nothing.steps[0].args.text UNBOUND",
                        "number.steps[0] EXPECTATION_FAILED");
        assertThat(tools.calls()).isEmpty();
        assertThat(codes(hart.dryRun(version, Inputs.of("x", "5").and("y", "z"))))
                .containsExactly("EXPECTATION_FAILED");
    }

    @Test
    void theForecastAddsUpWhatEarlierRunsTookAndNamesWhatNeverRan(@TempDir Path folder) throws Exception {
        reopen(PreparedTools.open(Hart.configure()
                .dataDirectory(folder)
                .model(new ScriptedReplies("yes"))
                .parallelism(2)));
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        tools.register(hart, "send", Effect.WRITE, (text, context) -> text);
        RecipeVersion version = hart.recipes()
                .save(Recipe.named("r")
                        .action("a", a -> a.tool("act").with("text", "1"))
                        .action("b", a -> a.tool("act").with("text", "2"))
                        .action("c", a -> a.tool("act").with("text", "3"))
                        .action("send", a -> a.tool("send").with("text", "4"))
                        .action("ask", a -> a.model("Well?"))
                        .action("sum", a -> a.transform("{{a}}"))
                        .build());
        Plan.Forecast before = hart.dryRun(version, Inputs.none()).forecast();
        assertThat(before.isComplete()).isFalse();
        assertThat(before.unmeasured()).containsExactly("a", "b", "c", "send", "ask");
        assertThat(before.time()).isZero();

        hart.run(version, Inputs.none());
        measured(folder, "action_id = 1", 100, 1);
        measured(folder, "action_id = 2", 400, 1);
        measured(folder, "action_id = 3", 250, 1);
        measured(folder, "action_id = 4", 7, 1);
        measured(folder, "action_id = 5", 1_000, 2);
        Spark cost = hart.recipes()
                .experience(version)
                .action("ask")
                .map(ActionExperience::cost)
                .orElseThrow();

        Plan plan = hart.dryRun(version, Inputs.none());
        assertThat(plan.forecast().isComplete()).isTrue();
        assertThat(plan.forecast().time())
                .as("a and c beside b, then send, then ask twice in a second; the sum is computed in no time")
                .isEqualTo(Duration.ofMillis(400 + 7 + 500));
        assertThat(plan.forecast().cost().micro()).isEqualTo(-Math.floorDiv(-cost.micro(), 2));
        assertThat(action(plan, "send").time()).contains(Duration.ofMillis(7));
        assertThat(action(plan, "sum").time()).contains(Duration.ZERO);
    }

    private static void measured(Path folder, String where, long millis, long attempts) throws Exception {
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("hart.db"));
                Statement update = database.createStatement()) {
            assertThat(update.executeUpdate("UPDATE action_experience SET total_ms = " + millis + ", attempts = "
                            + attempts + " WHERE " + where))
                    .isEqualTo(1);
        }
    }

    @Test
    void anActionThatHasNotChangedKeepsTheExperienceOfEarlierVersions() {
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        hart.run(
                Recipe.named("r")
                        .action("same", a -> a.tool("act").with("text", "1"))
                        .action("other", a -> a.tool("act").with("text", "2"))
                        .build(),
                Inputs.none());
        RecipeVersion second = hart.recipes()
                .save(Recipe.named("r")
                        .goal("better")
                        .action("same", a -> a.tool("act").with("text", "1"))
                        .action("other", a -> a.tool("act").with("text", "3"))
                        .build());
        assertThat(hart.dryRun(second, Inputs.none()).forecast().unmeasured()).containsExactly("other");
    }

    @Test
    void questionsWaitsAndRecipesInsideAreForeseen() {
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        RecipeVersion inner = hart.recipes()
                .save(Recipe.named("inner")
                        .input("n", Long.class)
                        .action("rest", a -> a.waitFor(Duration.ofSeconds(3)))
                        .build());
        RecipeVersion version = hart.recipes()
                .save(Recipe.named("r")
                        .input("n", Object.class)
                        .action("ask", a -> a.ask("Well?"))
                        .action("wait", a -> a.waitFor(Duration.ofSeconds(2)))
                        .action("past", a -> a.waitUntil("2020-01-31T09:00:00Z"))
                        .action("inside", a -> a.recipe(inner).with("n", "{{inputs.n}}"))
                        .action("after", a -> a.recipe(inner).with("n", "{{ask}}"))
                        .build());

        Plan plan = hart.dryRun(version, Inputs.of("n", 5));
        assertThat(plan.isRunnable()).isTrue();
        assertThat(plan.questions()).containsExactly("ask");
        assertThat(action(plan, "wait").time()).contains(Duration.ofSeconds(2));
        assertThat(action(plan, "past").time()).contains(Duration.ZERO);
        assertThat(action(plan, "inside").time()).contains(Duration.ofSeconds(3));
        assertThat(plan.forecast().unmeasured()).containsExactly("after");

        assertThat(hart.dryRun(version, Inputs.of("n", "five")).problems())
                .extracting(problem -> problem.path() + " " + problem.code())
                .containsExactly("inside.steps[0] INPUT_INVALID");
    }
}
