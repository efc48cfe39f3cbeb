package dev.hart.guard;

/** Who wrote a text; the less it is trusted, the sooner it is refused. */
public enum Provenance {
    SYSTEM,
    OPERATOR,
    USER,
    PEER,
    TOOL,
    RETRIEVED
}
