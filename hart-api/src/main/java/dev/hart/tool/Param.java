package dev.hart.tool;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Describes a parameter of a {@link Tool} method or a component of a record that one takes. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
public @interface Param {
    /** A few words on what the value is; planners find the value by it. */
    String value() default "";

    /** The name in the schema; the parameter's own name unless set. */
    String name() default "";

    /** Whether it may be left out; the method then gets null, an empty Optional, or zero. */
    boolean optional() default false;

    /**
     * Whether the value decides where something goes or who gets it, such as a recipient or an account. One that comes from a
     * tool or a model, and not from the caller or the recipe, waits for a person. For arguments as a whole, not for parts of one.
     */
    boolean trusted() default false;

    /**
     * Whether the tool runs the text: a shell command, SQL, program text. It is read before each call; one that destroys, or of
     * which nothing is known, waits for a person. For arguments as a whole, not for parts of one.
     */
    boolean command() default false;
}
