package dev.hart.security.trust;

import dev.hart.security.canonical.CanonicalText;
import dev.hart.security.canonical.SignedBytes;
import dev.hart.spi.Signer;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Bytes and who signed them (DSSE): what is verified is what was signed, never a second writing of it. The signed bytes are
 * {@code DSSEv1 <length> <type> <length> <payload>}. A key id only chooses among the keys that the verifier knows; an
 * unknown one is passed over.
 *
 * @param payload at most {@link #MAX_PAYLOAD} bytes; copied, as is what {@link #payload()} gives
 * @param signatures 0 to {@link #MAX_SIGNATURES}
 */
public record Envelope(PayloadType type, byte[] payload, List<Sig> signatures) {
    /** The largest envelope that is read, in bytes. */
    public static final int MAX_BYTES = 1_048_576;

    /** The largest payload, in bytes. */
    public static final int MAX_PAYLOAD = 700_000;

    public static final int MAX_SIGNATURES = 64;
    private static final int MAX_KEYID = 255;
    private static final int MAX_SIGNATURE = 128;

    /**
     * One signature.
     *
     * @param keyid the signer's key id, a hint
     * @param sig the signature's bytes
     */
    public record Sig(String keyid, byte[] sig) {
        public Sig {
            sig = sig.clone();
            if (keyid.length() > MAX_KEYID || sig.length > MAX_SIGNATURE) {
                throw new IllegalArgumentException("a key id has at most 255 characters, a signature 128 bytes");
            }
        }

        @Override
        public byte[] sig() {
            return sig.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Sig that && keyid.equals(that.keyid) && Arrays.equals(sig, that.sig);
        }

        @Override
        public int hashCode() {
            return 31 * keyid.hashCode() + Arrays.hashCode(sig);
        }

        @Override
        public String toString() {
            return "Sig[" + keyid + "]";
        }
    }

    public Envelope {
        payload = payload.clone();
        signatures = List.copyOf(signatures);
        if (payload.length > MAX_PAYLOAD || signatures.size() > MAX_SIGNATURES) {
            throw new IllegalArgumentException("an envelope holds at most %d bytes and %d signatures, not %d and %d"
                    .formatted(MAX_PAYLOAD, MAX_SIGNATURES, payload.length, signatures.size()));
        }
    }

    /** An envelope that nobody has signed yet. */
    public static Envelope of(PayloadType type, byte[] payload) {
        return new Envelope(type, payload, List.of());
    }

    /** The same with one more signature. */
    public Envelope signedBy(Signer signer) {
        List<Sig> more = new ArrayList<>(signatures);
        more.add(new Sig(Ed25519.keyId(signer.publicKey()), signer.sign(signedBytes())));
        return new Envelope(type, payload, more);
    }

    @Override
    public byte[] payload() {
        return payload.clone();
    }

    /** What a signer signs. */
    public byte[] signedBytes() {
        return SignedBytes.of(type.mediaType(), payload);
    }

    /** The ids of those of {@code known} keys that have signed, each once however often it did. */
    public Set<String> signers(Map<String, PublicKey> known) {
        byte[] signed = signedBytes();
        Set<String> signers = new LinkedHashSet<>();
        for (Sig signature : signatures) {
            PublicKey key = known.get(signature.keyid);
            if (key != null && !signers.contains(signature.keyid) && Ed25519.verifies(key, signed, signature.sig)) {
                signers.add(signature.keyid);
            }
        }
        return signers;
    }

    /** The envelope as JSON: {@code {"payload":…,"payloadType":…,"signatures":[{"keyid":…,"sig":…}]}}. */
    public byte[] toBytes() {
        Base64.Encoder base64 = Base64.getEncoder();
        Map<String, Object> json = new TreeMap<>();
        json.put("payloadType", type.mediaType());
        json.put("payload", base64.encodeToString(payload));
        json.put(
                "signatures",
                signatures.stream()
                        .map(s -> Map.of("keyid", s.keyid, "sig", base64.encodeToString(s.sig)))
                        .toList());
        return CanonicalText.bytes(json);
    }

    /**
     * Reads what {@link #toBytes} writes. That it can be read says nothing about who signed.
     *
     * @throws MalformedException when it is too large, or anything but an envelope
     */
    public static Envelope parse(byte[] bytes) throws MalformedException {
        if (bytes.length > MAX_BYTES) {
            throw new MalformedException("an envelope has at most " + MAX_BYTES + " bytes, not " + bytes.length);
        }
        StrictJson.Fields fields = StrictJson.object(bytes).only(Set.of("payload", "payloadType", "signatures"));
        List<Sig> signatures = new ArrayList<>();
        for (Object item : fields.list("signatures")) {
            if (!(item instanceof StrictJson.Fields signature)) {
                throw new MalformedException("a signature is no object");
            }
            signature.only(Set.of("keyid", "sig"));
            signatures.add(signature(signature));
        }
        try {
            return new Envelope(PayloadType.of(fields.text("payloadType")), base64(fields.text("payload")), signatures);
        } catch (IllegalArgumentException e) {
            throw new MalformedException(String.valueOf(e.getMessage()), e);
        }
    }

    private static Sig signature(StrictJson.Fields signature) throws MalformedException {
        try {
            return new Sig(signature.text("keyid"), base64(signature.text("sig")));
        } catch (IllegalArgumentException e) {
            throw new MalformedException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Base64 in its one right spelling: the decoder alone takes others too. */
    private static byte[] base64(String text) throws MalformedException {
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            if (Base64.getEncoder().encodeToString(bytes).equals(text)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            throw new MalformedException("it holds no base64 where it should", e);
        }
        throw new MalformedException("its base64 is not spelled canonically");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Envelope that
                && type == that.type
                && Arrays.equals(payload, that.payload)
                && signatures.equals(that.signatures);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(payload) + signatures.hashCode();
    }

    @Override
    public String toString() {
        return "Envelope[" + type + ", " + payload.length + " bytes, " + signatures + "]";
    }
}
