package dev.hart.guard;

import java.util.List;

/** What a guardrail says. */
public sealed interface Verdict {
    Verdict ALLOWED = new Allowed();

    record Allowed() implements Verdict {}

    /** Allowed, but what it found makes the text suspicious. */
    record Flagged(List<Finding> findings) implements Verdict {
        public Flagged {
            findings = List.copyOf(findings);
        }
    }

    /**
     * Not allowed.
     *
     * @param rule the rule that decided, such as {@code I1}
     * @param reason a sentence for the user; it does not repeat the text
     */
    record Refused(String rule, String reason, List<Finding> findings) implements Verdict {
        public Refused {
            findings = List.copyOf(findings);
        }

        public Refused(String rule, String reason) {
            this(rule, reason, List.of());
        }
    }

    /**
     * One hit.
     *
     * @param weight 0 to 100
     * @param start where it begins in the checked text, in chars; -1 when it has no place
     * @param end behind its last char
     */
    record Finding(String rule, int weight, int start, int end) {}
}
