package dev.hart.security.trust;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.security.canonical.SignedBytes;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;

/**
 * Ed25519 keys and signatures (RFC 8032), checked by the JDK's provider. Keys of low order, under which a forged signature
 * verifies any message, and keys in a second spelling are refused when they are loaded: the JDK takes both.
 */
public final class Ed25519 {
    /** What an Ed25519 key begins with in X.509's SubjectPublicKeyInfo. */
    private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final int RAW = 32;
    private static final int SIGNATURE = 64;
    private static final int ID_DIGITS = 32;
    private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
    /** The y coordinates of the points of order 1, 2, 4 and 8; larger spellings of them are refused as not canonical. */
    private static final Set<BigInteger> LOW_ORDER = Set.of(
            BigInteger.ZERO,
            BigInteger.ONE,
            P.subtract(BigInteger.ONE),
            littleEndian("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
            littleEndian("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"));

    private Ed25519() {}

    /**
     * The key of 32 bytes.
     *
     * @throws InvalidConfigurationException when it has another length, is of low order, or is not spelled canonically
     */
    public static PublicKey publicKey(byte[] raw) {
        if (raw.length != RAW) {
            throw new InvalidConfigurationException("an Ed25519 public key has 32 bytes, not " + raw.length);
        }
        String hex = HexFormat.of().formatHex(raw);
        requireSound(y(raw), hex);
        byte[] encoded = Arrays.copyOf(PREFIX, PREFIX.length + RAW);
        System.arraycopy(raw, 0, encoded, PREFIX.length, RAW);
        try {
            return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new InvalidConfigurationException("the public key " + hex + " is no Ed25519 key", e);
        }
    }

    /**
     * The key of 64 hex digits.
     *
     * @throws InvalidConfigurationException when it is no such text, or no key that {@link #publicKey(byte[])} takes
     */
    public static PublicKey publicKey(String hex) {
        try {
            return publicKey(HexFormat.of().parseHex(hex));
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigurationException("an Ed25519 public key is 64 hex digits, was '" + hex + "'", e);
        }
    }

    /**
     * The 32 bytes of a key.
     *
     * @throws InvalidConfigurationException when it is no Ed25519 key, or one that {@link #publicKey(byte[])} refuses
     */
    public static byte[] raw(PublicKey key) {
        byte[] encoded = key.getEncoded();
        if (encoded == null
                || encoded.length != PREFIX.length + RAW
                || !Arrays.equals(encoded, 0, PREFIX.length, PREFIX, 0, PREFIX.length)) {
            throw new InvalidConfigurationException("the key is no Ed25519 key but " + key.getAlgorithm());
        }
        byte[] raw = Arrays.copyOfRange(encoded, PREFIX.length, encoded.length);
        requireSound(y(raw), HexFormat.of().formatHex(raw));
        return raw;
    }

    /** Whether the key is an Ed25519 key that {@link #publicKey(byte[])} takes. */
    static boolean isSound(PublicKey key) {
        try {
            return raw(key).length == RAW;
        } catch (InvalidConfigurationException e) {
            return false;
        }
    }

    /** The key's id: the first 32 hex digits of SHA-256 over its SubjectPublicKeyInfo. */
    public static String keyId(PublicKey key) {
        return SignedBytes.sha256(key.getEncoded()).substring(0, ID_DIGITS);
    }

    /** Whether the 64 bytes are the key's signature of the message. Never throws for what is signed or the signature. */
    public static boolean verifies(PublicKey key, byte[] message, byte[] signature) {
        if (signature.length != SIGNATURE) {
            return false;
        }
        try {
            Signature check = Signature.getInstance("Ed25519");
            check.initVerify(key);
            check.update(message);
            return check.verify(signature);
        } catch (SignatureException e) {
            return false; // the bytes are no point and number, so nobody's signature
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java since 15 has Ed25519", e);
        }
    }

    /**
     * Checks the provider with the first vector of RFC 8032 and with forgeries.
     *
     * @throws IllegalStateException when it accepts what is wrong or refuses what is right
     */
    public static void selfTest() {
        PublicKey known = publicKey("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        byte[] right = HexFormat.of()
                .parseHex(
                        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                                + "d25bf5f0595bbe24655141438e7a100b");
        byte[] wrong = right.clone();
        wrong[SIGNATURE - 1] ^= 1;
        byte[] identity = new byte[RAW];
        identity[0] = 1;
        boolean refusesIdentity = LOW_ORDER.contains(y(identity));
        if (!verifies(known, new byte[0], right)
                || verifies(known, new byte[] {0}, right)
                || verifies(known, new byte[0], wrong)
                || !refusesIdentity) {
            throw new IllegalStateException(
                    "this JVM's Ed25519 does not give the answers of RFC 8032; use another JDK build or provider order");
        }
    }

    private static void requireSound(BigInteger y, String hex) {
        if (y.compareTo(P) >= 0) {
            throw new InvalidConfigurationException(
                    "the public key " + hex + " is not in its canonical form; give the key as its maker wrote it");
        }
        if (LOW_ORDER.contains(y)) {
            throw new InvalidConfigurationException("the public key " + hex
                    + " is of low order: anyone can sign anything under it; make a new key pair");
        }
    }

    private static BigInteger y(byte[] raw) {
        byte[] bigEndian = new byte[RAW];
        for (int i = 0; i < RAW; i++) {
            bigEndian[i] = raw[RAW - 1 - i];
        }
        bigEndian[0] &= 0x7f;
        return new BigInteger(1, bigEndian);
    }

    private static BigInteger littleEndian(String hex) {
        return y(HexFormat.of().parseHex(hex));
    }
}
