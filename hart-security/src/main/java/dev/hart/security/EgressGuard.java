package dev.hart.security;

import dev.hart.guard.PrivacyScope;
import dev.hart.guard.Verdict;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether data may leave for a place. First its scope must reach that far; then every text in it, keys too and at
 * every depth, is searched: for personal data when it goes to strangers ({@code FEDERATED}, {@code PUBLIC}), and for secrets
 * when it goes to anyone but the user's own devices. Data that is too deep or too large to be read whole does not leave.
 * Pure and thread-safe.
 */
public final class EgressGuard {
    /** Deepest nesting. */
    public static final int MAX_DEPTH = 32;
    /** Most values in all. */
    public static final int MAX_VALUES = 100_000;
    /** Most chars in all. */
    public static final int MAX_CHARS = 4 * 1_048_576;

    private final PiiScanner personal;
    private final SecretRedactor secrets = new SecretRedactor();

    public EgressGuard() {
        this(new PiiScanner());
    }

    /** With a scanner that has other harmless addresses. */
    public EgressGuard(PiiScanner personal) {
        this.personal = personal;
    }

    /**
     * Whether data may leave for a place.
     *
     * @param data null, Boolean, Number, String, List or Map with text keys, nested
     * @param own how far the data may go
     * @return {@link Verdict#ALLOWED}, or a refusal whose reason repeats nothing of the data
     */
    public Verdict check(@Nullable Object data, PrivacyScope own, PrivacyScope destination) {
        if (!own.mayGoTo(destination)) {
            return new Verdict.Refused(
                    "SCOPE_VIOLATION", "data of scope " + label(own) + " may not go to " + label(destination));
        }
        Walk walk = new Walk(
                destination.compareTo(PrivacyScope.FEDERATED) >= 0,
                destination.compareTo(PrivacyScope.TRUSTED_PEER) >= 0);
        String problem = walk.problem(data, false, 0);
        if (problem == null) {
            return Verdict.ALLOWED;
        }
        return new Verdict.Refused(walk.rule, problem);
    }

    private static String label(PrivacyScope scope) {
        return scope.name().toLowerCase(java.util.Locale.ROOT);
    }

    private final class Walk {
        private final boolean forStrangers;
        private final boolean leavesTheUser;
        private int values;
        private long chars;
        private String rule = "";

        Walk(boolean forStrangers, boolean leavesTheUser) {
            this.forStrangers = forStrangers;
            this.leavesTheUser = leavesTheUser;
        }

        private @Nullable String problem(@Nullable Object value, boolean secret, int depth) {
            if (depth > MAX_DEPTH || ++values > MAX_VALUES) {
                return refuse("INPUT_TOO_LARGE", "the data is deeper or larger than is read");
            }
            if (value instanceof Map<?, ?> map) {
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    String name = String.valueOf(entry.getKey());
                    String found = text(name, false);
                    if (found == null) {
                        found = problem(entry.getValue(), secret || SecretRedactor.namesSecret(name), depth + 1);
                    }
                    if (found != null) {
                        return found;
                    }
                }
                return null;
            }
            if (value instanceof Iterable<?> items) {
                for (Object item : items) {
                    String found = problem(item, secret, depth + 1);
                    if (found != null) {
                        return found;
                    }
                }
                return null;
            }
            if (value instanceof Object[] array) {
                return problem(List.of(array), secret, depth);
            }
            return value == null || value instanceof Boolean ? null : text(value.toString(), secret);
        }

        private @Nullable String text(String text, boolean secret) {
            chars += text.length();
            if (chars > MAX_CHARS) {
                return refuse("INPUT_TOO_LARGE", "the data is deeper or larger than is read");
            }
            if (leavesTheUser && ((secret && !text.isBlank()) || secrets.count(text) > 0)) {
                return refuse(BuiltInRules.SECRET, "a secret stands in the data");
            }
            String found = forStrangers ? personal.refusal(text) : null;
            return found == null ? null : refuse(BuiltInRules.PERSONAL, found);
        }

        private String refuse(String by, String reason) {
            rule = by;
            return reason;
        }
    }
}
