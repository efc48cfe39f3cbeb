package dev.hart.tools;

import dev.hart.tool.ToolFailure;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** JSON Pointer, RFC 6901, on plain values. */
final class JsonPointer {
    private static final int MAX_LENGTH = 1000;
    private static final int MAX_NAMES_SHOWN = 20;
    private static final Pattern BAD_ESCAPE = Pattern.compile("~(?![01])");
    private static final Pattern INDEX = Pattern.compile("0|[1-9][0-9]{0,8}");

    private JsonPointer() {}

    /** @throws ToolFailure {@code POINTER_INVALID}, or {@code POINTER_NOT_FOUND} saying what is there instead */
    static @Nullable Object find(@Nullable Object document, String pointer) {
        if (pointer.isEmpty()) {
            return document;
        }
        if (pointer.length() > MAX_LENGTH
                || !pointer.startsWith("/")
                || BAD_ESCAPE.matcher(pointer).find()) {
            throw new ToolFailure(
                    "POINTER_INVALID",
                    ("'%s' is no JSON pointer; write one like /items/0/name, with ~1 for / and ~0 for ~ in a name, at most"
                                    + " %d characters")
                            .formatted(Quoted.shorten(pointer), MAX_LENGTH));
        }
        Object here = document;
        for (String token : pointer.substring(1).split("/", -1)) {
            String name = token.replace("~1", "/").replace("~0", "~");
            here = step(here, name, pointer);
        }
        return here;
    }

    private static @Nullable Object step(@Nullable Object here, String name, String pointer) {
        if (here instanceof Map<?, ?> object) {
            if (object.containsKey(name)) {
                return object.get(name);
            }
            throw notFound(
                    pointer,
                    name,
                    "the names there are "
                            + Quoted.list(
                                    object.keySet().stream()
                                            .map(String::valueOf)
                                            .toList(),
                                    MAX_NAMES_SHOWN));
        }
        if (here instanceof List<?> items) {
            if (INDEX.matcher(name).matches() && Integer.parseInt(name) < items.size()) {
                return items.get(Integer.parseInt(name));
            }
            throw notFound(pointer, name, "there is a list of %d items, counted from 0".formatted(items.size()));
        }
        throw notFound(pointer, name, "there is a single value, which has no parts");
    }

    private static ToolFailure notFound(String pointer, String name, String instead) {
        return new ToolFailure("POINTER_NOT_FOUND", "pointer '%s' finds no '%s': %s".formatted(pointer, name, instead));
    }
}
