package dev.hart.store;

/** What a returned write survives. */
public enum Durability {
    /** A crash of the process, of the operating system, and a power loss. */
    FULL("FULL"),
    /** A crash of the process. A power loss may take the newest commits; the file stays sound. Several times faster. */
    RELAXED("NORMAL");

    private final String synchronous;

    Durability(String synchronous) {
        this.synchronous = synchronous;
    }

    String synchronous() {
        return synchronous;
    }
}
