package dev.hart.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives each test of a class, or one test method, a runtime of its own in an empty temporary folder. A test method, and
 * methods run before and after it, may take as parameters:
 *
 * <ul>
 *   <li>{@link dev.hart.Hart}: a runtime, closed after the test;
 *   <li>{@link dev.hart.HartBuilder}: a fresh builder with the same settings, for a test that changes them or opens the
 *       runtime more than once; what it creates the test closes;
 *   <li>{@link FakeClock}: the runtime's clock, moved on by those who sleep on it;
 *   <li>{@link ScriptedModel}: the runtime's model, checked to be used up when the test has passed; without such a
 *       parameter the runtime has no model and the embedded planner plans;
 *   <li>{@link Faults}: makes the runtime's tools and model fail, checked to have come when the test has passed;
 *   <li>{@link Cassette}: the recording of a test annotated with {@link Recorded};
 *   <li>{@link java.nio.file.Path}: the runtime's workspace, the only folder that its built-in tools may touch.
 * </ul>
 *
 * <p>A test that fails prints what happened in its runs to the standard error stream, and the seed of its {@link Faults}, which
 * {@code -Dhart.seed=…} repeats. The folder is deleted after the test.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(HartExtension.class)
public @interface HartTest {
    /** Keeps recipes and runs in a database file, so that a second runtime finds what the first one left. */
    boolean durable() default false;
}
