package dev.hart.core.run;

import dev.hart.Mode;
import dev.hart.RunEvent;
import dev.hart.RunReport;
import dev.hart.RunState;
import dev.hart.core.recipe.ResultJudging;
import dev.hart.core.recipe.RolloutNews;
import dev.hart.core.rollout.Trial;
import dev.hart.core.rollout.TrialResult;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.ResultCheck;
import dev.hart.recipe.StepKind;
import dev.hart.store.Transaction;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a replay says about the version that it ran: to the guard of its recipe, and to the rollout that chose it. */
final class ReplayVerdict {
    private final RecipeVersion version;
    private final boolean judged;
    private final @Nullable Trial trial;
    private final TrialResult result;

    private ReplayVerdict(RecipeVersion version, boolean judged, @Nullable Trial trial, TrialResult result) {
        this.version = version;
        this.judged = judged;
        this.trial = trial;
        this.result = result;
    }

    /**
     * The verdict on a run that ends; null when nobody asks for one. What counts are replays of a whole recipe that were not
     * cancelled: no reruns, no runs inside others.
     */
    static @Nullable ReplayVerdict of(RunProgress run, Ending ending, RunContext context) {
        RunPlan plan = run.plan;
        RecipeVersion version = plan.version();
        if (version == null
                || plan.mode() != Mode.REUSE
                || plan.outer() != null
                || plan.recipe() != version.recipe()
                || ending.state() == RunState.CANCELLED) {
            return null;
        }
        ResultCheck check = context.recipes().choices().check(version);
        Trial trial = plan.trial();
        if (check == null && trial == null) {
            return null;
        }
        List<String> problems = problems(run, ending, check, context);
        RunReport report = run.report();
        String why = trial == null ? null : trial.why();
        return new ReplayVerdict(
                version,
                check != null,
                trial,
                new TrialResult(
                        run.runId,
                        problems.isEmpty(),
                        null,
                        millis(report),
                        report.cost().micro(),
                        why == null ? problems : ResultJudging.readable(List.of(why))));
    }

    /** What is wrong with the run; empty when it ended well by the version's own steps, and passed the check. */
    private static List<String> problems(
            RunProgress run, Ending ending, @Nullable ResultCheck check, RunContext context) {
        if (ending.state() != RunState.SUCCEEDED) {
            return ResultJudging.readable(List.of(ending.code() + ": " + ending.message()));
        }
        if (run.repairs() > 0) {
            return List.of("it failed for good, and went on with a new plan");
        }
        return check == null
                ? List.of()
                : context.recipes().choices().judging().problems(check, run.plan.inputs(), run.outputValues());
    }

    /** The time of the steps, waiting for a person or a moment left out. */
    static long millis(RunReport report) {
        return report.steps().stream()
                .filter(step -> step.kind() != StepKind.ASK && step.kind() != StepKind.WAIT)
                .mapToLong(RunReport.StepReport::millis)
                .sum();
    }

    /** Writes it down, with what follows from it, in the transaction that ends the run. */
    void record(Transaction tx, RunContext context, List<String> notes, List<RolloutNews> news) throws SQLException {
        List<RolloutNews> followed = context.recipes().choices().ended(tx, version, judged, trial, result);
        if (judged && !result.passed()) {
            notes.add("the run does not pass the check of its recipe: " + String.join("; ", result.problems()));
        }
        for (RolloutNews one : followed) {
            Map<String, @Nullable Object> data = one.data();
            if (one.type() == RunEvent.Type.ROLLOUT_ENDED) {
                notes.add("this run ended rollout " + data.get("rollout") + ": " + data.get("state") + ", "
                        + data.get("reasons"));
            } else if (one.type() == RunEvent.Type.RECIPE_DRIFTING) {
                notes.add(version.label() + " drifts: " + data.get("failures") + " of its last " + data.get("outOf")
                        + " replays failed");
            }
        }
        news.addAll(followed);
    }
}
