package dev.hart.ledger;

import dev.hart.error.LedgerException;
import java.time.Duration;

/** What the ledger accepts at most. */
final class Limits {
    static final int MAX_PAYLOAD_BYTES = 2 * 1024 * 1024;
    static final int MAX_EVENTS_PER_PAGE = 1000;
    static final int MAX_RETRIES = 1000;
    static final int MAX_TEXT = 65_536;

    private static final int MAX_ID = 255;
    private static final int MAX_EVENT_TYPE = 64;

    private Limits() {}

    static boolean isId(String id) {
        boolean legal = !id.isEmpty() && id.length() <= MAX_ID;
        for (int i = 0; legal && i < id.length(); i++) {
            char c = id.charAt(i);
            legal = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "._:~-".indexOf(c) >= 0;
        }
        return legal;
    }

    static String requireId(String name, String id) {
        if (!isId(id)) {
            throw invalid("%s must be 1 to %d of letters, digits and . _ : ~ -, was '%s'"
                    .formatted(name, MAX_ID, id.length() <= MAX_ID ? id : id.substring(0, MAX_ID) + "…"));
        }
        return id;
    }

    static String requireText(String name, String text) {
        if (text.isBlank() || text.length() > MAX_TEXT) {
            throw invalid("%s must be a text of 1 to %d characters, had %d".formatted(name, MAX_TEXT, text.length()));
        }
        return text;
    }

    static String requireLength(String name, String text) {
        if (text.length() > MAX_TEXT) {
            throw invalid("%s must be at most %d characters, had %d".formatted(name, MAX_TEXT, text.length()));
        }
        return text;
    }

    static void requireEventType(String type) {
        boolean legal = !type.isEmpty() && type.length() <= MAX_EVENT_TYPE;
        for (int i = 0; legal && i < type.length(); i++) {
            char c = type.charAt(i);
            legal = c >= 'A' && c <= 'Z' || i > 0 && (c >= '0' && c <= '9' || c == '_');
        }
        if (!legal) {
            throw invalid("an event type is upper case such as STEP_FINISHED, was '" + type + "'");
        }
    }

    static void requireRange(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw invalid("%s must be %d to %d, was %d".formatted(name, least, most, value));
        }
    }

    /** Put into 0 to 100. */
    static int percent(long value) {
        return (int) Math.max(0, Math.min(100, value));
    }

    /** Milliseconds; not negative. */
    static long requireDuration(String name, Duration duration) {
        if (duration.isNegative()) {
            throw invalid("%s must not be negative, was %s".formatted(name, duration));
        }
        return duration.toMillis();
    }

    static String size(int bytes) {
        return bytes % (1024 * 1024) == 0 ? bytes / (1024 * 1024) + " MiB" : bytes / 1024 + " KiB";
    }

    static LedgerException invalid(String message) {
        return new LedgerException("INVALID_ARGUMENT", message);
    }
}
