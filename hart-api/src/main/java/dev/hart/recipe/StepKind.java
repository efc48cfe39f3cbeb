package dev.hart.recipe;

/** What a step does. */
public enum StepKind {
    /** Calls a tool; its arguments are the tool's input. */
    TOOL,
    /** Computes nothing but its binding: the argument {@code value} after its placeholders are filled in is the result. */
    TRANSFORM,
    /** Asks the model: the argument {@code prompt}, and {@code schema} for a JSON answer. The only kind that calls one. */
    MODEL
}
