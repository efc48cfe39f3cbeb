package dev.hart.gpu.time;

import java.security.SecureRandom;
import java.util.SplittableRandom;
import java.util.UUID;

/** UUIDs of version 7 (RFC 9562): by time, then random. Thread-safe. */
public final class TimeOrderedIds {
    private static final long VERSION_7 = 0x7000;
    private static final long VARIANT = 0x8000_0000_0000_0000L;

    private final SplittableRandom random = new SplittableRandom(new SecureRandom().nextLong());

    /** One of that time, in milliseconds since 1970. */
    public synchronized String next(long millis) {
        long high = millis << 16 | VERSION_7 | random.nextInt(1 << 12);
        long low = VARIANT | random.nextLong() >>> 2;
        return new UUID(high, low).toString();
    }
}
