package dev.hart.guard;

/** The way of reading a text in which a rule matched. */
public enum View {
    /** As it stands, without case, accents and invisible characters. */
    TEXT,
    /** Look-alikes, digits and signs as the letters they imitate, and punctuation inside words taken out. */
    LETTERS,
    /** Without markup and comments, entities as characters. */
    PLAIN,
    /** Single letters put together, and run-together words taken apart. */
    SPACING,
    BASE64,
    HEX,
    /** Percent, backslash-u and backslash-x escapes. */
    ESCAPES,
    ROT13,
    REVERSED,
    /** Text in invisible tag characters. */
    TAGS
}
