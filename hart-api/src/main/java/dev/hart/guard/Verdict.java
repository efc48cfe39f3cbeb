package dev.hart.guard;

import java.util.List;
import org.jspecify.annotations.Nullable;

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
     * @param supportResource the writer may be in danger: whoever shows the refusal shows its reason, which names help
     */
    record Refused(String rule, String reason, List<Finding> findings, boolean supportResource) implements Verdict {
        public Refused {
            findings = List.copyOf(findings);
        }

        public Refused(String rule, String reason, List<Finding> findings) {
            this(rule, reason, findings, false);
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
     * @param view the way of reading the text in which it was found
     * @param hazard null when the rule stands for none
     */
    record Finding(
            String rule,
            int weight,
            int start,
            int end,
            View view,
            @Nullable Hazard hazard) {
        public Finding(String rule, int weight, int start, int end) {
            this(rule, weight, start, end, View.TEXT, null);
        }
    }
}
