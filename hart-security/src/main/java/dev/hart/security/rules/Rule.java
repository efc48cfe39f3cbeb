package dev.hart.security.rules;

/**
 * One rule of the constitution.
 *
 * @param id {@code C01} to {@code C33}
 * @param text what it demands, a whole sentence
 */
public record Rule(String id, Group group, Severity severity, String text) {

    /** What a rule protects. */
    public enum Group {
        HUMAN_WELLBEING,
        NATURE,
        ECONOMY,
        MACHINE_SAFETY,
        COOPERATION,
        CONSTRUCTIVE,
        STEWARDSHIP,
        DEPLOYMENT,
        PURPOSE
    }

    /** A MUST is never broken; a SHOULD may give way to a MUST. */
    public enum Severity {
        MUST,
        SHOULD
    }
}
