package dev.hart.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.guard.PrivacyScope;
import dev.hart.guard.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EgressGuardTest {
    private static final String KEY = "AKIA" + "ABCDEFGHIJKLMNOP";
    private final EgressGuard egress = new EgressGuard();
    private final PiiScanner scanner = new PiiScanner();

    @Test
    void untagged_data_goes_nowhere() {
        assertThat(egress.check("hello", PrivacyScope.of(null), PrivacyScope.FEDERATED))
                .isEqualTo(new Verdict.Refused("SCOPE_VIOLATION", "data of scope edge_only may not go to federated"));
        assertThat(PrivacyScope.of("no such scope")).isEqualTo(PrivacyScope.EDGE_ONLY);
        assertThat(PrivacyScope.of(" Trusted_Peer ")).isEqualTo(PrivacyScope.TRUSTED_PEER);
    }

    @Test
    void data_goes_as_far_as_its_scope_and_no_further() {
        for (PrivacyScope own : PrivacyScope.values()) {
            for (PrivacyScope to : PrivacyScope.values()) {
                assertThat(egress.check("hello", own, to) instanceof Verdict.Allowed)
                        .isEqualTo(to.ordinal() <= own.ordinal());
            }
        }
    }

    @Test
    void a_nested_address_does_not_get_to_strangers() {
        Map<String, Object> data = Map.of("m", Map.of("x", "john@example.com"));

        assertThat(egress.check(data, PrivacyScope.PUBLIC, PrivacyScope.PUBLIC))
                .isEqualTo(new Verdict.Refused("PII", "PII detected: email (1 items)"));
        assertThat(egress.check(data, PrivacyScope.PUBLIC, PrivacyScope.TRUSTED_PEER))
                .isEqualTo(Verdict.ALLOWED);
        assertThat(egress.check(Map.of("john@example.com", 1L), PrivacyScope.PUBLIC, PrivacyScope.FEDERATED))
                .isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void a_secret_stays_on_the_users_own_devices() {
        for (Object data : List.of(List.of(Map.of("a", List.of(KEY))), Map.of("dbPassword", "x"), Map.of(KEY, true))) {
            assertThat(egress.check(data, PrivacyScope.PUBLIC, PrivacyScope.TRUSTED_PEER))
                    .isEqualTo(new Verdict.Refused("SECRET", "a secret stands in the data"));
            assertThat(egress.check(data, PrivacyScope.PUBLIC, PrivacyScope.USER_DEVICES))
                    .isEqualTo(Verdict.ALLOWED);
        }
    }

    @Test
    void data_of_32_levels_is_read_and_deeper_data_stays() {
        assertThat(egress.check(nested(32), PrivacyScope.PUBLIC, PrivacyScope.PUBLIC))
                .isEqualTo(Verdict.ALLOWED);
        assertThat(egress.check(nested(33), PrivacyScope.PUBLIC, PrivacyScope.PUBLIC))
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo("INPUT_TOO_LARGE"));
    }

    @Test
    void more_values_than_are_read_stay() {
        List<Object> most = new ArrayList<>(java.util.Collections.nCopies(EgressGuard.MAX_VALUES - 1, 1L));

        assertThat(egress.check(most, PrivacyScope.PUBLIC, PrivacyScope.PUBLIC)).isEqualTo(Verdict.ALLOWED);
        most.add(1L);
        assertThat(egress.check(most, PrivacyScope.PUBLIC, PrivacyScope.PUBLIC)).isInstanceOf(Verdict.Refused.class);
    }

    private static Object nested(int levels) {
        Object value = "x";
        for (int i = 0; i < levels; i++) {
            value = List.of(value);
        }
        return value;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Contact john@example.com or 555-123-4567 | PII detected: email, phone (2 items)
            card 378282246310005 | PII detected: credit_card (1 items)
            ssn 078-05-1120 | PII detected: ssn (1 items)
            host 203.0.113.9. | PII detected: ip_address (1 items)
            call +49 30 1234567 | PII detected: phone (1 items)
            call ٥٥٥-١٢٣-٤٥٦٧ | PII detected: phone (1 items)
            (555) 123-4567 | PII detected: phone (1 items)
            """)
    void personal_data_is_named_by_kind(String text, String reason) {
        assertThat(scanner.refusal(text)).isEqualTo(reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "version 1.2.3.4",
                "999.1.1.1",
                "10.0.0.1",
                "4111-1111-1111-1112",
                "order 2026-11-23 1234567890123456",
                "user@localhost",
                "000-12-3456",
                "1.2.3.4.5",
                "ISBN 978-3-16-148410-0",
                ""
            })
    void other_text_is_not_personal(String text) {
        assertThat(scanner.refusal(text)).isNull();
        assertThat(scanner.redact(text)).isEqualTo(text);
    }

    @Test
    void items_are_redacted_where_they_stand_and_harmless_addresses_in_both() {
        assertThat(scanner.redact("mail a@b.example, host 10.0.0.1 and 203.0.113.9"))
                .isEqualTo("mail [EMAIL], host 10.0.0.1 and [IP_ADDRESS]");
        assertThat(new PiiScanner(Set.of("203.0.113.9")).scan("203.0.113.9 10.0.0.1"))
                .extracting(PiiScanner.Item::kind)
                .containsExactly(PiiScanner.Kind.IP_ADDRESS);
    }

    @Test
    void pseudonyms_are_the_same_under_one_key_and_differ_between_keys_and_kinds() {
        Pseudonyms one = new Pseudonyms(new byte[32]);
        byte[] other = new byte[32];
        other[0] = 1;

        assertThat(one.user("ann")).matches("anon_[0-9a-f]{16}").isEqualTo(new Pseudonyms(new byte[32]).user("ann"));
        assertThat(one.user("ann").substring(5)).isNotEqualTo(one.node("ann").substring(5));
        assertThat(one.user("ann")).isNotEqualTo(new Pseudonyms(other).user("ann"));
        assertThat(one.prompt("7")).startsWith("prompt_");
        assertThatThrownBy(() -> new Pseudonyms(new byte[31]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a key for pseudonyms has at least 32 bytes, had 31");
    }

    @Test
    void a_secret_shows_itself_only_when_asked() {
        Secret secret = Secret.of("hunter2");

        assertThat(secret + "").isEqualTo("[SECRET]");
        assertThat(secret.reveal()).isEqualTo("hunter2");
        assertThat(secret).isEqualTo(Secret.of("hunter2")).isNotEqualTo(Secret.of("hunter3"));
        assertThatThrownBy(() -> Secret.of(" ")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_log_handler_writes_no_secret() {
        java.util.logging.Handler handler = new java.util.logging.ConsoleHandler();
        handler.setFormatter(new java.util.logging.SimpleFormatter());
        RedactingFormatter.install(handler);
        RedactingFormatter.install(handler);
        java.util.logging.LogRecord record =
                new java.util.logging.LogRecord(java.util.logging.Level.INFO, "the key is " + KEY);
        record.setThrown(new IllegalStateException("password=hunter2hunter"));

        assertThat(handler.getFormatter().format(record))
                .contains("[REDACTED:aws_access_key]", "password=[REDACTED:password_assignment]")
                .doesNotContain(KEY)
                .doesNotContain("hunter2hunter");
    }
}
