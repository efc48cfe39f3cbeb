package dev.hart.security.rules;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** The bytes under a signature: the pre-authentication encoding of DSSE, so that none can be replayed in another role. */
final class Envelopes {
    private static final int SIGNATURE = 64;

    private Envelopes() {}

    static byte[] toSign(String type, byte[] payload) {
        int typeLength = type.getBytes(StandardCharsets.UTF_8).length;
        byte[] head =
                ("DSSEv1 " + typeLength + " " + type + " " + payload.length + " ").getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(head.length + payload.length);
        out.writeBytes(head);
        out.writeBytes(payload);
        return out.toByteArray();
    }

    /** Whether the hex is a signature of the key over the bytes; false for anything that is no hex of 64 bytes. */
    static boolean isSigned(SignatureCheck check, String publicKeyHex, byte[] message, String signatureHex) {
        try {
            byte[] signature = HexFormat.of().parseHex(signatureHex);
            return signature.length == SIGNATURE && check.isValid(publicKeyHex, message, signature);
        } catch (IllegalArgumentException e) {
            return false; // no hex
        }
    }
}
