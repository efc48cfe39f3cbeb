package dev.hart.security;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.error.StoreUnavailableException;
import dev.hart.security.trust.Ed25519;
import dev.hart.spi.Signer;
import java.io.IOException;
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
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.util.PrivateKeyFactory;

/**
 * The node's own Ed25519 key (RFC 8032). BouncyCastle signs with it, which takes a fraction of the time that the JDK's
 * provider needs, and every run that ends is signed. On disk it is the file {@code node-key.pem} of the data
 * directory: the private key (PKCS#8) and the public one (X.509), both in PEM, readable by its owner alone.
 *
 * <p>The key's id, which is the node's id too, is {@link Ed25519#keyId}: 128 bits, so nobody finds another key of that id. Thread-safe. Nothing here ever shows the private key.
 */
public final class NodeKey implements Signer {
    private static final String FILE = "node-key.pem";
    private static final String ALGORITHM = "Ed25519";
    private static final int MAX_FILE = 4_096;
    private static final Set<PosixFilePermission> OWNER =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final PrivateKey privateKey;
    private final Ed25519PrivateKeyParameters signing;
    private final PublicKey publicKey;
    private final String keyId;

    private NodeKey(PrivateKey privateKey, PublicKey publicKey) {
        this.privateKey = privateKey;
        this.signing = signing(privateKey);
        this.publicKey = publicKey;
        this.keyId = Ed25519.keyId(publicKey);
    }

    /** A new key that ends with the process. */
    public static NodeKey inMemory() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
            return new NodeKey(pair.getPrivate(), pair.getPublic());
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    /**
     * The key of a data directory, made when there is none. Processes that ask at the same time get the same key.
     *
     * @throws InvalidConfigurationException when others can read the file, or it holds no key pair
     * @throws StoreUnavailableException when the file cannot be read or made
     */
    public static NodeKey in(Path dataDirectory) {
        Path file = dataDirectory.resolve(FILE);
        try {
            if (!Files.exists(file)) {
                make(file, inMemory());
            }
            return read(file);
        } catch (IOException | UnsupportedOperationException e) {
            throw new StoreUnavailableException(
                    "cannot read or make the node's key " + file + " (" + e
                            + "); the data directory must be on a local disk that has hard links",
                    e);
        }
    }

    /**
     * The key of a data directory; empty when there is none, and then none is made.
     *
     * @throws InvalidConfigurationException when others can read the file, or it holds no key pair
     * @throws StoreUnavailableException when the file cannot be read
     */
    public static Optional<NodeKey> find(Path dataDirectory) {
        return Files.exists(dataDirectory.resolve(FILE)) ? Optional.of(in(dataDirectory)) : Optional.empty();
    }

    /** Makes the file as a whole, on disk, unless there is one: a hard link fails when its name is taken, a rename does not. */
    private static void make(Path file, NodeKey key) throws IOException {
        String text = pem("PRIVATE KEY", key.privateKey.getEncoded()) + pem("PUBLIC KEY", key.publicKey.getEncoded());
        Path draft = file.resolveSibling("." + FILE + "-" + UUID.randomUUID() + ".tmp");
        boolean posix = isPosix(file);
        FileAttribute<?>[] owner =
                posix ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER)} : new FileAttribute<?>[0];
        try {
            try (FileChannel channel = FileChannel.open(
                    draft, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), owner)) {
                ByteBuffer left = StandardCharsets.US_ASCII.encode(text);
                while (left.hasRemaining()) {
                    channel.write(left);
                }
                channel.force(true);
            }
            Files.createLink(file, draft);
        } catch (FileAlreadyExistsException e) {
            return; // another process was faster, and its key is the key
        } finally {
            Files.deleteIfExists(draft);
        }
        if (posix) {
            try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
                folder.force(true);
            }
        }
    }

    private static NodeKey read(Path file) throws IOException {
        if (isPosix(file)) {
            Set<PosixFilePermission> others = EnumSet.copyOf(Files.getPosixFilePermissions(file));
            others.removeAll(OWNER);
            others.remove(PosixFilePermission.OWNER_EXECUTE);
            if (!others.isEmpty()) {
                throw new InvalidConfigurationException("the node's key " + file + " is open to others (" + others
                        + "): run chmod 600 on it, and if someone may have read it, delete it to get a new one");
            }
        }
        String text;
        try (var in = Files.newInputStream(file)) {
            text = new String(in.readNBytes(MAX_FILE), StandardCharsets.US_ASCII);
        }
        try {
            KeyFactory keys = KeyFactory.getInstance(ALGORITHM);
            NodeKey key = new NodeKey(
                    keys.generatePrivate(new PKCS8EncodedKeySpec(section(text, "PRIVATE KEY"))),
                    keys.generatePublic(new X509EncodedKeySpec(section(text, "PUBLIC KEY"))));
            if (!key.fits()) {
                throw new InvalidConfigurationException(
                        "the two keys in " + file + " do not belong together: restore the file from a backup");
            }
            return key;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Without the cause, whose text might quote what the file holds.
            throw new InvalidConfigurationException(
                    "the node's key " + file + " holds no Ed25519 key pair in PEM: restore it from a backup, or delete"
                            + " it to get a new one");
        }
    }

    private static boolean isPosix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static String pem(String kind, byte[] der) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + kind + "-----\n";
    }

    private static byte[] section(String text, String kind) {
        Matcher section = Pattern.compile("-----BEGIN " + kind + "-----([A-Za-z0-9+/=\\s]+)-----END " + kind + "-----")
                .matcher(text);
        if (!section.find()) {
            throw new IllegalArgumentException("no " + kind);
        }
        return Base64.getMimeDecoder().decode(section.group(1));
    }

    private boolean fits() throws GeneralSecurityException {
        byte[] message = FILE.getBytes(StandardCharsets.US_ASCII);
        Signature check = Signature.getInstance(ALGORITHM);
        check.initVerify(publicKey);
        check.update(message);
        return check.verify(sign(message));
    }

    private static IllegalStateException missing(GeneralSecurityException e) {
        return new IllegalStateException("every Java since 15 has Ed25519 and SHA-256", e);
    }

    @Override
    public String keyId() {
        return keyId;
    }

    @Override
    public PublicKey publicKey() {
        return publicKey;
    }

    @Override
    public byte[] sign(byte[] message) {
        Ed25519Signer signer = new Ed25519Signer();
        signer.init(true, signing);
        signer.update(message, 0, message.length);
        return signer.generateSignature();
    }

    private static Ed25519PrivateKeyParameters signing(PrivateKey key) {
        try {
            return (Ed25519PrivateKeyParameters) PrivateKeyFactory.createKey(key.getEncoded());
        } catch (IOException | ClassCastException e) {
            // Without the cause, whose text might quote the key.
            throw new IllegalArgumentException("no Ed25519 key in PKCS#8");
        }
    }

    /** The id alone. */
    @Override
    public String toString() {
        return "NodeKey[" + keyId + "]";
    }
}
