package dev.hart.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that is run several times, each time with the steps that may run side by side in another order: one after another,
 * in an order that follows from a seed. Implies {@link HartTest}. Up to eight READ actions of a run are open at a time, whatever
 * the machine.
 *
 * <p>The seed is in the name of each invocation, and decides about {@link Faults} at random too. An invocation that fails prints
 * it, with the order; {@code -Dhart.seed=…} runs the test once, with that seed.
 *
 * <p>No two steps of a run are performed at the same moment: a step that waits for another one to go on waits until its time is
 * over.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@TestTemplate
@ExtendWith({HartExtension.class, ShuffleExtension.class})
public @interface ShuffledSteps {
    /** How many orders are tried, 1 to 10,000. */
    int times() default 10;
}
