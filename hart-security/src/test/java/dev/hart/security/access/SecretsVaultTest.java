package dev.hart.security.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.InvalidConfigurationException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsVaultTest {
    private static final byte[] KEY = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("secrets.vault");
    }

    @Test
    void secretsAreThereAfterARestartAndNowhereInTheFile() throws IOException {
        SecretsVault vault = SecretsVault.withKey(file(), KEY);
        vault.put("models/openai", "correct-horse-battery");
        vault.put("db", "żółw");
        assertThat(vault.remove("db")).isTrue();
        assertThat(vault.remove("db")).isFalse();

        SecretsVault again = SecretsVault.withKey(file(), KEY);

        assertThat(again.get("models/openai")).hasValue("correct-horse-battery");
        assertThat(again.names()).containsExactly("models/openai");
        assertThat(again.toString()).doesNotContain("correct");
        assertThat(new String(Files.readAllBytes(file()), StandardCharsets.ISO_8859_1))
                .startsWith("HARTVLT\u0001")
                .doesNotContain("correct", "openai");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        assertThat(folder.toFile().list()).as("no drafts are left").containsExactly("secrets.vault");
    }

    @Test
    void aWrongKeyIsAnErrorAndChangesNothing() throws IOException {
        SecretsVault.withKey(file(), KEY).put("a", "secret");
        byte[] before = Files.readAllBytes(file());
        byte[] wrong = KEY.clone();
        wrong[31]++;

        assertThatThrownBy(() -> SecretsVault.withKey(file(), wrong))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("another key, or somebody changed the data");
        assertThatThrownBy(() -> SecretsVault.withKey(file(), new byte[31]))
                .isInstanceOf(InvalidConfigurationException.class);
        assertThat(Files.readAllBytes(file())).isEqualTo(before);
    }

    @Test
    void aPassphraseOpensItsVaultAndAnotherDoesNot() {
        SecretsVault.withPassphrase(file(), "a long enough one").put("a", "secret");

        assertThat(SecretsVault.withPassphrase(file(), "a long enough one").get("a"))
                .hasValue("secret");
        assertThatThrownBy(() -> SecretsVault.withPassphrase(file(), "a long enough two"))
                .isInstanceOf(InvalidConfigurationException.class);
        assertThatThrownBy(() -> SecretsVault.withKey(file(), KEY))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("was made with a passphrase");
        assertThatThrownBy(() -> SecretsVault.withPassphrase(file(), "elevenchars"))
                .isInstanceOf(InvalidConfigurationException.class);
    }

    @Test
    void everyChangedByteIsNoticed() throws IOException {
        SecretsVault.withKey(file(), KEY).put("a", "secret");
        byte[] whole = Files.readAllBytes(file());
        for (int i = 0; i < whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i] ^= 1;
            Files.write(file(), changed);
            assertThatThrownBy(() -> SecretsVault.withKey(file(), KEY))
                    .isInstanceOf(InvalidConfigurationException.class);
        }
        for (int length = 0; length < whole.length; length++) {
            Files.write(file(), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> SecretsVault.withKey(file(), KEY))
                    .isInstanceOf(InvalidConfigurationException.class);
        }
    }

    @Test
    void aFileThatOthersCanReadIsRefused() throws IOException {
        SecretsVault.withKey(file(), KEY).put("a", "secret");
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));

        assertThatThrownBy(() -> SecretsVault.withKey(file(), KEY))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("chmod 600");
    }

    @Test
    void theKeyComesFromTheEnvironmentInHexOrBase64() {
        String hex = java.util.HexFormat.of().formatHex(KEY);
        String base64 = java.util.Base64.getEncoder().encodeToString(KEY);
        SecretsVault.fromEnvironment(file(), Map.of("HART_DATA_KEY", hex)).put("a", "secret");

        assertThat(SecretsVault.fromEnvironment(file(), Map.of("HART_DATA_KEY", base64))
                        .get("a"))
                .hasValue("secret");
        for (Map<String, String> bad : java.util.List.of(Map.<String, String>of(), Map.of("HART_DATA_KEY", "short"))) {
            assertThatThrownBy(() -> SecretsVault.fromEnvironment(file(), bad))
                    .isInstanceOf(InvalidConfigurationException.class)
                    .hasMessageContaining("openssl rand -hex 32");
        }
    }

    @Test
    void whatIsSealedForOnePlaceDoesNotOpenInAnotherAndPlainTextIsNeverTakenForSealed() {
        AtRest atRest = AtRest.with(KEY);
        byte[] sealed = atRest.seal("text".getBytes(StandardCharsets.UTF_8), "user.7.email");

        assertThat(atRest.open(sealed, "user.7.email")).asString().isEqualTo("text");
        assertThat(atRest.seal("text".getBytes(StandardCharsets.UTF_8), "user.7.email"))
                .isNotEqualTo(sealed);
        assertThatThrownBy(() -> atRest.open(sealed, "user.8.email")).isInstanceOf(InvalidConfigurationException.class);
        assertThatThrownBy(() -> atRest.open(
                        "plain text that is long enough to be sealed".getBytes(StandardCharsets.UTF_8), "x"))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("was not encrypted");
        assertThatThrownBy(() -> AtRest.fromEnvironment(Map.of())).isInstanceOf(InvalidConfigurationException.class);
    }

    @Test
    void namesAndSecretsHaveLimits() {
        SecretsVault vault = SecretsVault.withKey(file(), KEY);
        assertThatThrownBy(() -> vault.put("", "x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> vault.put("a b", "x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> vault.put("a", "")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> vault.put("a", "x".repeat(65_537))).isInstanceOf(IllegalArgumentException.class);
        vault.put("a", "x".repeat(65_536));
        assertThat(vault.names()).containsExactly("a");
    }
}
