package dev.hart.security.audit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Texts one behind the other as {@code <bytes>:<text>,}: no text can run into the next one. */
final class Netstrings {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Netstrings add(String text) {
        return add(text.getBytes(StandardCharsets.UTF_8));
    }

    Netstrings add(byte[] bytes) {
        out.writeBytes((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(bytes);
        out.write(',');
        return this;
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
