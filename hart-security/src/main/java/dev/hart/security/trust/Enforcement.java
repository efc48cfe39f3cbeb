package dev.hart.security.trust;

import dev.hart.error.InvalidConfigurationException;
import java.util.Locale;

/** How strictly a node holds to what its boot checks find. */
public enum Enforcement {
    /** A failed check refuses network, peers and remote orders; agents run, and nothing is logged about it. */
    OFF,
    /** The same with a warning in the log. */
    WARN,
    /** A failed check refuses agents too. */
    SOFT,
    /** As SOFT; a missing or old revocation list refuses a chain, and a JVM that is open to change fails its check. */
    HARD;

    /**
     * The mode of a word such as {@code hard}.
     *
     * @throws InvalidConfigurationException for any other word: a mistake must not choose a mode
     */
    public static Enforcement parse(String word) {
        for (Enforcement mode : values()) {
            if (mode.name().toLowerCase(Locale.ROOT).equals(word)) {
                return mode;
            }
        }
        throw new InvalidConfigurationException(
                "there is no enforcement mode '" + word + "'; it is one of off, warn, soft, hard");
    }
}
