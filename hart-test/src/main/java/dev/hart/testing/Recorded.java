package dev.hart.testing;

import dev.hart.model.LanguageModel;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Keeps what models and tools answered to a test, or to each test of a class, in a file beside it, and answers from that
 * file in later runs: without network, without cost, and always the same. Implies {@link HartTest}.
 *
 * <p>The file is {@code src/test/resources/<package>/<class>/<method>.recording.json}, without secrets (see {@link Cassette}),
 * to be read and committed. When it is missing, or {@code hart.record} is {@code true}, the test calls the real model and
 * tools, and writes it if it passes. In CI nothing is recorded: a test without a recording fails there.
 *
 * <p>A replayed test fails when it asks something else than was recorded, and shows the difference; and it fails when it
 * passes without asking everything that was recorded.
 *
 * <p>Settings, each a JUnit configuration parameter or a system property:
 *
 * <ul>
 *   <li>{@code hart.record}: {@code true} records anew; also the environment variable {@code HART_RECORD};
 *   <li>{@code hart.ci}: whether this is CI; unless set, the environment variable {@code CI} says it;
 *   <li>{@code hart.test.resources}: the folder instead of {@code src/test/resources} in the module of the test class.
 * </ul>
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(HartExtension.class)
public @interface Recorded {
    /**
     * A class, with a constructor without parameters, that makes the model to record; it is made only while recording. Unless
     * set, the model is that of {@code HART_MODEL}, and there is none when that is not set.
     */
    Class<? extends Supplier<? extends LanguageModel>> model() default FromEnvironment.class;

    /**
     * Names of the tools that are recorded; {@code *} at the end stands for any rest. Unless set, these are all tools but the
     * built-in ones that need no network, which are called as ever.
     */
    String[] tools() default {};

    /** Stands for the model that {@code HART_MODEL} names. */
    interface FromEnvironment extends Supplier<LanguageModel> {}
}
