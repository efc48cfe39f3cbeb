package dev.hart.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.error.StoreUnavailableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeKeyTest {
    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("node-key.pem");
    }

    @Test
    void whatItSignsItsPublicKeyVerifies() throws Exception {
        NodeKey key = NodeKey.inMemory();
        byte[] message = "a statement".getBytes(StandardCharsets.UTF_8);
        Signature ed25519 = Signature.getInstance("Ed25519");
        ed25519.initVerify(key.publicKey());
        ed25519.update(message);
        assertThat(ed25519.verify(key.sign(message))).isTrue();
        assertThat(key.sign(message)).hasSize(64).isEqualTo(key.sign(message));
    }

    @Test
    void itsIdIsTheBeginningOfTheHashOfThePublicKeyInItsX509Form() throws Exception {
        NodeKey key = NodeKey.inMemory();
        byte[] encoded = key.publicKey().getEncoded();
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(encoded);
        assertThat(key.keyId()).isEqualTo(HexFormat.of().formatHex(hash, 0, 16));
        assertThat(NodeKey.inMemory().keyId()).isNotEqualTo(key.keyId());
    }

    @Test
    void aDirectoryKeepsItsKeyAndNothingElseIsLeftThere() throws Exception {
        NodeKey made = NodeKey.in(folder);
        NodeKey read = NodeKey.in(folder);
        assertThat(read.keyId()).isEqualTo(made.keyId());
        assertThat(read.publicKey()).isEqualTo(made.publicKey());
        assertThat(read.sign(new byte[1])).isEqualTo(made.sign(new byte[1]));
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file());
        }
    }

    @Test
    void whoAsksAtTheSameTimeGetsTheSameKey() throws Exception {
        for (int round = 0; round < 20; round++) {
            Path fresh = Files.createDirectory(folder.resolve("round-" + round));
            CyclicBarrier start = new CyclicBarrier(4);
            List<FutureTask<NodeKey>> asking = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                FutureTask<NodeKey> one = new FutureTask<>(() -> {
                    start.await();
                    return NodeKey.in(fresh);
                });
                asking.add(one);
                new Thread(one).start();
            }
            String first = asking.get(0).get().keyId();
            for (FutureTask<NodeKey> one : asking) {
                assertThat(one.get().keyId()).isEqualTo(first);
            }
            try (var files = Files.list(fresh)) {
                assertThat(files).containsExactly(fresh.resolve("node-key.pem"));
            }
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void onlyItsOwnerCanReadTheFile() throws Exception {
        NodeKey.in(folder);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw------x"})
    @DisabledOnOs(OS.WINDOWS)
    void aFileThatIsOpenToOthersIsRefused(String permissions) throws Exception {
        NodeKey.in(folder);
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString(permissions));
        assertThatThrownBy(() -> NodeKey.in(folder))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("chmod 600")
                .hasMessageContaining(file().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"r--------", "rwx------"})
    @DisabledOnOs(OS.WINDOWS)
    void whatTheOwnerMayDoIsTheirs(String permissions) throws Exception {
        NodeKey.in(folder);
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString(permissions));
        assertThatCode(() -> NodeKey.in(folder)).doesNotThrowAnyException();
    }

    @Test
    void aFileThatIsNoKeyIsRefusedAndLeftAsItIs() throws Exception {
        NodeKey.in(folder);
        String whole = Files.readString(file());
        for (String bad : List.of(
                "",
                "nothing",
                whole.substring(0, whole.length() / 2),
                whole.replace("PUBLIC KEY", "OTHER KEY"),
                whole.replaceFirst("-----\n....", "-----\nAAAA"))) {
            Files.writeString(file(), bad);
            assertThatThrownBy(() -> NodeKey.in(folder))
                    .isInstanceOf(InvalidConfigurationException.class)
                    .hasMessageContaining(file().toString())
                    .hasMessageNotContaining(secret(whole))
                    .hasNoCause();
            assertThat(file()).hasContent(bad);
        }
    }

    @Test
    void twoKeysThatDoNotBelongTogetherAreRefused() throws Exception {
        NodeKey.in(folder);
        String one = Files.readString(file());
        Files.delete(file());
        NodeKey.in(folder);
        String other = Files.readString(file());
        int cut = one.indexOf("-----BEGIN PUBLIC");
        Files.writeString(file(), one.substring(0, cut) + other.substring(other.indexOf("-----BEGIN PUBLIC")));
        assertThatThrownBy(() -> NodeKey.in(folder))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("do not belong together");
    }

    @Test
    void aDirectoryThatIsNotThereIsSaid() {
        assertThatThrownBy(() -> NodeKey.in(folder.resolve("nowhere")))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("node-key.pem");
    }

    @Test
    void itsTextHasNoPrivateKey() throws Exception {
        NodeKey key = NodeKey.in(folder);
        assertThat(key).hasToString("NodeKey[" + key.keyId() + "]");
    }

    private static String secret(String pem) {
        Matcher section = Pattern.compile("BEGIN PRIVATE KEY-----\n(.+)\n").matcher(pem);
        assertThat(section.find()).isTrue();
        assertThat(Base64.getMimeDecoder().decode(section.group(1))).hasSize(48);
        return section.group(1);
    }
}
