package dev.hart.store;

/** What a returned write survives. */
public enum Durability {
    /** A crash of the process, of the operating system, and a power loss. */
    FULL(
            "FULL",
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"),
    /** A crash of the process. A power loss may take the newest commits; the data stays sound. Several times faster. */
    RELAXED("NORMAL", "SET synchronous_commit = off");

    private final String synchronous;
    private final String postgres;

    Durability(String synchronous, String postgres) {
        this.synchronous = synchronous;
        this.postgres = postgres;
    }

    /** SQLite's setting of that name. */
    String synchronous() {
        return synchronous;
    }

    /** What a PostgreSQL connection is told first. FULL leaves a stronger setting of the server as it is. */
    String postgres() {
        return postgres;
    }
}
