package dev.hart.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReuseBenchTest {
    @TempDir
    Path folder;

    /** What a planner and a verifier ask of a model changes; the model of this benchmark has to keep up. */
    @Test
    void itsModelPlansAndJudgesOnceAndReplaysAskItNothing() {
        ReuseBench.Pair pair = ReuseBench.pair(folder, Duration.ZERO);

        assertThat(pair.createCalls()).as("one plan, five verdicts").isEqualTo(6);
        assertThat(pair.reuseCalls()).isZero();
    }
}
