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
}
