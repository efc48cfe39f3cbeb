package dev.hart.security.audit;

import dev.hart.security.trust.Ed25519;
import dev.hart.security.trust.Envelope;
import dev.hart.security.trust.MalformedException;
import dev.hart.security.trust.PayloadType;
import dev.hart.spi.Signer;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Audit heads in {@link Envelope envelopes} of {@link PayloadType#AUDIT_HEAD}. Thread-safe. */
public final class SignedHeads implements HeadSeal {
    private final Signer signer;
    private final Map<String, PublicKey> known = new LinkedHashMap<>();

    /**
     * @param signer the node's key
     * @param earlier further keys whose heads count: those that the node had before
     */
    public SignedHeads(Signer signer, Collection<PublicKey> earlier) {
        this.signer = signer;
        earlier.forEach(key -> known.put(Ed25519.keyId(key), key));
        known.put(Ed25519.keyId(signer.publicKey()), signer.publicKey());
    }

    @Override
    public String seal(byte[] payload) {
        byte[] envelope =
                Envelope.of(PayloadType.AUDIT_HEAD, payload).signedBy(signer).toBytes();
        return new String(envelope, StandardCharsets.UTF_8);
    }

    @Override
    public Optional<byte[]> open(String text) {
        Envelope envelope;
        try {
            envelope = Envelope.parse(text.getBytes(StandardCharsets.UTF_8));
        } catch (MalformedException e) {
            throw new IllegalArgumentException("this is no signed audit head", e);
        }
        if (envelope.type() != PayloadType.AUDIT_HEAD) {
            throw new IllegalArgumentException("this is an envelope for another use: " + envelope.type());
        }
        if (!envelope.signers(known).isEmpty()) {
            return Optional.of(envelope.payload());
        }
        if (envelope.signatures().stream().anyMatch(signature -> known.containsKey(signature.keyid()))) {
            throw new IllegalArgumentException("the signature of an audit head does not fit its key");
        }
        return Optional.empty();
    }
}
