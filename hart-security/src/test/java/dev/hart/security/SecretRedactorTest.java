package dev.hart.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The secrets are put together from parts, so that no scanner takes this file for a leak. */
class SecretRedactorTest {
    private static final String A36 = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA1bC3";
    private final SecretRedactor redactor = new SecretRedactor();

    @ParameterizedTest
    @CsvSource({
        "sk-ant-,anthropic_key", "sk-,openai_key", "sk-proj-,openai_key", "sk_live_,stripe_key", "ghp_,github_token",
        "gho_,github_token", "glpat-,gitlab_token", "xoxb-,slack_token", "hf_,huggingface_token", "npm_,npm_token",
    })
    void a_known_form_becomes_one_tag_of_its_most_specific_kind(String prefix, String kind) {
        assertThat(redactor.redact("use " + prefix + A36 + " please")).isEqualTo("use [REDACTED:" + kind + "] please");
    }

    @Test
    void cloud_keys_tokens_and_private_keys_are_found() {
        assertThat(redactor.redact("AKIA" + "ABCDEFGHIJKLMNOP")).isEqualTo("[REDACTED:aws_access_key]");
        assertThat(redactor.redact("AIza" + A36.substring(1))).isEqualTo("[REDACTED:google_api_key]");
        assertThat(redactor.redact("eyJ" + "hbGciOiJIUzI1NiJ9." + "eyJ" + "zdWIiOiIxMjM0In0." + A36))
                .isEqualTo("[REDACTED:jwt_token]");
        assertThat(redactor.redact("Authorization: Bearer " + A36))
                .isEqualTo("Authorization: Bearer [REDACTED:bearer_token]");
        assertThat(redactor.redact(
                        "a\n-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE\nxyz\n-----END RSA PRIVATE KEY-----\nb"))
                .isEqualTo("a\n[REDACTED:pem_private_key]\nb");
        assertThat(redactor.redact("-----BEGIN " + "PRIVATE KEY-----\ncut off"))
                .isEqualTo("[REDACTED:pem_private_key]");
    }

