package dev.hart.security;

import dev.hart.guard.Guardrail;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.guard.Verdict;
import dev.hart.security.canonical.SignedBytes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Words that are put into prompts that nobody but the model may see. One that comes back in a reply, a tool call or data that leaves
 * shows that the prompt leaked, also when it is written backwards, spaced out or in other case. The latest 10,000 are known. A text
 * is read in time that grows with its length, however many there are. Thread-safe when the source of chance is.
 */
public final class CanaryTokens implements Guardrail {
    private static final int MOST = 10_000;
    private static final int LETTERS = 20;
    private static final long BASE = 1_000_003;
    /** {@link #BASE} to the power of {@code LETTERS - 1}, as a long wraps around. */
    private static final long HIGHEST = highest();

    private final @Nullable RandomGenerator random;
    /** In the order in which they were issued. */
    private final Deque<String> issued = new ArrayDeque<>();
    /** How often each hash of one is issued: what a text is looked up by. */
    private final Map<Long, Integer> hashes = new HashMap<>();

    /** One that issues canaries for prompts only. */
    public CanaryTokens() {
        this.random = null;
    }

    /** @param random one that cannot be predicted, such as a SecureRandom */
    public CanaryTokens(RandomGenerator random) {
        this.random = random;
    }

    private static long highest() {
        long power = 1;
        for (int i = 1; i < LETTERS; i++) {
            power *= BASE;
        }
        return power;
    }

    /**
     * A new one: 20 lower-case letters.
     *
     * @throws IllegalStateException when there is no source of chance
     */
    public String issue() {
        if (random == null) {
            throw new IllegalStateException("these canaries have no source of chance; give one, or issue for a prompt");
        }
        StringBuilder token = new StringBuilder(LETTERS);
        for (int i = 0; i < LETTERS; i++) {
            token.append((char) ('a' + random.nextInt(26)));
        }
        return issued(token.toString());
    }

    /**
     * The one for a prompt. It comes from a digest of the prompt, so every attempt and every process asks the same, and only who
     * knows the whole prompt knows it.
     */
    public String issueFor(String prompt) {
        String digest = SignedBytes.sha256("hart-canary-1\n" + prompt);
        StringBuilder token = new StringBuilder(LETTERS);
        for (int i = 0; i < LETTERS; i++) {
            token.append((char) ('a' + Integer.parseInt(digest.substring(3 * i, 3 * i + 3), 16) % 26));
        }
        return issued(token.toString());
    }

    private String issued(String canary) {
        synchronized (issued) {
            if (hashes.containsKey(hash(canary)) && issued.contains(canary)) {
                return canary;
            }
            if (issued.size() == MOST) {
                forget(hash(issued.removeFirst()));
            }
            issued.addLast(canary);
            hashes.merge(hash(canary), 1, Integer::sum);
        }
        return canary;
    }

    private void forget(long hash) {
        int left = hashes.getOrDefault(hash, 0) - 1;
        if (left > 0) {
            hashes.put(hash, left);
        } else {
            hashes.remove(hash);
        }
    }

    /** Whether a text gives one away. */
    public boolean leaks(String text) {
        synchronized (issued) {
            if (issued.isEmpty()) {
                return false;
            }
        }
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
            return holdsOne(forwards) || holdsOne(backwards);
        }
    }

    /** A rolling hash over every run of 20 letters; only where it is that of a known one, the letters themselves are compared. */
    private boolean holdsOne(String letters) {
        if (letters.length() < LETTERS) {
            return false;
        }
        long hash = hash(letters.substring(0, LETTERS));
        for (int end = LETTERS; ; end++) {
            if (hashes.containsKey(hash) && issued.contains(letters.substring(end - LETTERS, end))) {
                return true;
            }
            if (end == letters.length()) {
                return false;
            }
            hash = (hash - letters.charAt(end - LETTERS) * HIGHEST) * BASE + letters.charAt(end);
        }
    }

    private static long hash(String letters) {
        long hash = 0;
        for (int i = 0; i < LETTERS; i++) {
            hash = hash * BASE + letters.charAt(i);
        }
        return hash;
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
