package dev.hart.recipe;

/** What a step does. */
public enum StepKind {
    /** Calls a tool; its arguments are the tool's input. */
    TOOL,
    /** Computes nothing but its binding: the argument {@code value} after its placeholders are filled in is the result. */
    TRANSFORM,
    /** Asks the model: the argument {@code prompt}, and {@code schema} for a JSON answer. The only kind that calls one. */
    MODEL,
    /**
     * Asks a person: the argument {@code question}, {@code schema} that the answer must follow, and {@code deadlineMs}, how long it is
     * waited for. The answer is the result.
     */
    ASK,
    /**
     * Waits: the argument {@code ms}, or {@code until}, a time in ISO-8601 with its offset. The time when the wait was over by
     * is the result.
     */
    WAIT,
    /**
     * Runs another stored recipe as a run of its own: the arguments {@code recipeId}, {@code version} and {@code inputs}. Its
     * output is the result.
     */
    SUBRECIPE
}
