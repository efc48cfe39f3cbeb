package dev.hart.ledger;

import dev.hart.spi.Signer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/** A key in memory. */
record TestSigner(String keyId, PrivateKey privateKey, PublicKey publicKey) implements Signer {
    private static final String ED25519_X509 = "302a300506032b6570032100";

    /** The key of test 1 in RFC 8032, section 7.1. */
    static TestSigner rfc8032(String keyId) {
        try {
            KeyFactory keys = KeyFactory.getInstance("Ed25519");
            return new TestSigner(
                    keyId,
                    keys.generatePrivate(new EdECPrivateKeySpec(
                            NamedParameterSpec.ED25519,
                            HexFormat.of()
                                    .parseHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))),
                    keys.generatePublic(new X509EncodedKeySpec(HexFormat.of()
                            .parseHex(ED25519_X509
                                    + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static TestSigner fresh(String keyId) {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            return new TestSigner(keyId, pair.getPrivate(), pair.getPublic());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public byte[] sign(byte[] message) {
        try {
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initSign(privateKey);
            ed25519.update(message);
            return ed25519.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
