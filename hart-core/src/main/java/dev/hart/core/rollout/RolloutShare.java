package dev.hart.core.rollout;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Chooses the runs that a candidate does: by a hash, so that anybody can compute the choice again from the ids alone. */
public final class RolloutShare {
    private RolloutShare() {}

    /** Whether a run falls into the share of a rollout, in percent. */
    public static boolean takes(String rolloutId, String runId, int share) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest((rolloutId + "/" + runId).getBytes(StandardCharsets.UTF_8));
            return Long.remainderUnsigned(ByteBuffer.wrap(hash).getLong(), 100) < share;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
