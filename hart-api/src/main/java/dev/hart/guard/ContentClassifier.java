package dev.hart.guard;

import java.util.List;

/**
 * A classifier of texts, such as a small model on this machine; given like any other guardrail. Its findings are added to those of
 * the built-in rules and count in the same score: they can raise it, never lower it. Thread-safe. It has {@value #LIMIT_MILLIS}
 * milliseconds for a text. Late, broken or busy, it makes the check incomplete: a user's text is then flagged, any other, and every
 * tool call, refused.
 */
public interface ContentClassifier extends Guardrail {
    /** The longest time for one text, in milliseconds. */
    int LIMIT_MILLIS = 200;

    /**
     * What is wrong with a text; empty when nothing is. A finding has a rule of the classifier's own and a weight of 0 to 100; a rule
     * that begins with V or D counts as harmful content, any other as an injection.
     */
    List<Verdict.Finding> classify(Rail rail, Subject subject);

    /** What it says alone: whatever it finds is suspicious. */
    @Override
    default Verdict check(Rail rail, Subject subject) {
        List<Verdict.Finding> found = classify(rail, subject);
        return found.isEmpty() ? Verdict.ALLOWED : new Verdict.Flagged(found);
    }
}
