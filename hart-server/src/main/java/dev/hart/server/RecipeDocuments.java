package dev.hart.server;

import dev.hart.Plan;
import dev.hart.Schedules;
import dev.hart.guard.Reach;
import dev.hart.recipe.ActionExperience;
import dev.hart.recipe.Experience;
import dev.hart.recipe.Problem;
import dev.hart.recipe.RecipeDiff;
import dev.hart.recipe.Schedule;
import dev.hart.recipe.StepKind;
import dev.hart.server.Documents.RecipeRef;
import dev.hart.tool.Effect;
import dev.hart.tool.Param;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the routes and commands about stored recipes answer, as {@link Documents} are for runs. */
public final class RecipeDocuments {
    private RecipeDocuments() {}

    /** What differs between two versions. */
    public record DiffDocument(RecipeRef from, RecipeRef to, List<ChangeDocument> changes) {
        public static DiffDocument of(RecipeDiff diff) {
            return new DiffDocument(
                    RecipeRef.of(diff.from()),
                    RecipeRef.of(diff.to()),
                    diff.changes().stream().map(ChangeDocument::of).toList());
        }
    }

    /** One part that differs; without {@code old} when it was added, without {@code new} when it was removed. */
    public record ChangeDocument(
            String path,
            RecipeDiff.Kind change,
            @Param(name = "old", optional = true) @Nullable Object before,
            @Param(name = "new", optional = true) @Nullable Object after) {
        static ChangeDocument of(RecipeDiff.Change change) {
            return new ChangeDocument(change.path(), change.kind(), change.before(), change.after());
        }
    }

    /** What runs have shown about one version. */
    public record ExperienceDocument(RecipeRef recipe, List<ActionExperienceDocument> actions) {
        public static ExperienceDocument of(Experience experience) {
            return new ExperienceDocument(
                    RecipeRef.of(experience.recipe()),
                    experience.actions().stream()
                            .map(ActionExperienceDocument::of)
                            .toList());
        }
    }

    /** The same about one action; money in micro-Spark, as text. */
    public record ActionExperienceDocument(
            int flowId,
            int actionId,
            String name,
            long attempts,
            long successes,
            Optional<BigDecimal> successRate,
            long totalMs,
            long modelCalls,
            String costMicroSpark,
            List<String> deadEnds,
            List<ActionExperience.FallbackUse> fallbacks,
            List<ToolUseDocument> tools,
            List<FallbackCountDocument> fallbackCounts,
            String hints) {
        static ActionExperienceDocument of(ActionExperience action) {
            return new ActionExperienceDocument(
                    action.flowId(),
                    action.actionId(),
                    action.name(),
                    action.attempts(),
                    action.successes(),
                    action.successRate(),
                    action.time().toMillis(),
                    action.modelCalls(),
                    Long.toString(action.cost().micro()),
                    action.deadEnds(),
                    action.fallbacks(),
                    action.tools().entrySet().stream()
                            .map(use -> new ToolUseDocument(
                                    use.getKey(),
                                    use.getValue().calls(),
                                    use.getValue().successes(),
                                    use.getValue().time().toMillis()))
                            .toList(),
                    action.fallbackCounts().entrySet().stream()
                            .map(count -> new FallbackCountDocument(
                                    count.getKey(),
                                    count.getValue().uses(),
                                    count.getValue().successes()))
                            .toList(),
                    action.hints());
        }
    }

    /** Every use of one of its fallbacks. */
    public record FallbackCountDocument(String text, long uses, long successes) {}

    /** Its calls of one tool. */
    public record ToolUseDocument(String tool, long calls, long successes, long totalMs) {}

    /** What a run would do. */
    public record PlanDocument(
            RecipeRef recipe,

            @Param("whether nothing is known that would make the run fail")
            boolean runnable,

            List<WaveDocument> waves,
            @Param("actions that will wait for a person") List<String> approvals,
            List<String> missingTools,
            @Param("why the run would fail") List<Problem> problems,
            ForecastDocument forecast) {
        public static PlanDocument of(Plan plan) {
            return new PlanDocument(
                    RecipeRef.of(plan.recipe()),
                    plan.isRunnable(),
                    plan.waves().stream().map(WaveDocument::of).toList(),
                    plan.approvals(),
                    plan.missingTools(),
                    plan.problems(),
                    ForecastDocument.of(plan.forecast()));
        }
    }

    /** Actions that wait for the same. */
    public record WaveDocument(int flowId, List<PlannedActionDocument> actions) {
        static WaveDocument of(Plan.Wave wave) {
            return new WaveDocument(
                    wave.flowId(),
                    wave.actions().stream().map(PlannedActionDocument::of).toList());
        }
    }

    /** One action; without {@code expectedMs} and {@code costMicroSpark} as long as it is not known. */
    public record PlannedActionDocument(
            int actionId,
            String name,
            String description,
            Effect effect,
            boolean needsApproval,
            List<PlannedStepDocument> steps,
            Optional<Long> expectedMs,
            Optional<String> costMicroSpark) {
        static PlannedActionDocument of(Plan.PlannedAction action) {
            return new PlannedActionDocument(
                    action.actionId(),
                    action.name(),
                    action.description(),
                    action.effect(),
                    action.needsApproval(),
                    action.steps().stream().map(PlannedStepDocument::of).toList(),
                    action.time().map(Duration::toMillis),
                    action.cost().map(cost -> Long.toString(cost.micro())));
        }
    }

    /** One step; {@code open} are the placeholders in its arguments that only the run fills in. */
    public record PlannedStepDocument(
            int index,
            StepKind kind,
            Optional<String> tool,
            Effect effect,

            @Param("what the tool touches beside the data of this node")
            List<Reach> reach,

            Map<String, @Nullable Object> args,
            List<String> open) {
        static PlannedStepDocument of(Plan.PlannedStep step) {
            return new PlannedStepDocument(
                    step.index(),
                    step.kind(),
                    Optional.ofNullable(step.tool()),
                    step.effect(),
                    step.reach().stream().sorted().toList(),
                    step.args(),
                    step.open());
        }
    }

    /** What the measured actions take together. */
    public record ForecastDocument(
            long expectedMs,
            String costMicroSpark,

            @Param("actions that are not in it, as nothing is known of them")
            List<String> unmeasured) {
        static ForecastDocument of(Plan.Forecast forecast) {
            return new ForecastDocument(
                    forecast.time().toMillis(), Long.toString(forecast.cost().micro()), forecast.unmeasured());
        }
    }

    /** When a recipe runs by itself; without {@code next} while it is paused, or when it never does. */
    public record ScheduleLine(
            String id,
            @Param("its place in the recipe, from 1") int number,
            Schedule.Kind kind,
            String cron,
            String zone,
            String description,
            boolean paused,
            Optional<Instant> next,
            Optional<Instant> last,
            Optional<String> lastRun,
            Optional<String> lastSkipped) {
        static ScheduleLine of(Schedules.Entry entry) {
            return new ScheduleLine(
                    entry.id(),
                    number(entry),
                    entry.schedule().kind(),
                    entry.schedule().cron(),
                    entry.schedule().zone().getId(),
                    entry.schedule().description(),
                    entry.paused(),
                    Optional.ofNullable(entry.next()),
                    Optional.ofNullable(entry.last()),
                    Optional.ofNullable(entry.lastRun()),
                    Optional.ofNullable(entry.lastSkipped()));
        }

        private static int number(Schedules.Entry entry) {
            return Integer.parseInt(entry.id().substring(entry.id().lastIndexOf('-') + 1));
        }
    }
}
