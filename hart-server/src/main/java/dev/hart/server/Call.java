package dev.hart.server;

import io.javalin.http.Context;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One request that has passed the checks of its route.
 *
 * @param body follows the route's schema; empty when the route takes none
 */
record Call(Context context, Map<String, @Nullable Object> body, Caller caller) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    /** A path parameter that is an id or a name. */
    String id() {
        String id = context.pathParam("id");
        if (!ID.matcher(id).matches()) {
            throw new Refused(400, "invalid_id", "an id or name has letters, digits, '_' and '-', 1 to 64");
        }
        return id;
    }

    String text(String field) {
        return String.valueOf(body.get(field));
    }

    @SuppressWarnings("unchecked")
    Map<String, @Nullable Object> object(String field) {
        Object value = body.get(field);
        return value == null ? Map.of() : (Map<String, @Nullable Object>) value;
    }

    /** The body as it came, at most {@code most} bytes of it; for routes that take no JSON of HART's own. */
    byte[] bytes(int most) throws IOException {
        return context.req().getInputStream().readNBytes(most);
    }

    /** Where the call comes from: the address of the caller's socket. */
    String source() {
        return context.req().getRemoteAddr();
    }

    /** A text of the query; null when it is not there or empty. */
    @Nullable
    String query(String name) {
        String value = context.queryParam(name);
        return value == null || value.isBlank() ? null : value.strip();
    }

    /** A whole number of the query, or the default when it is not there. */
    int number(String query, int otherwise, int min, int max) {
        List<String> values = context.queryParams(query);
        if (values.isEmpty()) {
            return otherwise;
        }
        try {
            int value = Integer.parseInt(values.get(0));
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // answered below, like a number out of range
        }
        throw new Refused(400, "invalid_query", query + " must be a whole number from " + min + " to " + max);
    }
}
