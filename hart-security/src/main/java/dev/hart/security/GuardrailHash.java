package dev.hart.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * One hash over all rules of a build, so that nodes can tell whether they run the same ones. It is a SHA-256 over RFC 8785
 * JSON {@code {"parts":{NAME:JSON,…},"schema":"hart-guardrails-1"}}, to which each part of the rules contributes under its
 * name; the same contributions give the same hash, whatever their order.
 */
public final class GuardrailHash {
    /** Which form of hash this is. */
    public static final String SCHEMA = "hart-guardrails-1";

    private GuardrailHash() {}

    /**
     * 64 lower-case hex digits.
     *
     * @param contributions by name, each a whole value in RFC 8785 form
     * @throws IllegalArgumentException without contributions, or when one is blank
     */
    public static String of(Map<String, String> contributions) {
        if (contributions.isEmpty()) {
            throw new IllegalArgumentException("a guardrail hash needs at least one contribution");
        }
        StringBuilder json = new StringBuilder("{\"parts\":{");
        String separator = "";
        for (Map.Entry<String, String> part : new TreeMap<>(contributions).entrySet()) {
            if (part.getValue().isBlank()) {
                throw new IllegalArgumentException(
                        "the contribution " + part.getKey() + " to the guardrail hash is empty");
            }
            json.append(separator);
            CanonicalText.quote(part.getKey(), json);
            json.append(':').append(part.getValue());
            separator = ",";
        }
        json.append("},\"schema\":\"").append(SCHEMA).append("\"}");
        return digest(json.toString().getBytes(StandardCharsets.UTF_8));
    }

    static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
