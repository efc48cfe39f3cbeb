package dev.hart.core.run;

import dev.hart.RunState;
import dev.hart.core.rollout.Trial;
import dev.hart.core.rollout.Trial.Arm;
import dev.hart.core.rollout.TrialResult;
import dev.hart.error.HartException;
import dev.hart.recipe.RecipeVersion;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs candidates beside the runs that answer, once these have ended: nobody waits for them. They are no runs of their own and leave
 * no journal; one that is cut off by the end of its process is not made up for. Thread-safe.
 */
final class ShadowRuns {
    private static final Logger LOG = LoggerFactory.getLogger(ShadowRuns.class);
    /** A busy process leaves shadows out rather than running ever more of them. */
    private static final int MOST_AT_ONCE = 4;

    private final RunContext context;
    private final AtomicInteger goingOn = new AtomicInteger();

    ShadowRuns(RunContext context) {
        this.context = context;
    }

    /** Begins the shadow of a run that has ended, if its rollout asks for one. */
    void begin(RunProgress answered) {
        Trial trial = answered.plan.trial();
        if (trial == null
                || !trial.shadowed()
                || (answered.state != RunState.SUCCEEDED && answered.state != RunState.FAILED)) {
            return;
        }
        if (goingOn.incrementAndGet() > MOST_AT_ONCE) {
            goingOn.decrementAndGet();
            return;
        }
        Recordings recordings = Recordings.of(answered);
        try {
            context.inside().execute(() -> {
                try {
                    perform(answered, trial, recordings);
                } finally {
                    goingOn.decrementAndGet();
                }
            });
        } catch (RejectedExecutionException e) {
            goingOn.decrementAndGet();
            LOG.debug("the runtime is closed; run {} has no shadow", answered.runId, e);
        }
    }

    private void perform(RunProgress answered, Trial trial, Recordings recordings) {
        try {
            RecipeVersion candidate = context.recipes().choices().candidate(trial.rolloutId());
            if (candidate == null) {
                return;
            }
            ShadowRun shadow = new ShadowRun(context, answered, candidate, recordings);
            TrialResult result = shadow.perform();
            context.recipes()
                    .choices()
                    .shadowed(trial.rolloutId(), shadow.counts() ? Arm.CANDIDATE : Arm.NOT_COMPARED, result);
        } catch (InterruptedException e) {
            LOG.debug("the shadow of run {} is given up, as the runtime is closed", answered.runId, e);
            Thread.currentThread().interrupt();
        } catch (HartException | IllegalStateException | RejectedExecutionException e) {
            LOG.warn("the shadow of run {} is lost: {}", answered.runId, e.toString());
        }
    }
}
