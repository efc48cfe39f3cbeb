package dev.hart.security.access;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.error.StoreUnavailableException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Named secrets in one encrypted file that its owner alone can read. The key has 32 bytes from the environment or the operating
 * system's store, or is made of a passphrase by Argon2id. The file is written as a whole and put in the place of the old one; one process
 * writes it at a time. Thread-safe. Nothing here ever shows a secret but {@link #get}.
 */
public final class SecretsVault {
    private static final byte[] MAGIC = {'H', 'A', 'R', 'T', 'V', 'L', 'T', 1};
    private static final byte WITH_KEY = 0;
    private static final byte WITH_PASSPHRASE = 1;
    private static final int SALT_BYTES = 16;
    private static final int HEADER_BYTES = MAGIC.length + 1 + SALT_BYTES;
    private static final int MAX_FILE = 16 << 20;
    private static final int MAX_SECRET = 64 << 10;
    private static final String NAME = "[A-Za-z0-9._/-]{1,128}";
    private static final Set<PosixFilePermission> OWNER =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final Path file;
    private final byte[] header;
    private final AtRest cipher;
    /** Guarded by this. */
    private final TreeMap<String, String> secrets;

    private SecretsVault(Path file, byte[] header, AtRest cipher, TreeMap<String, String> secrets) {
        this.file = file;
        this.header = header;
        this.cipher = cipher;
        this.secrets = secrets;
    }

    /**
     * The vault of a file under a key; an empty one when there is no file.
     *
     * @param key 32 bytes
     * @throws InvalidConfigurationException when the key is not the file's, the file was changed or is open to others, or it has a
     *     passphrase
     * @throws StoreUnavailableException when it cannot be read
     */
    public static SecretsVault withKey(Path file, byte[] key) {
        AtRest cipher = AtRest.with(key);
        byte[] bytes = read(file);
        byte[] header = bytes.length == 0 ? header(WITH_KEY) : kind(file, bytes, WITH_KEY);
        return open(file, bytes, header, cipher);
    }

    /**
     * The same, under a passphrase.
     *
     * @param passphrase at least 12 characters
     */
    public static SecretsVault withPassphrase(Path file, CharSequence passphrase) {
        if (passphrase.length() < 12) {
            throw new InvalidConfigurationException("the passphrase of a vault has at least 12 characters");
        }
        byte[] bytes = read(file);
        byte[] header = bytes.length == 0 ? header(WITH_PASSPHRASE) : kind(file, bytes, WITH_PASSPHRASE);
        byte[] salt = Arrays.copyOfRange(header, MAGIC.length + 1, HEADER_BYTES);
        byte[] key = Passwords.derive(
                passphrase, salt, Passwords.MEMORY_KIB, Passwords.PASSES, Passwords.LANES, AtRest.KEY_BYTES);
        try {
            return open(file, bytes, header, AtRest.with(key));
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /** With the key of {@code HART_DATA_KEY}. */
    public static SecretsVault fromEnvironment(Path file, Map<String, String> environment) {
        return withKey(
                file,
                AtRest.key(environment.getOrDefault(AtRest.KEY_VARIABLE, "").strip()));
    }

    private static byte[] header(byte kind) {
        byte[] salt = new byte[SALT_BYTES];
        if (kind == WITH_PASSPHRASE) {
            new SecureRandom().nextBytes(salt);
        }
        return ByteBuffer.allocate(HEADER_BYTES).put(MAGIC).put(kind).put(salt).array();
    }

    private static byte[] kind(Path file, byte[] bytes, byte expected) {
        boolean ours = bytes.length > HEADER_BYTES && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
        if (!ours) {
            throw new InvalidConfigurationException(file + " is no vault of this version of HART; it is not changed");
        }
        if (bytes[MAGIC.length] != expected) {
            throw new InvalidConfigurationException("the vault " + file + " was made with a "
                    + (expected == WITH_KEY ? "passphrase; open it with that" : "key; open it with that"));
        }
        return Arrays.copyOf(bytes, HEADER_BYTES);
    }

    private static byte[] read(Path file) {
        if (!Files.exists(file)) {
            return new byte[0];
        }
        try {
            if (isPosix(file)) {
                Set<PosixFilePermission> others = EnumSet.copyOf(Files.getPosixFilePermissions(file));
                others.removeAll(OWNER);
                if (!others.isEmpty()) {
                    throw new InvalidConfigurationException("the vault " + file + " is open to others (" + others
                            + "): run chmod 600 on it, and change its secrets if someone may have had the key");
                }
            }
            if (Files.size(file) > MAX_FILE) {
                throw new InvalidConfigurationException("the vault " + file + " is larger than a vault can be");
            }
            byte[] bytes = Files.readAllBytes(file);
            if (bytes.length == 0) {
                throw new InvalidConfigurationException(
                        "the vault " + file + " is empty: restore it from a backup, or delete it to begin anew");
            }
            return bytes;
        } catch (IOException e) {
            throw new StoreUnavailableException("cannot read the vault " + file + ": " + e.getMessage(), e);
        }
    }

    private static SecretsVault open(Path file, byte[] bytes, byte[] header, AtRest cipher) {
        TreeMap<String, String> secrets = new TreeMap<>();
        if (bytes.length > 0) {
            byte[] plain = cipher.open(Arrays.copyOfRange(bytes, HEADER_BYTES, bytes.length), place(header));
            try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(plain))) {
                for (int left = in.readInt(); left > 0; left--) {
                    String name = in.readUTF();
                    byte[] value = in.readNBytes(in.readInt());
                    secrets.put(name, new String(value, StandardCharsets.UTF_8));
                }
            } catch (IOException e) {
                throw new InvalidConfigurationException("the vault " + file + " holds no secrets that can be read", e);
            }
        }
        return new SecretsVault(file, header, cipher, secrets);
    }

    /** Binds the header, and with it the salt, to what is encrypted. */
    private static String place(byte[] header) {
        return "vault " + HexFormat.of().formatHex(header);
    }

    /** A secret; empty when there is none of that name. */
    public synchronized Optional<String> get(String name) {
        return Optional.ofNullable(secrets.get(name));
    }

    /** The names of all secrets, sorted. */
    public synchronized Set<String> names() {
        return Collections.unmodifiableSet(new TreeSet<>(secrets.keySet()));
    }

    /**
     * Keeps a secret, in the place of one of the same name; on disk when this returns.
     *
     * @param name 1 to 128 of letters, digits, {@code . _ / -}
     * @param secret 1 to 65,536 bytes in UTF-8
     */
    public synchronized void put(String name, String secret) {
        int bytes = secret.getBytes(StandardCharsets.UTF_8).length;
        if (!name.matches(NAME) || bytes < 1 || bytes > MAX_SECRET) {
            throw new IllegalArgumentException("a secret has a name of letters, digits and . _ / -, 1 to 128, and 1 to "
                    + MAX_SECRET + " bytes; '" + name + "' has " + bytes);
        }
        TreeMap<String, String> changed = new TreeMap<>(secrets);
        changed.put(name, secret);
        write(changed);
        secrets.put(name, secret);
    }

    /** Forgets a secret; false when there was none of that name. */
    public synchronized boolean remove(String name) {
        if (!secrets.containsKey(name)) {
            return false;
        }
        TreeMap<String, String> changed = new TreeMap<>(secrets);
        changed.remove(name);
        write(changed);
        secrets.remove(name);
        return true;
    }

    private void write(TreeMap<String, String> all) {
        Path draft = file.toAbsolutePath().resolveSibling("." + file.getFileName() + "-" + UUID.randomUUID() + ".tmp");
        try {
            ByteArrayOutputStream plain = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(plain);
            out.writeInt(all.size());
            for (Map.Entry<String, String> secret : all.entrySet()) {
                byte[] value = secret.getValue().getBytes(StandardCharsets.UTF_8);
                out.writeUTF(secret.getKey());
                out.writeInt(value.length);
                out.write(value);
            }
            byte[] sealed = cipher.seal(plain.toByteArray(), place(header));
            if (HEADER_BYTES + sealed.length > MAX_FILE) {
                throw new IllegalArgumentException(
                        "a vault has at most " + MAX_FILE + " bytes; remove what is not needed");
            }
            replace(
                    draft,
                    ByteBuffer.allocate(HEADER_BYTES + sealed.length)
                            .put(header)
                            .put(sealed)
                            .flip());
        } catch (IOException e) {
            throw new StoreUnavailableException("cannot write the vault " + file + ": " + e.getMessage(), e);
        }
    }

    private void replace(Path draft, ByteBuffer bytes) throws IOException {
        boolean posix = isPosix(file);
        FileAttribute<?>[] owner =
                posix ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER)} : new FileAttribute<?>[0];
        try {
            try (FileChannel channel = FileChannel.open(
                    draft, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), owner)) {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(draft);
        }
        Path folder = file.toAbsolutePath().getParent();
        if (posix && folder != null) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private static boolean isPosix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** The file and how many secrets it holds. */
    @Override
    public synchronized String toString() {
        return "SecretsVault[" + file + ", " + secrets.size() + " secrets]";
    }
}
