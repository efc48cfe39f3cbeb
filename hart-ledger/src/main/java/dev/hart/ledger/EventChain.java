package dev.hart.ledger;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.zip.CRC32;

/**
 * The hash chain: each event's hash is SHA-256 over the 32 bytes of the hash before it and the UTF-8 of its envelope's
 * canonical JSON. The first follows 32 zero bytes. Used by one thread.
 */
final class EventChain {
    static final byte[] START = new byte[32];

    private final String ledgerKey;
    private final MessageDigest sha256 = CanonicalJson.newDigest();
    private long lastMillis = Long.MIN_VALUE;
    private String lastTime = "";

    EventChain(String ledgerKey) {
        this.ledgerKey = ledgerKey;
    }

    /** The canonical envelope. {@code payload} is canonical JSON; ids and types need no escapes. */
    String envelope(int stripe, long seq, String taskId, String type, long at, String actor, String payload) {
        return "{\"actor\":" + CanonicalJson.write(actor) + ",\"at\":\"" + time(at) + "\",\"ledger_id\":\"" + ledgerKey
                + "\",\"payload\":" + payload + ",\"seq\":" + seq + ",\"stripe\":" + stripe + ",\"task_id\":\"" + taskId
                + "\",\"type\":\"" + type + "\",\"v\":1}";
    }

    /** The chain that holds the events of a task: CRC-32 of its id, modulo the number of chains. */
    static int stripe(String taskId, int stripes) {
        if (stripes == 1) {
            return 0;
        }
        CRC32 crc = new CRC32();
        crc.update(taskId.getBytes(StandardCharsets.UTF_8));
        return (int) (crc.getValue() % stripes);
    }

    byte[] hash(byte[] previous, String envelope) {
        sha256.update(previous);
        return sha256.digest(envelope.getBytes(StandardCharsets.UTF_8));
    }

    private String time(long millis) {
        if (millis != lastMillis) {
            lastMillis = millis;
            lastTime = format(millis);
        }
        return lastTime;
    }

    /** ISO-8601 in UTC with exactly three decimals. */
    static String format(long millis) {
        String text = Instant.ofEpochMilli(millis).toString();
        return millis % 1000 == 0 ? text.replace("Z", ".000Z") : text;
    }
}
