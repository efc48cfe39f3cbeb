package dev.hart.security.trust;

import dev.hart.spi.Signer;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/** A throw-away key of tests. */
final class TestKey implements Signer {
    private final Ed25519PrivateKeyParameters secret;
    private final PublicKey publicKey;

    private TestKey(byte[] seed) {
        this.secret = new Ed25519PrivateKeyParameters(seed, 0);
        this.publicKey = Ed25519.publicKey(secret.generatePublicKey().getEncoded());
    }

    /** The key of the first vector of RFC 8032. */
    static TestKey rfc8032() {
        return new TestKey(HexFormat.of().parseHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
    }

    static TestKey fresh() {
        return of(new SecureRandom());
    }

    static TestKey of(RandomGenerator random) {
        byte[] seed = new byte[32];
        random.nextBytes(seed);
        return new TestKey(seed);
    }

    @Override
    public String keyId() {
        return Ed25519.keyId(publicKey);
    }

    @Override
    public PublicKey publicKey() {
        return publicKey;
    }

    @Override
    public byte[] sign(byte[] message) {
        Ed25519Signer signer = new Ed25519Signer();
        signer.init(true, secret);
        signer.update(message, 0, message.length);
        return signer.generateSignature();
    }
}
