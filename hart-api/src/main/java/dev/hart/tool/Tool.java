package dev.hart.tool;

import dev.hart.guard.Reach;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes a public method a tool. Its parameters become the input schema, its return type the output schema (see {@link
 * dev.hart.json.Schemas}); compile with {@code -parameters}, or name each one with {@link Param}. A parameter of type {@link ToolContext} is filled in and not part
 * of the schema. What the method throws is the tool's error; throw {@link ToolFailure} to say whether it may be tried again.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Tool {
    /** Dotted lower-case name such as {@code csv.sum}; the method's name unless set. */
    String name() default "";

    /** One sentence that starts with a verb; planners choose by it. */
    String description();

    /** What a call does to the world. There is no default: say it. */
    Effect effect();

    /**
     * What a call touches beside the data of this node; {@code {}} for nothing. What a tool does not say counts as all that its
     * effect allows, see {@link Reach#unstated}: calls with suspicious values then wait for a person.
     */
    Reach[] reach() default {Reach.NETWORK, Reach.MONEY, Reach.PRIVILEGED};

    /** Longest time for one call, in milliseconds. */
    long timeoutMs() default 30_000;

    /** Recipes run with a tool whose version is equal up to the first dot. */
    String version() default "1";
}
