package dev.hart.security.access;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Hashes of passwords with Argon2id (RFC 9106): 19 MiB, 2 passes, 1 lane, which takes some 50 ms, written as a PHC string such as {@code
 * $argon2id$v=19$m=19456,t=2,p=1$…$…}. Thread-safe; each call takes 19 MiB while it runs.
 */
public final class Passwords {
    /** Shortest password, in characters. */
    public static final int MIN_LENGTH = 8;
    /** Longest password, in characters. */
    public static final int MAX_LENGTH = 128;

    static final int MEMORY_KIB = 19_456;
    static final int PASSES = 2;
    static final int LANES = 1;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    /** Hashes of others may be dearer, but not so dear that checking one stops the node. */
    private static final int MAX_MEMORY_KIB = 262_144;

    private static final int MAX_PASSES = 16;
    private static final int MAX_LANES = 8;
    private static final Pattern PHC =
            Pattern.compile("\\$argon2id\\$v=19\\$m=([0-9]{1,7}),t=([0-9]{1,3}),p=([0-9]{1,3})"
                    + "\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{22,86})");

    private final SecureRandom random;

    public Passwords() {
        this(new SecureRandom());
    }

    /** @param random gives the salts */
    public Passwords(SecureRandom random) {
        this.random = random;
    }

    /**
     * The hash of a password, with a salt of its own.
     *
     * @throws IllegalArgumentException when it has fewer than 8 or more than 128 characters
     */
    public String hash(CharSequence password) {
        int length = password.toString().codePointCount(0, password.length());
        if (length < MIN_LENGTH || length > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "a password has " + MIN_LENGTH + " to " + MAX_LENGTH + " characters, this one has " + length);
        }
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        byte[] hash = derive(password, salt, MEMORY_KIB, PASSES, LANES, HASH_BYTES);
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
                .formatted(MEMORY_KIB, PASSES, LANES, base64.encodeToString(salt), base64.encodeToString(hash));
    }

    /**
     * Whether a password is that of a hash; compared in constant time. False for a hash that cannot be read.
     *
     * @param phc as {@link #hash} gave it; one of other programs may have up to 256 MiB, 16 passes and 8 lanes
     */
    public boolean verify(CharSequence password, String phc) {
        Matcher parts = PHC.matcher(phc);
        if (!parts.matches() || password.length() > 2 * MAX_LENGTH) {
            return false;
        }
        int memory = Integer.parseInt(parts.group(1));
        int passes = Integer.parseInt(parts.group(2));
        int lanes = Integer.parseInt(parts.group(3));
        boolean allowed = memory >= 8 * lanes
                && memory <= MAX_MEMORY_KIB
                && passes >= 1
                && passes <= MAX_PASSES
                && lanes >= 1
                && lanes <= MAX_LANES;
        if (!allowed) {
            return false;
        }
        try {
            byte[] salt = Base64.getDecoder().decode(parts.group(4));
            byte[] hash = Base64.getDecoder().decode(parts.group(5));
            return MessageDigest.isEqual(hash, derive(password, salt, memory, passes, lanes, hash.length));
        } catch (IllegalArgumentException e) {
            return false; // no base64
        }
    }

    /** Whether a hash was made with less than what is asked for today: make a new one at the next sign-in. */
    public static boolean needsRehash(String phc) {
        Matcher parts = PHC.matcher(phc);
        return !parts.matches()
                || Integer.parseInt(parts.group(1)) < MEMORY_KIB
                || Integer.parseInt(parts.group(2)) < PASSES;
    }

    static byte[] derive(CharSequence password, byte[] salt, int memoryKib, int passes, int lanes, int bytes) {
        ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(password));
        byte[] secret = new byte[encoded.remaining()];
        encoded.get(secret);
        try {
            Argon2BytesGenerator generator = new Argon2BytesGenerator();
            generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                    .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                    .withMemoryAsKB(memoryKib)
                    .withIterations(passes)
                    .withParallelism(lanes)
                    .withSalt(salt)
                    .build());
            byte[] hash = new byte[bytes];
            generator.generateBytes(secret, hash);
            return hash;
        } finally {
            Arrays.fill(secret, (byte) 0);
            Arrays.fill(encoded.array(), (byte) 0);
        }
    }
}
