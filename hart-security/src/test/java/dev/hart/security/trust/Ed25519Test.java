package dev.hart.security.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.security.canonical.SignedBytes;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Ed25519Test {
    private static final String ZEROS = "00".repeat(31);

    /** The JDK's own opinion, without our look at the key. */
    private static PublicKey plainJdk(String hex) throws Exception {
        return KeyFactory.getInstance("Ed25519")
                .generatePublic(new X509EncodedKeySpec(HexFormat.of().parseHex("302a300506032b6570032100" + hex)));
    }

    @Test
    void theIdentityPointUnderWhichAnythingVerifiesIsRefusedThoughTheJdkTakesIt() throws Exception {
        Signature jdk = Signature.getInstance("Ed25519");
        jdk.initVerify(plainJdk("01" + ZEROS));
        jdk.update("halt".getBytes(StandardCharsets.UTF_8));
        assertThat(jdk.verify(HexFormat.of().parseHex("01" + "00".repeat(63)))).isTrue();

        assertThatThrownBy(() -> Ed25519.publicKey("01" + ZEROS))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("is of low order: anyone can sign anything under it; make a new key pair");
        assertThatThrownBy(() -> Ed25519.raw(plainJdk("01" + ZEROS))).isInstanceOf(InvalidConfigurationException.class);
        assertThat(Ed25519.isSound(plainJdk("01" + ZEROS))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0000000000000000000000000000000000000000000000000000000000000080",
                "0100000000000000000000000000000000000000000000000000000000000080",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"
            })
    void everyPointOfLowOrderIsRefused(String hex) {
        assertThatThrownBy(() -> Ed25519.publicKey(hex)).hasMessageContaining("is of low order");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            })
    void aSecondSpellingOfAKeyIsRefused(String hex) {
        assertThatThrownBy(() -> Ed25519.publicKey(hex)).hasMessageContaining("is not in its canonical form");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "d75a", "zz", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f7075"})
    void whatIsNoKeyIsRefused(String text) {
        assertThatThrownBy(() -> Ed25519.publicKey(text)).isInstanceOf(InvalidConfigurationException.class);
    }

    @Test
    void aKeyOfAnotherKindIsRefused() throws Exception {
        PublicKey rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair().getPublic();
        assertThatThrownBy(() -> Ed25519.raw(rsa)).hasMessage("the key is no Ed25519 key but RSA");
    }

    @Test
    void aSignatureOfTheWrongSizeOrFormIsNoSignature() {
        TestKey key = TestKey.rfc8032();
        byte[] message = {1, 2, 3};
        byte[] signature = key.sign(message);
        assertThat(Ed25519.verifies(key.publicKey(), message, signature)).isTrue();
        assertThat(Ed25519.verifies(key.publicKey(), message, new byte[63])).isFalse();
        assertThat(Ed25519.verifies(key.publicKey(), message, new byte[65])).isFalse();
        byte[] ones = new byte[64];
        java.util.Arrays.fill(ones, (byte) -1);
        assertThat(Ed25519.verifies(key.publicKey(), message, ones)).isFalse();
    }

    @Test
    void theKeyIdIsOfTheWholeX509Form() {
        assertThat(Ed25519.keyId(TestKey.rfc8032().publicKey()))
                .isEqualTo(SignedBytes.sha256(TestKey.rfc8032().publicKey().getEncoded())
                        .substring(0, 32))
                .hasSize(32);
    }

    @Test
    void thisJvmGivesTheAnswersOfRfc8032() {
        assertThatCode(Ed25519::selfTest).doesNotThrowAnyException();
    }
}
