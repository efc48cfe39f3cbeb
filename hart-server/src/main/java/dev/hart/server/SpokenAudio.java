package dev.hart.server;

import dev.hart.HartClock;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What was said for callers, until they fetch it: for ten minutes, the newest 64 files and 64 MiB of it. Names are random, and each
 * file is given to the caller that it was made for only. Thread-safe.
 */
final class SpokenAudio {
    static final Duration KEPT = Duration.ofMinutes(10);
    static final int MOST_FILES = 64;
    static final long MOST_BYTES = 64L << 20;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{22}\\.wav");
    private static final int NAME_BYTES = 16;

    private final HartClock clock;
    private final SecureRandom random = new SecureRandom();
    /** Oldest first. Guarded by this. */
    private final Map<String, Spoken> files = new LinkedHashMap<>();

    private long bytes;

    private record Spoken(String owner, byte[] wav, Instant at) {}

    SpokenAudio(HartClock clock) {
        this.clock = clock;
    }

    static boolean isName(String file) {
        return NAME.matcher(file).matches();
    }

    /**
     * Keeps a file, and drops older ones for it.
     *
     * @return its name
     * @throws Refused when it alone is too large
     */
    synchronized String keep(String owner, byte[] wav) {
        if (wav.length > MOST_BYTES) {
            throw new Refused(413, "audio_too_long", "the text takes too long to say: say it in parts");
        }
        byte[] name = new byte[NAME_BYTES];
        random.nextBytes(name);
        String file = Base64.getUrlEncoder().withoutPadding().encodeToString(name) + ".wav";
        Instant now = clock.instant();
        dropOld(now);
        files.put(file, new Spoken(owner, wav, now));
        bytes += wav.length;
        while (files.size() > MOST_FILES || bytes > MOST_BYTES) {
            drop(files.keySet().iterator().next());
        }
        return file;
    }

    synchronized Optional<byte[]> find(String owner, String file) {
        dropOld(clock.instant());
        Spoken spoken = files.get(file);
        return spoken == null || !spoken.owner().equals(owner) ? Optional.empty() : Optional.of(spoken.wav());
    }

    private void dropOld(Instant now) {
        while (!files.isEmpty()) {
            Map.Entry<String, Spoken> oldest = files.entrySet().iterator().next();
            if (Duration.between(oldest.getValue().at(), now).compareTo(KEPT) < 0) {
                return;
            }
            drop(oldest.getKey());
        }
    }

    private void drop(String file) {
        Spoken gone = files.remove(file);
        if (gone != null) {
            bytes -= gone.wav().length;
        }
    }
}
