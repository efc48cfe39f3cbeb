package dev.hart.security;

import dev.hart.guard.Guardrail;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.guard.Verdict;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * Random words that are put into prompts that nobody but the model may see. One that comes back in a reply, a tool call or
 * data that leaves shows that the prompt leaked, also when it is written backwards, spaced out or in other case. The latest
 * 10,000 are known. Thread-safe when the source of chance is.
 */
public final class CanaryTokens implements Guardrail {
    private static final int MOST = 10_000;
    private static final int LETTERS = 20;

    private final RandomGenerator random;
    private final Deque<String> issued = new ArrayDeque<>();

    /** @param random one that cannot be predicted, such as a SecureRandom */
    public CanaryTokens(RandomGenerator random) {
        this.random = random;
    }

    /** A new one: 20 lower-case letters. */
    public String issue() {
        StringBuilder token = new StringBuilder(LETTERS);
        for (int i = 0; i < LETTERS; i++) {
            token.append((char) ('a' + random.nextInt(26)));
        }
        String canary = token.toString();
        synchronized (issued) {
            if (issued.size() == MOST) {
                issued.removeFirst();
            }
            issued.addLast(canary);
        }
        return canary;
    }

    /** Whether a text gives one away. */
    public boolean leaks(String text) {
        StringBuilder letters = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
                letters.append(c);
            }
        }
        String forwards = letters.toString().toLowerCase(Locale.ROOT);
        String backwards = letters.reverse().toString().toLowerCase(Locale.ROOT);
        synchronized (issued) {
            return issued.stream().anyMatch(canary -> forwards.contains(canary) || backwards.contains(canary));
        }
    }

    @Override
    public Verdict check(Rail rail, Subject subject) {
        boolean outwards = switch (rail) {
            case RESPONSE, ACTION, DISPATCH, SKILL_EXPORT, EGRESS -> true;
            default -> false;
        };
        return outwards && leaks(subject.text())
                ? new Verdict.Refused("CANARY", "a part of a hidden prompt came out again")
                : Verdict.ALLOWED;
    }

    @Override
    public String name() {
        return "CANARY";
    }
}
