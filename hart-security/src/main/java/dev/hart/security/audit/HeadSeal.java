package dev.hart.security.audit;

import java.util.Optional;

/** Signs the payload of an audit head, and opens what was signed. Thread-safe. */
public interface HeadSeal {
    /** Names the payload, so that the signature says nothing elsewhere. */
    String PAYLOAD_TYPE = "application/vnd.hart.audit-head+json";

    /** The payload in an envelope of {@link #PAYLOAD_TYPE} that the node's key has signed. */
    String seal(byte[] payload);

    /**
     * The payload, when a known key has signed it.
     *
     * @throws IllegalArgumentException when it is no envelope of {@link #PAYLOAD_TYPE}, or a known key's signature does not fit
     * @return empty when only keys that are not known have signed it
     */
    Optional<byte[]> open(String envelope);
}
