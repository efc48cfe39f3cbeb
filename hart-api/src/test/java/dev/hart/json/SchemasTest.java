package dev.hart.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.ToolInvalidException;
import dev.hart.tool.Param;
import dev.hart.tool.ToolContext;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SchemasTest {
    enum Size {
        SMALL,
        LARGE
    }

    record Line(@Param("what it costs") BigDecimal price, Optional<Integer> count) {}

    record Order(
            List<Line> lines,
            Map<String, Size> sizes,
            @Param(name = "due-on", optional = true) LocalDate due) {}

    record Node(List<Node> children) {}

    interface Shop {
        void order(
                @Param("the file") Path file, int[] counts, ToolContext context, @Param(optional = true) boolean quick);

        void stream(InputStream in);
    }

    @Test
    void recordsNestAndOptionalPartsAreNotRequired() {
        Map<String, Object> line = Map.of(
                "type",
                "object",
                "properties",
                Map.of(
                        "price", Map.of("type", "number", "description", "what it costs"),
                        "count", Map.of("type", "integer")),
                "required",
                List.of("price"),
                "additionalProperties",
                false);
        assertThat(Schemas.of(Order.class))
                .isEqualTo(Map.of(
                        "type",
                        "object",
                        "properties",
                        Map.of(
                                "lines", Map.of("type", "array", "items", line),
                                "sizes",
                                        Map.of(
                                                "type",
                                                "object",
                                                "additionalProperties",
                                                Map.of("type", "string", "enum", List.of("SMALL", "LARGE"))),
                                "due-on", Map.of("type", "string", "format", "date")),
                        "required",
                        List.of("lines", "sizes"),
                        "additionalProperties",
                        false));
    }

    @Test
    void aMethodsParametersAreAnObjectWithoutTheContext() throws Exception {
        assertThat(Schemas.ofParameters(Shop.class.getDeclaredMethod(
                        "order", Path.class, int[].class, ToolContext.class, boolean.class)))
                .isEqualTo(Map.of(
                        "type",
                        "object",
                        "properties",
                        Map.of(
                                "file", Map.of("type", "string", "format", "path", "description", "the file"),
                                "counts", Map.of("type", "array", "items", Map.of("type", "integer")),
                                "quick", Map.of("type", "boolean")),
                        "required",
                        List.of("file", "counts"),
                        "additionalProperties",
                        false));
    }

    @Test
    void anyValueHasTheEmptySchema() {
        assertThat(Schemas.of(Object.class)).isEmpty();
        assertThat(Schemas.of(Map.class)).isEqualTo(Map.of("type", "object"));
    }

    @Test
    void typesWithoutASchemaAreRefused() throws Exception {
        assertThatThrownBy(() -> Schemas.of(Node.class))
                .isInstanceOf(ToolInvalidException.class)
                .hasMessageContaining("contains itself");
        assertThatThrownBy(() -> Schemas.of(Thread.class)).isInstanceOf(ToolInvalidException.class);
        assertThatThrownBy(() -> Schemas.ofParameters(Shop.class.getDeclaredMethod("stream", InputStream.class)))
                .hasMessageContaining("java.io.InputStream has no JSON Schema");
    }
}
