package dev.hart.security.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordsTest {
    private final Passwords passwords = new Passwords();

    @Test
    void theHashIsThatOfTheReferenceProgram() {
        // argon2 somesalt -id -t 2 -m 16 -p 1 -l 32, from the test vectors of the reference implementation.
        assertThat(HexFormat.of()
                        .formatHex(Passwords.derive(
                                "password", "somesalt".getBytes(StandardCharsets.US_ASCII), 65_536, 2, 1, 32)))
                .isEqualTo("09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
        assertThat(passwords.verify(
                        "password",
                        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"))
                .isTrue();
    }

    @Test
    void aPasswordFitsItsHashAndNoOther() {
        String hash = passwords.hash("correct horse ą");

        assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
        assertThat(passwords.verify("correct horse ą", hash)).isTrue();
        assertThat(passwords.verify("correct horse a", hash)).isFalse();
        assertThat(passwords.hash("correct horse ą")).as("another salt").isNotEqualTo(hash);
        assertThat(Passwords.needsRehash(hash)).isFalse();
    }

    @Test
    void aPasswordHasEightTo128Characters() {
        assertThatThrownBy(() -> passwords.hash("1234567")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> passwords.hash("x".repeat(129))).isInstanceOf(IllegalArgumentException.class);
        assertThat(passwords.verify("12345678", passwords.hash("12345678"))).isTrue();
        String long128 = "\ud83d\ude00".repeat(128);
        assertThat(passwords.verify(long128, passwords.hash(long128))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "plain",
                "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
                "$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
                "$argon2id$v=19$m=65536,t=999,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
                "$argon2id$v=19$m=65536,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
                "$argon2id$v=19$m=65536,t=2,p=0$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
                "$argon2id$v=19$m=4,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
            })
    void aHashThatCannotBeReadFitsNoPassword(String phc) {
        assertThat(passwords.verify("password", phc)).isFalse();
    }

    @Test
    void aCheaperHashIsToBeMadeAnew() {
        assertThat(Passwords.needsRehash(
                        "$argon2id$v=19$m=4096,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"))
                .isTrue();
    }
}
