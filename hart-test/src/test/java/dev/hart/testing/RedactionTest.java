package dev.hart.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "password",
                "dbPassword",
                "DB_PASSWORD",
                "api_key",
                "apiKey",
                "APIKey",
                "X-Api-Key",
                "X-Auth-Token",
                "clientSecret",
                "authorization",
                "privateKey",
                "session.cookie",
                "userCredentials"
            })
    void theValueUnderATellingKeyIsMasked(String key) {
        assertThat(Redaction.of(Map.of(key, "hunter2"))).isEqualTo(Map.of(key, "***"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "maxTokens",
                "tokensIn",
                "keyboard",
                "key",
                "monkey",
                "primaryKey",
                "secretary",
                "passwordless",
                "column"
            })
    void otherKeysKeepTheirValues(String key) {
        assertThat(Redaction.of(Map.of(key, "hunter2"))).isEqualTo(Map.of(key, "hunter2"));
    }

    @Test
    void nestedValuesAreMaskedAndTheShapeStays() {
        Object value =
                Map.of("servers", List.of(Map.of("host", "db", "password", "x"), Map.of("host", "mail", "pwd", 17L)));

        assertThat(Redaction.of(value))
                .isEqualTo(Map.of(
                        "servers",
                        List.of(Map.of("host", "db", "password", "***"), Map.of("host", "mail", "pwd", "***"))));
    }

    @Test
    void theSchemaOfASecretIsNoSecret() {
        Object schema = Map.of("properties", Map.of("password", Map.of("type", "string")));

        assertThat(Redaction.of(schema)).isEqualTo(schema);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    log in with password=hunter2 please   | log in with password=*** please
                    {"api_key": "abc", "city": "Oslo"}    | {"api_key": "***", "city": "Oslo"}
                    {"apiKey":"a\\"b"}                    | {"apiKey":"***"}
                    Authorization: Bearer abcdefgh12345   | Authorization: Bearer ***
                    curl -H 'bearer abcdefgh.12345'       | curl -H 'bearer ***'
                    the token is spent; tokens: 17        | the token is spent; tokens: 17
                    column=amount path=sales.csv          | column=amount path=sales.csv
                    token: abc, city: Oslo                | token: ***, city: Oslo
                    """)
    void secretsInTextsAreMasked(String text, String redacted) {
        assertThat(Redaction.inText(text)).isEqualTo(redacted);
        assertThat(Redaction.inText(redacted))
                .as("a second time changes nothing")
                .isEqualTo(redacted);
    }

    @Test
    void aLongTextIsReadInLinearTime() {
        String text = "password=\"".repeat(50_000) + "a:".repeat(50_000) + "\\".repeat(50_000);

        assertThat(Redaction.inText(text)).isNotEmpty();
    }
}
