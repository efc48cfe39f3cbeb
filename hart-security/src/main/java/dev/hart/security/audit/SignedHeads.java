package dev.hart.security.audit;

import dev.hart.spi.Signer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Audit heads in DSSE envelopes with one signature: {@code {"payload":…,"payloadType":…,"signatures":[{"keyid":…,"sig":…}]}}. What is
 * signed is {@code DSSEv1 <length> <type> <length> <payload>}. Thread-safe.
 */
public final class SignedHeads implements HeadSeal {
    private static final Pattern ENVELOPE = Pattern.compile("\\{\"payload\":\"([A-Za-z0-9+/]+={0,2})\",\"payloadType\":\"([a-z./+-]+)\","
            + "\"signatures\":\\[\\{\"keyid\":\"([A-Za-z0-9._:~-]{1,255})\",\"sig\":\"([A-Za-z0-9+/]{86}==)\"}]}");

    private final Signer signer;
    private final Map<String, PublicKey> known;

    /**
     * @param signer the node's key
     * @param earlier further keys whose heads count, by their ids: those that the node had before
     */
    public SignedHeads(Signer signer, Map<String, PublicKey> earlier) {
        this.signer = signer;
        this.known = new LinkedHashMap<>(earlier);
        this.known.put(signer.keyId(), signer.publicKey());
    }

    @Override
    public String seal(byte[] payload) {
        Base64.Encoder base64 = Base64.getEncoder();
        return "{\"payload\":\"" + base64.encodeToString(payload) + "\",\"payloadType\":\"" + PAYLOAD_TYPE
                + "\",\"signatures\":[{\"keyid\":\"" + signer.keyId() + "\",\"sig\":\""
                + base64.encodeToString(signer.sign(signedBytes(payload))) + "\"}]}";
    }

    @Override
    public Optional<byte[]> open(String envelope) {
        Matcher parts = ENVELOPE.matcher(envelope);
        if (!parts.matches() || !parts.group(2).equals(PAYLOAD_TYPE)) {
            throw new IllegalArgumentException("this is no signed audit head");
        }
        PublicKey key = known.get(parts.group(3));
        if (key == null) {
            return Optional.empty();
        }
        byte[] payload = Base64.getDecoder().decode(parts.group(1));
        try {
            Signature check = Signature.getInstance("Ed25519");
            check.initVerify(key);
            check.update(signedBytes(payload));
            if (check.verify(Base64.getDecoder().decode(parts.group(4)))) {
                return Optional.of(payload);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the signature of an audit head cannot be checked", e);
        }
        throw new IllegalArgumentException("the signature of an audit head does not fit the key " + parts.group(3));
    }

    private static byte[] signedBytes(byte[] payload) {
        byte[] start = ("DSSEv1 " + PAYLOAD_TYPE.length() + " " + PAYLOAD_TYPE + " " + payload.length + " ")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] all = new byte[start.length + payload.length];
        System.arraycopy(start, 0, all, 0, start.length);
        System.arraycopy(payload, 0, all, start.length, payload.length);
        return all;
    }
}
