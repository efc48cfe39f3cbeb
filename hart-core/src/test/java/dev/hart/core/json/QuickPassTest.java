package dev.hart.core.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.json.Schemas;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuickPassTest {
    private static final int CASES = 20_000;
    private static final List<String> NAMES = List.of("a", "b", "c");
    private static final List<String> TYPES =
            List.of("string", "integer", "number", "boolean", "null", "object", "array", "text");

    private final QuickPass quick = new QuickPass(100);
    private final SchemaCheck check = new SchemaCheck();

    record Sale(Path file, String column, long limit, boolean header, BigDecimal amount, List<String> notes) {}

    @Test
    void theSchemaOfARecordIsKnown() {
        Map<String, Object> sale = new HashMap<>(Map.of(
                "file",
                "sales.csv",
                "column",
                "amount",
                "limit",
                10L,
                "header",
                true,
                "amount",
                new BigDecimal("1.5"),
                "notes",
                List.of("paid")));
        assertThat(quick.passes(Schemas.of(Sale.class), sale)).isTrue();
        sale.remove("limit");
        assertThat(quick.passes(Schemas.of(Sale.class), sale)).isFalse();
        sale.put("limit", "ten");
        assertThat(quick.passes(Schemas.of(Sale.class), sale)).isFalse();
    }

    @Test
    void aPropertyThatIsNotDeclaredDoesNotPassAClosedSchema() {
        Map<String, Object> closed = Map.of("type", "object", "properties", Map.of(), "additionalProperties", false);
        assertThat(quick.passes(closed, Map.of())).isTrue();
        assertThat(quick.passes(closed, Map.of("a", 1L))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"$ref", "pattern", "minLength", "enum", "anyOf", "$schema", "unevaluatedProperties"})
    void aKeywordThatIsNotKnownIsLeftToTheValidator(String keyword) {
        assertThat(quick.passes(Map.of("type", "string", keyword, "x"), "x")).isFalse();
        assertThat(quick.passes(
                        Map.of("type", "object", "properties", Map.of("a", Map.of("type", "string", keyword, "x"))),
                        Map.of()))
                .as("in a part that the value does not have")
                .isFalse();
    }

    @Test
    void whatIsNestedTooDeepIsLeftToTheValidator() {
        Object nested = 1L;
        for (int i = 0; i < 100; i++) {
            nested = List.of(nested);
        }
        assertThat(quick.passes(Map.of("type", "array"), nested)).isTrue();
        assertThat(quick.passes(Map.of("type", "array"), List.of(nested))).isFalse();
    }

    @Test
    void nothingPassesThatTheValidatorRefuses() {
        long seed = 20261123;
        Random random = new Random(seed);
        int passed = 0;
        for (int i = 0; i < CASES; i++) {
            Map<String, @Nullable Object> schema = schema(random, 3);
            Object value = random.nextInt(3) == 0 ? value(random, 3) : fitting(random, schema);
            if (quick.passes(schema, value)) {
                passed++;
                assertThat(check.thoroughProblems(schema, value))
                        .as("seed %d, case %d: %s of %s", seed, i, value, schema)
                        .isEmpty();
            }
        }
        assertThat(passed).as("cases that passed").isGreaterThan(CASES / 20);
    }

    private static Map<String, @Nullable Object> schema(Random random, int depth) {
        Map<String, @Nullable Object> schema = new LinkedHashMap<>();
        if (random.nextInt(10) == 0) {
            return schema;
        }
        String type = TYPES.get(random.nextInt(random.nextInt(20) == 0 ? TYPES.size() : TYPES.size() - 1));
        schema.put("type", type);
        if (depth > 0 && (type.equals("object") || random.nextInt(10) == 0)) {
            Map<String, Object> properties = new LinkedHashMap<>();
            List<String> required = new ArrayList<>();
            for (String name : NAMES) {
                if (random.nextBoolean()) {
                    properties.put(name, schema(random, depth - 1));
                }
                if (random.nextInt(3) == 0) {
                    required.add(name);
                }
            }
            schema.put("properties", properties);
            schema.put("required", required);
            if (random.nextBoolean()) {
                schema.put(
                        "additionalProperties",
                        random.nextBoolean() ? random.nextBoolean() : schema(random, depth - 1));
            }
        }
        if (depth > 0 && type.equals("array") && random.nextBoolean()) {
            schema.put("items", schema(random, depth - 1));
        }
        return schema;
    }

    private static @Nullable Object value(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 8 : 6)) {
            case 0 -> "text";
            case 1 -> 7L;
            case 2 -> new BigDecimal("7.5");
            case 3 -> new BigDecimal("7.0");
            case 4 -> true;
            case 5 -> null;
            case 6 -> {
                Map<String, @Nullable Object> object = new HashMap<>();
                for (String name : NAMES) {
                    if (random.nextBoolean()) {
                        object.put(name, value(random, depth - 1));
                    }
                }
                yield object;
            }
            default -> {
                List<@Nullable Object> array = new ArrayList<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    array.add(value(random, depth - 1));
                }
                yield array;
            }
        };
    }

    /** A value that has a good chance to follow the schema. */
    private static @Nullable Object fitting(Random random, Map<?, ?> schema) {
        return switch (String.valueOf(schema.get("type"))) {
            case "string" -> "text";
            case "integer" -> 7L;
            case "number" -> new BigDecimal("7.5");
            case "boolean" -> false;
            case "null" -> null;
            case "object" -> {
                Map<String, @Nullable Object> object = new HashMap<>();
                if (schema.get("properties") instanceof Map<?, ?> properties) {
                    properties.forEach((name, part) -> {
                        if (random.nextInt(6) > 0) {
                            object.put((String) name, fitting(random, (Map<?, ?>) part));
                        }
                    });
                }
                yield object;
            }
            case "array" -> {
                List<@Nullable Object> array = new ArrayList<>();
                array.add(schema.get("items") instanceof Map<?, ?> items ? fitting(random, items) : value(random, 2));
                yield array;
            }
            default -> value(random, 2);
        };
    }
}
