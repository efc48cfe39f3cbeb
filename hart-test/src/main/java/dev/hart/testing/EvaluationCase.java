package dev.hart.testing;

import dev.hart.json.Json;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One case of a data set.
 *
 * @param id unique in its data set, not blank
 * @param request what is asked; may be empty where a program makes its request of {@code data}
 * @param expected the output that is right, as a JSON value; null when any output is
 * @param expectedFailure the code of the failure that is right, such as {@code GUARDRAIL_REFUSED}; null when the case is to
 *     succeed
 * @param data everything else that the data set says about the case, as JSON values
 */
public record EvaluationCase(
        String id,
        String request,
        @Nullable Object expected,
        @Nullable String expectedFailure,
        Map<String, @Nullable Object> data) {

    // Written out, as compact constructors lose what their parameters' types say about null.
    public EvaluationCase(
            String id,
            String request,
            @Nullable Object expected,
            @Nullable String expectedFailure,
            Map<String, @Nullable Object> data) {
        if (id.isBlank()) {
            throw new IllegalArgumentException("a case needs an id that is not blank");
        }
        if (expected != null && expectedFailure != null) {
            throw new IllegalArgumentException(
                    "case " + id + " expects an output and a failure; it can have one of them");
        }
        this.id = id;
        this.request = request;
        this.expected = Json.valueOf(expected);
        this.expectedFailure = expectedFailure;
        this.data = Json.objectOf(data);
    }

    /** A case that is right when it gives that output. Takes what {@link Json#valueOf} takes; null for any output. */
    public static EvaluationCase of(String id, String request, @Nullable Object expected) {
        return new EvaluationCase(id, request, expected, null, Map.of());
    }
}
