package dev.hart.guard;

/** A place where something passes the gate. */
public enum Rail {
    /** A request of a user. */
    PROMPT,
    /** What somebody wants an agent to pursue: title and description. */
    GOAL,
    /** The steps that a planner proposes. */
    PLAN,
    /** A tool call with its bound arguments. */
    ACTION,
    /** What a tool answered, and retrieved text. */
    TOOL_RESULT,
    /** Work that is sent to another node or worker. */
    DISPATCH,
    /** What a model answered. */
    RESPONSE,
    /** What another node wrote. */
    PEER_MESSAGE,
    /** A recipe or skill that leaves this node. */
    SKILL_EXPORT,
    /** A recipe or skill that comes from another node. */
    SKILL_IMPORT,
    /** A change of program text: its paths and its diff. */
    CODE_CHANGE,
    /** What a reward is given for. */
    REWARD,
    /** What comes with a new model. */
    MODEL_UPDATE,
    /** Data that leaves this node. */
    EGRESS
}