    @Test
    void keys_that_only_their_surroundings_give_away_are_found_and_counted_once() {
        String hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        String base64 = A36 + "+/" + "Zq7Xw9Lm3Kp5";
        assertThat(redactor.redact("HEROKU_API_KEY=550e8400-e29b-41d4-a716-446655440000"))
                .isEqualTo("HEROKU_API_KEY=[REDACTED:heroku_key]");
        assertThat(redactor.redact("aws_secret_access_key = " + A36 + "Zq7X"))
                .isEqualTo("aws_secret_access_key = [REDACTED:aws_secret_key]");
        assertThat(redactor.redact("key-" + "0123456789abcdef0123456789abcdef")).isEqualTo("[REDACTED:mailgun_key]");
        assertThat(redactor.redact("master seed: " + hex)).isEqualTo("master seed: [REDACTED:hex_secret]");
        assertThat(redactor.redact("signing key " + base64)).isEqualTo("signing key [REDACTED:base64_secret]");
        assertThat(redactor.redact("-----BEGIN OPENSSH " + "PRIVATE KEY-----\nabc"))
                .isEqualTo("[REDACTED:ssh_private_key]");
        assertThat(redactor.count("pwd=sk-ant-" + A36 + " and 4111 1111 1111 1111"))
                .isEqualTo(2);
        assertThat(redactor.count("nothing here")).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sha256 of the release: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "seed: 0000000000000000000000000000000000000000000000000000000000000000",
                "key aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            })
    void digests_and_values_without_chance_in_them_stay(String text) {
        assertThat(redactor.redact(text)).isEqualTo(text);
    }

    @Test
    void of_two_that_overlap_nothing_stays() {
        assertThat(redactor.redact("password=hunter2AKIA and password=x1-sk-ant-" + A36 + "%rest"))
                .isEqualTo("password=[REDACTED:password_assignment] and password=[REDACTED:anthropic_key]");
    }

    @Test
    void of_a_connection_string_only_the_password_goes() {
        assertThat(redactor.redact("postgres://app:pa55word@db.example/shop"))
                .isEqualTo("postgres://app:[REDACTED:connection_string]@db.example/shop");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            password=hunter2hunter | password=[REDACTED:password_assignment]
            db_password = "correct horse" | db_password = "[REDACTED:password_assignment]"
            "api_key": "abcd1234" | "api_key": "[REDACTED:password_assignment]"
            url?token=abcdef123&x=1 | url?token=[REDACTED:password_assignment]&x=1
            pwd: s3cr3t-value | pwd: [REDACTED:password_assignment]
            """)
    void an_assignment_keeps_its_name_and_loses_its_value(String text, String redacted) {
        assertThat(redactor.redact(text)).isEqualTo(redacted);
    }

    @Test
    void a_key_behind_pwd_counts_once_and_under_its_own_kind() {
        assertThat(redactor.redact("pwd=sk-ant-" + A36)).isEqualTo("pwd=[REDACTED:anthropic_key]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "550e8400-e29b-41d4-a716-446655440000",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "4111-1111-1111-1112",
                "task-orchestrator-with-a-long-name-and-more",
                "password: required",
                "The secret of good bread is time.",
                "https://example.org:8443/path@2x.png",
                "order 2026-11-23 1234567890123456",
                "",
            })
    void ordinary_text_stays_as_it_is(String text) {
        assertThat(redactor.redact(text)).isSameAs(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"4111 1111 1111 1111", "4111-1111-1111-1111", "378282246310005", "5555555555554444"})
    void card_numbers_that_pass_luhns_test_go(String number) {
        assertThat(redactor.redact("card " + number + ".")).isEqualTo("card [REDACTED:credit_card].");
    }

    @Test
    void redacting_twice_changes_nothing_more() {
        String once = redactor.redact("password=hunter2hunter, key sk-ant-" + A36);

        assertThat(redactor.redact(once)).isEqualTo(once);
    }

    @Test
    void json_values_are_redacted_by_their_key_and_by_their_form() {
        Map<String, Object> value = new HashMap<>();
        value.put("user", "ann");
        value.put("dbPassword", "x");
        value.put("headers", List.of(Map.of("X-Api-Key", 12345L), "Bearer " + A36));
        value.put("tokenCount", 17L);
        value.put("note", null);
        value.put("price", new BigDecimal("1.50"));
        value.put("credentials", Map.of("user", "root", "admin", true));

        assertThat(redactor.redactJson(value))
                .isEqualTo(nullable(
                        Map.of(
                                "user",
                                "ann",
                                "dbPassword",
                                "[REDACTED:value]",
                                "headers",
                                List.of(Map.of("X-Api-Key", "[REDACTED:value]"), "Bearer [REDACTED:bearer_token]"),
                                "tokenCount",
                                17L,
                                "price",
                                new BigDecimal("1.50"),
                                "credentials",
                                Map.of("user", "[REDACTED:value]", "admin", true)),
                        "note"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "password",
                "userPassword",
                "DB_PASSWD",
                "apiKey",
                "API-KEY",
                "accessToken",
                "client_secret",
                "Authorization",
                "private_key",
                "Set-Cookie",
                "token"
            })
    void these_keys_name_a_secret(String key) {
        assertThat(SecretRedactor.namesSecret(key)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tokenCount",
                "inputTokens",
                "key",
                "primaryKey",
                "passenger",
                "secretary",
                "monkey",
                "token_type",
                ""
            })
    void these_keys_do_not(String key) {
        assertThat(SecretRedactor.namesSecret(key)).isFalse();
    }

    @Test
    void a_value_nested_without_end_is_an_error() {
        Object value = "x";
        for (int i = 0; i <= 100; i++) {
            value = List.of(value);
        }
        Object tooDeep = value;

        assertThatThrownBy(() -> redactor.redactJson(tooDeep))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("nested deeper than 100 levels");
    }

    private static Map<String, Object> nullable(Map<String, Object> map, String nullKey) {
        Map<String, Object> copy = new HashMap<>(map);
        copy.put(nullKey, null);
        return copy;
    }
}
