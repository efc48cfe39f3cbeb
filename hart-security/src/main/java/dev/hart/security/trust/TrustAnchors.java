package dev.hart.security.trust;

import dev.hart.error.InvalidConfigurationException;
import java.security.PublicKey;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The Ed25519 keys that a host application believes, and how many of them must sign together. HART ships none. Immutable.
 */
public final class TrustAnchors {
    private static final int MOST = 64;

    private final Map<String, PublicKey> keys;
    private final int threshold;

    private TrustAnchors(Map<String, PublicKey> keys, int threshold) {
        this.keys = keys;
        this.threshold = threshold;
    }

    /**
     * Anchors.
     *
     * @param threshold how many different keys must sign, 1 to the number of keys
     * @param keys 1 to 64, none twice
     * @throws InvalidConfigurationException for any other numbers, and for a key that is no Ed25519 key, of low order or
     *     not canonical
     */
    public static TrustAnchors of(int threshold, Collection<PublicKey> keys) {
        Map<String, PublicKey> byId = new LinkedHashMap<>();
        for (PublicKey key : keys) {
            PublicKey sound = Ed25519.publicKey(Ed25519.raw(key));
            if (byId.put(Ed25519.keyId(sound), sound) != null) {
                throw new InvalidConfigurationException(
                        "anchor " + Ed25519.keyId(sound) + " is given twice, and would not count twice: give it once");
            }
        }
        if (byId.isEmpty() || byId.size() > MOST) {
            throw new InvalidConfigurationException("1 to " + MOST + " trust anchors, was " + byId.size());
        }
        if (threshold < 1 || threshold > byId.size()) {
            throw new InvalidConfigurationException(
                    "the threshold of " + byId.size() + " trust anchors is 1 to " + byId.size() + ", was " + threshold);
        }
        return new TrustAnchors(Collections.unmodifiableMap(byId), threshold);
    }

    /** The same from keys of 64 hex digits each. */
    public static TrustAnchors ofHex(int threshold, List<String> keys) {
        return of(threshold, keys.stream().map(Ed25519::publicKey).toList());
    }

    /** The keys by their ids. */
    public Map<String, PublicKey> keys() {
        return keys;
    }

    /** How many different keys must sign. */
    public int threshold() {
        return threshold;
    }

    /** How many of the anchors have signed the envelope, each counted once. */
    public int signers(Envelope envelope) {
        return envelope.signers(keys).size();
    }

    @Override
    public String toString() {
        return "TrustAnchors[" + threshold + " of " + keys.keySet() + "]";
    }
}
