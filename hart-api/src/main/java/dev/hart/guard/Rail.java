package dev.hart.guard;

/** A place where something passes the gate. */
public enum Rail {
    /** A request of a user. */
    PROMPT,
    /** The steps that a planner proposes. */
    PLAN,
    /** A tool call with its bound arguments. */
    ACTION,
    /** What a tool answered. */
    TOOL_RESULT,
    /** What a model answered. */
    RESPONSE
}
