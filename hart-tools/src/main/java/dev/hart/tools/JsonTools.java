package dev.hart.tools;

import dev.hart.tool.Effect;
import dev.hart.tool.Param;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolFailure;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Tools for JSON. Thread-safe. */
public final class JsonTools {
    static final int MAX_BYTES = 1 << 20;

    private final Workspace workspace;

    JsonTools(Workspace workspace) {
        this.workspace = workspace;
    }

    @Tool(
            name = "json.read",
            description = "Read a JSON file, or one value of it.",
            effect = Effect.READ,
            reach = {})
    public @Nullable Object read(
            @Param("The JSON file to read") Path path,
            @Param(value = "The JSON pointer of the value, such as /items/0/name", optional = true) @Nullable
                    String pointer) {
        return part(JsonText.parse(workspace.readText(path, MAX_BYTES), "'" + path + "'"), pointer);
    }

    @Tool(
            name = "json.parse",
            description = "Parse a JSON text, or take one value out of it.",
            effect = Effect.READ,
            reach = {})
    public @Nullable Object parse(
            @Param("The JSON text to parse") String text,
            @Param(value = "The JSON pointer of the value, such as /items/0/name", optional = true) @Nullable
                    String pointer) {
        if (text.length() > MAX_BYTES) {
            throw new ToolFailure(
                    "TEXT_TOO_LARGE",
                    "the JSON text has %d characters, and at most %d can be parsed at once"
                            .formatted(text.length(), MAX_BYTES));
        }
        return part(JsonText.parse(text, "the text"), pointer);
    }

    private static @Nullable Object part(@Nullable Object document, @Nullable String pointer) {
        return pointer == null ? document : JsonPointer.find(document, pointer);
    }
}
