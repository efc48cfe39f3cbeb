package dev.hart.server.cli;

import dev.hart.Plan;
import dev.hart.recipe.Experience;
import dev.hart.recipe.Problem;
import dev.hart.recipe.RecipeDiff;
import dev.hart.server.JsonText;
import dev.hart.tool.Effect;
import java.math.RoundingMode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shows what is known about stored recipes to people. */
final class RecipePrinter {
    private static final int LONGEST_VALUE = 200;
    private final Terminal terminal;

    RecipePrinter(Terminal terminal) {
        this.terminal = terminal;
    }

    void diff(RecipeDiff diff) {
        String versions = diff.from().label() + " -> " + diff.to().label();
        if (diff.isEmpty()) {
            terminal.line(versions + ": no difference");
            return;
        }
        terminal.line(versions + ": " + RunPrinter.counted(diff.changes().size(), "change"));
        for (RecipeDiff.Change change : diff.changes()) {
            switch (change.kind()) {
                case ADDED -> terminal.line("+ " + change.path() + "  " + value(change.after()));
                case REMOVED -> terminal.line("- " + change.path() + "  " + value(change.before()));
                case CHANGED ->
                    terminal.line(
                            "~ " + change.path() + "  " + value(change.before()) + " -> " + value(change.after()));
            }
        }
    }

    void experience(Experience experience) {
        terminal.line(experience.recipe().label());
        terminal.table(
                List.of("ACTION", "ATTEMPTS", "SUCCESS", "TIME", "COST", "HINTS"),
                experience.actions().stream()
                        .map(action -> List.of(
                                action.name(),
                                Long.toString(action.attempts()),
                                action.successRate()
                                        .map(rate -> rate.movePointRight(2).setScale(1, RoundingMode.HALF_UP) + " %")
                                        .orElse("-"),
                                action.averageTime().map(RunPrinter::time).orElse("-"),
                                action.averageCost()
                                        .map(cost -> cost + " Spark")
                                        .orElse("-"),
                                Terminal.shorten(action.hints(), LONGEST_VALUE)))
                        .toList());
    }

    void plan(Plan plan) {
        terminal.line(plan.recipe().label() + " would do:");
        terminal.blank();
        int wave = 0;
        for (Plan.Wave actions : plan.waves()) {
            wave++;
            for (Plan.PlannedAction action : actions.actions()) {
                terminal.line("  %d  %s%s%s"
                        .formatted(
                                wave,
                                action.name(),
                                action.effect() == Effect.READ ? "" : "  " + action.effect(),
                                action.needsApproval() ? ", waits for approval" : ""));
                action.steps().forEach(step -> terminal.line("       " + step(step)));
            }
        }
        terminal.blank();
        Plan.Forecast forecast = plan.forecast();
        String measured = "about " + RunPrinter.time(forecast.time()) + ", " + forecast.cost() + " Spark";
        terminal.field(
                "Takes",
                forecast.isComplete()
                        ? measured
                        : "unknown: " + String.join(", ", forecast.unmeasured()) + " never ran; the others "
                                + measured);
        for (Problem problem : plan.problems()) {
            terminal.field("Problem", Terminal.shorten(problem.toString(), LONGEST_VALUE));
        }
    }

    private static String step(Plan.PlannedStep step) {
        StringBuilder line = new StringBuilder(step.tool() == null ? step.kind().name() : step.tool());
        step.args()
                .forEach((name, value) ->
                        line.append("  ").append(name).append('=').append(JsonText.write(value)));
        return Terminal.shorten(line.toString(), LONGEST_VALUE);
    }

    private static String value(@Nullable Object value) {
        return Terminal.shorten(JsonText.write(value), LONGEST_VALUE);
    }
}
