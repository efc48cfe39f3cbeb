package dev.hart.security.audit;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something to be noted in the audit log.
 *
 * @param event what kind of thing happened, such as {@code guardrail}: 1 to 50 chars
 * @param actor who did it: 1 to 100 chars
 * @param target what it was done to: up to 100 chars, empty for nothing in particular
 * @param action what was done, such as {@code refused}: 1 to 1,000 chars
 * @param detail texts, whole numbers, booleans, null, lists and maps of these. Values of keys that name secrets are masked
 */
public record AuditEvent(
        String event, String actor, String target, String action, Map<String, ? extends @Nullable Object> detail) {
    private static final int MAX_EVENT = 50;
    private static final int MAX_NAME = 100;
    private static final int MAX_ACTION = 1_000;

    /** @throws IllegalArgumentException when a text is missing or too long, or has half a character */
    public AuditEvent {
        require("event", event, 1, MAX_EVENT);
        require("actor", actor, 1, MAX_NAME);
        require("target", target, 0, MAX_NAME);
        require("action", action, 1, MAX_ACTION);
        detail = Collections.unmodifiableMap(new LinkedHashMap<>(detail));
    }

    /** One without detail. */
    public static AuditEvent of(String event, String actor, String target, String action) {
        return new AuditEvent(event, actor, target, action, Map.of());
    }

    private static void require(String name, String text, int least, int most) {
        Objects.requireNonNull(text, name);
        if (text.length() < least || text.length() > most) {
            throw new IllegalArgumentException("the %s of an audit entry has %d to %d characters, had %d"
                    .formatted(name, least, most, text.length()));
        }
        for (int i = 0; i < text.length(); i++) {
            if (Character.isHighSurrogate(text.charAt(i))
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(text.charAt(i))) {
                throw new IllegalArgumentException("the " + name + " of an audit entry has half a character at " + i);
            }
        }
    }
}
