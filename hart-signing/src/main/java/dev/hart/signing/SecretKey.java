package dev.hart.signing;

import dev.hart.security.trust.Ed25519;
import dev.hart.spi.Signer;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.Set;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.PrivateKeyInfoFactory;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;
import org.jspecify.annotations.Nullable;

/**
 * A private Ed25519 key of an anchor or issuer: a PKCS#8 file in PEM that its owner alone can read, encrypted with a
 * passphrase (AES-256, PBKDF2 with HMAC-SHA-256, 600,000 rounds) unless its owner wants otherwise. Shows its id alone.
 */
final class SecretKey implements Signer {
    private static final int ROUNDS = 600_000;
    private static final long MAX_FILE = 16_384;
    private static final BouncyCastleProvider PROVIDER = new BouncyCastleProvider();
    private static final Set<PosixFilePermission> OWNER =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final Ed25519PrivateKeyParameters secret;
    private final PublicKey publicKey;

    private SecretKey(Ed25519PrivateKeyParameters secret) {
        this.secret = secret;
        this.publicKey = Ed25519.publicKey(secret.generatePublicKey().getEncoded());
    }

    static SecretKey create(SecureRandom random) {
        return new SecretKey(new Ed25519PrivateKeyParameters(random));
    }

    /**
     * Writes the key to a new file.
     *
     * @param passphrase null to leave it unencrypted
     * @throws SigningException when there is such a file already
     */
    void write(Path file, char @Nullable [] passphrase) throws IOException {
        byte[] pem = pem(passphrase).getBytes(StandardCharsets.US_ASCII);
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] owner =
                posix ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER)} : new FileAttribute<?>[0];
        try (FileChannel channel =
                FileChannel.open(file, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), owner)) {
            ByteBuffer left = ByteBuffer.wrap(pem);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        } catch (FileAlreadyExistsException e) {
            throw new SigningException("there is a file " + file + " already, and a key is never written over", e);
        }
    }

    private String pem(char @Nullable [] passphrase) throws IOException {
        PrivateKeyInfo info = PrivateKeyInfoFactory.createPrivateKeyInfo(secret, null);
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(
                    passphrase == null
                            ? new PKCS8Generator(info, null)
                            : new PKCS8Generator(
                                    info,
                                    new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                                            .setProvider(PROVIDER)
                                            .setPRF(PKCS8Generator.PRF_HMACSHA256)
                                            .setIterationCount(ROUNDS)
                                            .setPassword(passphrase)
                                            .build()));
        } catch (OperatorCreationException e) {
            throw new SigningException("this JVM cannot encrypt the key", e);
        }
        return text.toString();
    }

    /**
     * Reads a key file.
     *
     * @param passphrase asked for only when the file is encrypted
     * @throws SigningException when others can read the file, it holds no Ed25519 key, or the passphrase is wrong
     */
    static SecretKey read(Path file, Passphrase passphrase) throws IOException {
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Set<PosixFilePermission> others = EnumSet.copyOf(Files.getPosixFilePermissions(file));
            others.removeAll(OWNER);
            if (!others.isEmpty()) {
                throw new SigningException("the key file " + file + " is open to others (" + others
                        + "): run chmod 600 on it, and make a new key if someone may have read it");
            }
        }
        if (Files.size(file) > MAX_FILE) {
            throw new SigningException(file + " is too large to be a key file");
        }
        try (PEMParser parser = new PEMParser(new StringReader(Files.readString(file, StandardCharsets.US_ASCII)))) {
            Object found = parser.readObject();
            if (found instanceof PKCS8EncryptedPrivateKeyInfo encrypted) {
                found = encrypted.decryptPrivateKeyInfo(new JceOpenSSLPKCS8DecryptorProviderBuilder()
                        .setProvider(PROVIDER)
                        .build(passphrase.get()));
            }
            if (found instanceof PrivateKeyInfo info) {
                AsymmetricKeyParameter key = PrivateKeyFactory.createKey(info);
                if (key instanceof Ed25519PrivateKeyParameters ed25519) {
                    return new SecretKey(ed25519);
                }
            }
        } catch (PKCSException | OperatorCreationException e) {
            // Without the cause, whose text might quote what the file holds.
            throw new SigningException("the passphrase does not open " + file);
        } catch (IllegalArgumentException e) {
            throw new SigningException(file + " holds no Ed25519 key in PKCS#8");
        }
        throw new SigningException(file + " holds no Ed25519 key in PKCS#8");
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

    Ed25519PrivateKeyParameters secret() {
        return secret;
    }

    /** The id alone. */
    @Override
    public String toString() {
        return "SecretKey[" + keyId() + "]";
    }
}
