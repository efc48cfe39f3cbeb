package dev.hart.core.run;

import dev.hart.RunReport.StepReport;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the calls of a run came to, for a shadow to take instead of calling again; each serves once. Not thread-safe. */
final class Recordings {
    private final List<Recorded> open = new ArrayList<>();

    /**
     * A call that was made.
     *
     * @param tool null when it was none of a tool
     */
    record Recorded(
            StepKind kind,
            @Nullable String tool,
            Effect effect,
            Map<String, @Nullable Object> args,
            @Nullable Object output,
            long millis) {}

    private Recordings() {}

    /** The calls of a run that has ended, whichever way its actions took. */
    static Recordings of(RunProgress run) {
        Recordings recordings = new Recordings();
        List<StepReport> reports = run.report().steps();
        for (ActionProgress action : run.byTask.values()) {
            for (int number = 0; number <= action.action.fallbacks().size(); number++) {
                Route route = action.route(number);
                for (Step step : route.steps) {
                    Map<String, @Nullable Object> args = route.args.get(step.index());
                    if (args != null && route.results.containsKey(step.index())) {
                        recordings.open.add(new Recorded(
                                step.kind(),
                                step.tool(),
                                step.effect(),
                                args,
                                route.results.get(step.index()),
                                millis(reports, action.action.name(), number, step.index())));
                    }
                }
            }
        }
        return recordings;
    }

    private static long millis(List<StepReport> reports, String action, int fallback, int index) {
        return reports.stream()
                .filter(step -> step.action().equals(action) && step.fallback() == fallback && step.index() == index)
                .mapToLong(StepReport::millis)
                .findFirst()
                .orElse(0);
    }

    /** Takes the same call; null when there was none, or all that there were are taken. */
    @Nullable
    Recorded take(Step step, Map<String, @Nullable Object> args) {
        for (Recorded recorded : open) {
            if (recorded.kind() == step.kind()
                    && Objects.equals(recorded.tool(), step.tool())
                    && recorded.args().equals(args)) {
                open.remove(recorded);
                return recorded;
            }
        }
        return null;
    }

    /** The calls with an effect that were not taken. */
    List<Recorded> leftWithEffect() {
        return open.stream()
                .filter(recorded -> recorded.effect() != Effect.READ)
                .toList();
    }
}
