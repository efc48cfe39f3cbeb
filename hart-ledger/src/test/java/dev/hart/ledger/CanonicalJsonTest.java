package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.erdtman.jcs.JsonCanonicalizer;
import org.erdtman.jcs.NumberToJSON;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalJsonTest {

    @Test
    void keysAreSortedAndNothingIsSpaced() {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("b", 1L);
        value.put("a", List.of(1L, 2L, "é"));
        value.put("c", null);
        assertThat(CanonicalJson.write(value)).isEqualTo("{\"a\":[1,2,\"é\"],\"b\":1,\"c\":null}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"processed\":100} | 5774a12e243fdddde9d5bd5663438a9f199f85e6d7de321fa9e6b936c4315781",
                "\"done\" | 58bf5b5478e5d1fb7441daeff9fd1ed60a4ad5fbfabc64715cd8608f3f59f6da",
                "null | 74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b",
                "{\"b\":1,\"a\":[1,2,\"é\"]} | bc90d58ee98de8eaa31c625d4f77e1cf5abb44c8911b2ed8e43fadacd3723acc"
            })
    void theHashOfAResultIsThatOfItsCanonicalText(String json, String hash) {
        assertThat(CanonicalJson.sha256(CanonicalJson.read(json))).isEqualTo(hash);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0.00, 0",
        "1.0, 1",
        "0.10, 0.1",
        "-7.50, -7.5",
        "100, 100",
        "1E+2, 100",
        "1E20, 100000000000000000000",
        "1E21, 1e+21",
        "123E20, 1.23e+22",
        "0.000001, 0.000001",
        "0.0000001, 1e-7",
        "1.5E-10, 1.5e-10"
    })
    void aNumberIsLaidOutAsEcmaScriptDoes(String number, String expected) {
        assertThat(CanonicalJson.write(new BigDecimal(number))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "9007199254740993, 9007199254740993",
        "12345678901234567.89, 12345678901234567.89",
        "0.1234567890123456789, 0.1234567890123456789",
        "1e400, 1e+400",
        "-9223372036854775809, -9223372036854775809"
    })
    void aNumberKeepsTheDigitsThatADoubleWouldLose(String number, String expected) {
        assertThat(CanonicalJson.write(new BigDecimal(number))).isEqualTo(expected);
        assertThat(CanonicalJson.write(CanonicalJson.read(expected))).isEqualTo(expected);
    }

    @Test
    void everyLongIsReadBackAsItWas() {
        for (long number : new long[] {0, -1, (1L << 53) + 1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThat(CanonicalJson.read(CanonicalJson.write(number))).isEqualTo(number);
        }
    }

    @Test
    void everyDoubleIsWrittenAsTheReferenceLibraryWritesIt() throws IOException {
        long seed = 20260101;
        Random random = new Random(seed);
        for (int i = 0; i < 50_000; i++) {
            double number = i < 2046
                    ? Double.longBitsToDouble((long) (i + 1) << 52)
                    : Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(number)) {
                assertThat(CanonicalJson.write(number))
                        .as("seed %d, case %d", seed, i)
                        .isEqualTo(NumberToJSON.serializeNumber(number));
            }
        }
    }

    @Test
    void shortDecimalsAreWrittenAsTheReferenceLibraryWritesTheirDoubles() throws IOException {
        long seed = 20260102;
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            BigDecimal number = BigDecimal.valueOf(
                    random.nextLong() % (long) Math.pow(10, random.nextInt(1, 16)), random.nextInt(-280, 300));
            assertThat(CanonicalJson.write(number))
                    .as("seed %d, case %d: %s", seed, i, number)
                    .isEqualTo(NumberToJSON.serializeNumber(number.doubleValue()));
        }
    }

    private static Object randomValue(Random random, int depth) {
        int kind = random.nextInt(depth > 3 ? 5 : 7);
        return switch (kind) {
            case 0 -> random.nextBoolean();
            case 1 -> random.nextLong() >> random.nextInt(11, 63);
            case 2 -> BigDecimal.valueOf(random.nextLong() >> 15, random.nextInt(-30, 30));
            case 3, 4 -> randomText(random);
            case 5 -> {
                List<Object> items = new ArrayList<>();
                for (int i = random.nextInt(5); i > 0; i--) {
                    items.add(randomValue(random, depth + 1));
                }
                yield items;
            }
            default -> {
                Map<String, Object> fields = new HashMap<>();
                for (int i = random.nextInt(6); i > 0; i--) {
                    fields.put(randomText(random), randomValue(random, depth + 1));
                }
                yield fields;
            }
        };
    }

    private static String randomText(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            switch (random.nextInt(5)) {
                case 0 -> text.append((char) random.nextInt(0x20));
                case 1 -> text.append("\"\\/\u007f\u2028€é".charAt(random.nextInt(7)));
                case 2 -> text.appendCodePoint(random.nextInt(0x1F300, 0x1F600));
                default -> text.append((char) random.nextInt('a', 'z'));
            }
        }
        return text.toString();
    }

    @Test
    void everyValueIsWrittenAsTheReferenceLibraryWritesItAndReadBackTheSame() throws IOException {
        long seed = 20260103;
        Random random = new Random(seed);
        for (int i = 0; i < 5_000; i++) {
            String text = CanonicalJson.write(Map.of("value", randomValue(random, 0)));
            assertThat(text).as("seed %d, case %d", seed, i).isEqualTo(new JsonCanonicalizer(text).getEncodedString());
            assertThat(CanonicalJson.write(CanonicalJson.read(text))).isEqualTo(text);
        }
    }

    @Test
    void readingGivesLongsDecimalsTextsListsAndMaps() {
        assertThat(CanonicalJson.readObject(
                        " {\"i\": 7, \"d\": 1.50, \"big\": 12345678901234567890, \"n\": null, \"l\": [true]} "))
                .containsEntry("i", 7L)
                .containsEntry("d", new BigDecimal("1.50"))
                .containsEntry("big", new BigDecimal("12345678901234567890"))
                .containsEntry("n", null)
                .containsEntry("l", List.of(true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "{", "[1,]", "{\"a\":1} x", "{\"a\":1,\"a\":2}", "01", "NaN", "'a'", "{a:1}", "]"})
    void whatIsNotJsonIsRefused(String text) {
        assertThatThrownBy(() -> CanonicalJson.read(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void depthIsLimitedBothWays() {
        String deepest = "[".repeat(111) + "]".repeat(111);
        assertThat(CanonicalJson.write(CanonicalJson.read(deepest))).isEqualTo(deepest);
        assertThatThrownBy(() -> CanonicalJson.read("[" + deepest + "]"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nested deeper");
        Object nested = List.of();
        for (int i = 0; i < 112; i++) {
            nested = List.of(nested);
        }
        Object tooDeep = nested;
        assertThatThrownBy(() -> CanonicalJson.write(tooDeep)).hasMessageContaining("nested deeper");
    }

    @Test
    void whatHasNoJsonFormIsRefused() {
        assertThatThrownBy(() -> CanonicalJson.write(Double.NaN)).hasMessageContaining("NaN is not a JSON number");
        assertThatThrownBy(() -> CanonicalJson.write(Double.POSITIVE_INFINITY))
                .hasMessageContaining("must fit a double");
        assertThatThrownBy(() -> CanonicalJson.write("half \ud83d"))
                .hasMessageContaining("lone surrogate) at position 5");
        assertThatThrownBy(() -> CanonicalJson.write("\ude00 half")).hasMessageContaining("at position 0");
        assertThatThrownBy(() -> CanonicalJson.write(new Object()))
                .hasMessageContaining("java.lang.Object is no JSON value");
        assertThatThrownBy(() -> CanonicalJson.write(Map.of(1, 2))).hasMessageContaining("text keys");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "password",
                "Password",
                "db_password",
                "token",
                "authToken",
                "X-Auth-Token",
                "api_key",
                "apiKey",
                "API_KEY",
                "APIKey",
                "x-api-key",
                "client_secret",
                "credential",
                "private_key",
                "privateKey",
                "ssn",
                "credit_card",
                "creditCard",
                "card_number",
                "my_card_number_2",
                "SECRET"
            })
    void aKeyThatNamesASecretHidesItsValue(String key) {
        assertThat(CanonicalJson.writeRedacted(Map.of("list", List.of(Map.of(key, Map.of("deep", 1L))))))
                .isEqualTo("{\"list\":[{\"" + key + "\":\"[REDACTED]\"}]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tokens_used",
                "tokens",
                "passwords",
                "key",
                "api",
                "api_url_key",
                "secretary",
                "keyword",
                "apikey",
                "assn",
                "business_n",
                "card",
                "number",
                "description",
                "tokenizer",
                ""
            })
    void aKeyThatOnlyContainsSuchAWordDoesNot(String key) {
        assertThat(CanonicalJson.writeRedacted(Map.of(key, 1L))).isEqualTo("{\"" + key + "\":1}");
    }
}
