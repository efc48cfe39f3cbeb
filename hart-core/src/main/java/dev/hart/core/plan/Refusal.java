package dev.hart.core.plan;

import dev.hart.error.CannotPlanException;
import dev.hart.error.CannotPlanException.Missing;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Remembers the clause that came furthest without a sure tool, and says why. */
final class Refusal {
    static final String USE_A_MODEL =
            "Say it in other words, register a tool that does it, or let a language model plan: set HART_MODEL,"
                    + " HART_MODEL_BASE_URL and HART_MODEL_API_KEY, or call Hart.configure().model(…).";
    private static final double NEAR = 0.1;

    private @Nullable Clause clause;
    private @Nullable PlannedStep nearest;

    /** Notes a clause without a sure tool; of several the one furthest back in the request counts, and of those the shortest. */
    void note(Clause failed, @Nullable PlannedStep step) {
        if (clause == null || failed.begin() > clause.begin()) {
            clause = failed;
            nearest = step;
        }
    }

    /** @param missing the values that would make the request a plan */
    CannotPlanException exception(List<Missing> missing) {
        String part = clause == null ? "" : clause.text();
        List<String> sentences = new ArrayList<>();
        sentences.add("Cannot plan \"%s\": %s".formatted(part, reason()));
        sentences.add(USE_A_MODEL);
        return new CannotPlanException(String.join(" ", sentences), List.of(part), missing, null);
    }

    private String reason() {
        if (nearest == null) {
            return "no tool is registered.";
        }
        String tool = nearest.match().tool().spec().name();
        double confidence = nearest.confidence();
        if (!nearest.missing().isEmpty() && confidence >= NEAR) {
            List<String> names = nearest.missing().stream().map(Parameter::name).toList();
            return "the nearest tool, %s, needs %s, which the words do not give."
                    .formatted(tool, String.join(" and ", names));
        }
        double threshold = Confidence.threshold(nearest.match().tool().spec().effect());
        return "no tool fits it. The nearest is %s, with a confidence of %s where a tool of effect %s needs %s."
                .formatted(
                        tool,
                        twoDigits(confidence),
                        nearest.match().tool().spec().effect(),
                        twoDigits(threshold));
    }

    private static String twoDigits(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
