package dev.hart.security;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Writes maps, lists, texts and truth values as RFC 8785 JSON. Numbers are given as texts: no two programs differ on those. */
final class CanonicalText {
    private CanonicalText() {}

    /** @throws IllegalArgumentException for anything else */
    static String write(Object value) {
        StringBuilder json = new StringBuilder();
        write(value, json);
        return json.toString();
    }

    private static void write(Object value, StringBuilder json) {
        if (value instanceof String text) {
            quote(text, json);
        } else if (value instanceof Boolean) {
            json.append(value);
        } else if (value instanceof List<?> list) {
            json.append('[');
            for (int i = 0; i < list.size(); i++) {
                json.append(i == 0 ? "" : ",");
                write(list.get(i), json);
            }
            json.append(']');
        } else if (value instanceof Map<?, ?> map) {
            List<String> names = new ArrayList<>();
            map.keySet().forEach(name -> names.add((String) name));
            Collections.sort(names); // by UTF-16 code units, as RFC 8785 wants
            json.append('{');
            for (int i = 0; i < names.size(); i++) {
                json.append(i == 0 ? "" : ",");
                quote(names.get(i), json);
                json.append(':');
                write(Objects.requireNonNull(map.get(names.get(i))), json);
            }
            json.append('}');
        } else {
            throw new IllegalArgumentException("not written into a hash: " + value.getClass());
        }
    }

    static void quote(String text, StringBuilder json) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\b' -> json.append("\\b");
                case '\f' -> json.append("\\f");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (c < 0x20) {
                        json.append("\\u%04x".formatted((int) c));
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        json.append('"');
    }
}
