package dev.hart.security.rules;

import java.util.Map;

/** Keeps quarantines over restarts. A method that throws has changed nothing. Called by one thread at a time. */
public interface QuarantineStore {
    /** All entries, by id of the agent or node. */
    Map<String, QuarantineEntry> load();

    /** Keeps an entry in the place of an earlier one; on stable storage when it returns. */
    void save(String subject, QuarantineEntry entry);

    void remove(String subject);

    /** A store that forgets everything when the process ends. */
    static QuarantineStore inMemory() {
        return new QuarantineStore() {
            @Override
            public Map<String, QuarantineEntry> load() {
                return Map.of();
            }

            @Override
            public void save(String subject, QuarantineEntry entry) {}

            @Override
            public void remove(String subject) {}
        };
    }
}
