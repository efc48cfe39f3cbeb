package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostNamesTest {
    private final HostNames names = new HostNames(Set.of("hart.example", "fd00::1"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost:6777",
                "localhost",
                "127.0.0.1",
                "LOCALHOST",
                "[::1]:6777",
                "[::1]",
                "Hart.Example:80",
                "[fd00::1]:6777"
            })
    void theServersOwnNamesAreAdmitted(String header) {
        assertThat(names.admit(header)).isTrue();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "evil.com",
                "localhost.evil.com",
                "evil.com:127.0.0.1",
                "127.0.0.1.evil.com:6777",
                "localhost:6777.evil.com",
                "[::2]:6777",
                "[::1",
                "::1"
            })
    void everyOtherNameIsRefused(String header) {
        assertThat(names.admit(header)).isFalse();
    }

    @Test
    void aPortIsDigits() {
        assertThat(names.admit("localhost:x")).isFalse();
    }
}
