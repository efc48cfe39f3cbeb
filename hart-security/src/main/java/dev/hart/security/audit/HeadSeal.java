package dev.hart.security.audit;

import java.util.Optional;

/** Signs the payload of an audit head, and opens what was signed. Thread-safe. */
public interface HeadSeal {
    /** The payload in an envelope that the node's key has signed for this use and no other. */
    String seal(byte[] payload);

    /**
     * The payload, when a known key has signed it.
     *
     * @throws IllegalArgumentException when it is no envelope for this use, or a known key's signature does not fit
     * @return empty when only keys that are not known have signed it
     */
    Optional<byte[]> open(String envelope);
}
