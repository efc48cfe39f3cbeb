package dev.hart.ledger;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * The hash chain over a ledger's events: {@code hash = SHA-256(previous hash || canonical JSON of the event)}; the first
 * previous hash is 32 zero bytes. Not thread-safe.
 */
final class EventChain {
    static final int HASH_BYTES = 32;
    private static final DateTimeFormatter MILLIS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final MessageDigest digest = CanonicalJson.sha256();

    static byte[] start() {
        return new byte[HASH_BYTES];
    }

    byte[] next(byte[] previous, String canonicalEvent) {
        digest.update(previous);
        return digest.digest(canonicalEvent.getBytes(StandardCharsets.UTF_8));
    }

    /** The canonical text of an event. Its payload is canonical already. */
    static String canonical(
            String ledgerId,
            int stripe,
            long seq,
            String taskId,
            String type,
            long atMillis,
            String actor,
            String payload) {
        StringBuilder text = new StringBuilder(payload.length() + 256);
        text.append("{\"actor\":").append(CanonicalJson.write(actor));
        text.append(",\"at\":\"").append(MILLIS.format(Instant.ofEpochMilli(atMillis)));
        text.append("\",\"ledger_id\":").append(CanonicalJson.write(ledgerId));
        text.append(",\"payload\":").append(payload);
        text.append(",\"seq\":").append(seq);
        text.append(",\"stripe\":").append(stripe);
        text.append(",\"task_id\":").append(CanonicalJson.write(taskId));
        text.append(",\"type\":").append(CanonicalJson.write(type));
        return text.append(",\"v\":1}").toString();
    }
}
