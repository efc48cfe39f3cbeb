package dev.hart.testing;

import dev.hart.Spark;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions about an {@link EvaluationReport}. Each one that fails shows the table and what is wrong. */
public final class EvaluationAssert extends AbstractAssert<EvaluationAssert, @Nullable EvaluationReport> {

    EvaluationAssert(@Nullable EvaluationReport actual) {
        super(actual, EvaluationAssert.class);
    }

    /** At least that share of the cases is right. */
    public EvaluationAssert hasAccuracyOfAtLeast(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("an accuracy is 0 to 1, was " + share);
        }
        EvaluationReport report = report();
        return check(
                report.accuracy() >= share,
                String.format(
                        Locale.ROOT,
                        "at least %.1f %% of the cases to be right, but %d of %d are, %.1f %%",
                        100 * share,
                        report.correct(),
                        report.results().size(),
                        100 * report.accuracy()));
    }

    /** Every case is right. */
    public EvaluationAssert isAllCorrect() {
        EvaluationReport report = report();
        return check(
                report.correct() == report.results().size(),
                "every case to be right, but %d of %d are"
                        .formatted(report.correct(), report.results().size()));
    }

    /** These cases are right, whatever the others are. */
    public EvaluationAssert isCorrectFor(String... ids) {
        List<String> wrong = List.of(ids).stream()
                .filter(id -> report().results().stream().noneMatch(r -> r.id().equals(id) && r.correct()))
                .toList();
        return check(wrong.isEmpty(), "the cases %s to be right, but %s are not".formatted(List.of(ids), wrong));
    }

    /** All cases together cost no more than that. */
    public EvaluationAssert costAtMost(Spark limit) {
        Spark cost = report().cost();
        return check(cost.compareTo(limit) <= 0, "a cost of at most %s Spark, but it is %s".formatted(limit, cost));
    }

    /** All cases together asked models no more often than that. */
    public EvaluationAssert madeAtMostModelCalls(int limit) {
        int calls = report().modelCalls();
        return check(calls <= limit, "at most %d model calls, but there were %d".formatted(limit, calls));
    }

    private EvaluationReport report() {
        isNotNull();
        return Objects.requireNonNull(actual);
    }

    private EvaluationAssert check(boolean holds, String expectation) {
        if (!holds) {
            throw failure(
                    "%s",
                    "Expected " + expectation + "\n" + report().toMarkdown().stripTrailing());
        }
        return this;
    }
}
