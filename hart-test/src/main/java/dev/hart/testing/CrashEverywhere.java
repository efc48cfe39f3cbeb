package dev.hart.testing;

import dev.hart.HartBuilder;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that must come to the same end wherever its process is killed. Its method is a scenario: it is run once undisturbed,
 * and then once for each crash point, in a process of its own that is killed there; another process runs it again on what
 * that one left behind. Crash points are every commit to a run's ledger, and every answer of a tool that was not written yet.
 *
 * <p>The method is called in each process with a durable runtime and the workspace that the process before left. What it does
 * must depend on nothing else. It may take as parameters:
 *
 * <ul>
 *   <li>{@link dev.hart.Hart}: where the process before began a run, the same call takes that run up instead of beginning
 *       another one. Runs are begun one after another, on the method's thread;
 *   <li>{@link java.nio.file.Path}: the workspace, also the right place for effects that tools of the test have;
 *   <li>{@link FakeClock}: the runtime's clock, which goes on where it stood at the last commit;
 *   <li>{@link ScriptedModel}: the runtime's model. It is scripted anew in each process, so let its replies depend on the
 *       request, with {@code when} and {@code otherwise}.
 * </ul>
 *
 * <p>Of the test class only its constructor runs beside the method: nothing that comes before or after each test, and no other
 * extension. A test class that implements {@link Setup} changes the runtime's settings.
 *
 * <p>Afterwards the end is compared with the undisturbed one: the state and the outputs of each run, the calls of tools, and
 * the files of the workspace. A READ or IDEMPOTENT call may have been made again, with the same idempotency key; no WRITE or
 * DESTRUCTIVE call may have had its effect twice or not at all. A run that is paused since such a call was cut off ({@code
 * IN_DOUBT}) has come to a legal end too; a scenario may answer with {@link dev.hart.Runs#resolve} and go on.
 *
 * <p>What became of each crash point is reported as a JUnit report entry.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@Test
@ExtendWith(CrashExtension.class)
public @interface CrashEverywhere {
    /** Whether a run may end in doubt; a scenario whose effects are all IDEMPOTENT, or that answers all doubts, says false. */
    boolean allowInDoubt() default true;

    /** Files of the workspace that are not compared, as patterns such as {@code logs/**} (see {@link java.nio.file.FileSystem#getPathMatcher}). */
    String[] ignoring() default {};

    /** With more crash points than this the test fails at once; at least 1. */
    int maxPoints() default 500;

    /** Longest time for each process, in seconds; at least 1. */
    int timeoutSeconds() default 60;

    /** Implemented by a test class that needs other settings. */
    interface Setup {
        /**
         * Called in each process before the runtime is opened.
         *
         * @param builder with a data directory, the workspace, the clock and the model of the scenario
         */
        void configure(HartBuilder builder);
    }
}
