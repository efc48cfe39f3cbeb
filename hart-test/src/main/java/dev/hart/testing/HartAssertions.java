package dev.hart.testing;

import dev.hart.Run;
import org.jspecify.annotations.Nullable;

/** The way into HART's assertions; import it beside AssertJ's own {@code assertThat}. */
public final class HartAssertions {
    private HartAssertions() {}

    /** Assertions about a run that has ended or is paused. */
    public static RunAssert assertThat(@Nullable Run actual) {
        return new RunAssert(actual);
    }

    /** Assertions about what came of a data set. */
    public static EvaluationAssert assertThat(@Nullable EvaluationReport actual) {
        return new EvaluationAssert(actual);
    }
}
