package dev.hart.server;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One line of the server's route table. Javalin's routes, the checks in front of them and the OpenAPI document are all made
 * from it.
 *
 * @param method upper case, such as {@code GET}
 * @param path with parameters in braces, such as {@code /runs/{id}}
 * @param summary what it does, in a few words
 * @param parameters of the path, the query and the header
 * @param requestSchema JSON Schema of the body; null when it takes none
 * @param answer what a successful call gives
 * @param otherStatuses of successful calls that give the same, such as 202 for what is not done yet
 * @param refusals what it may answer instead, beside those that every route has
 */
public record Route(
        String method,
        String path,
        Access access,
        String summary,
        List<Parameter> parameters,
        @Nullable Map<String, @Nullable Object> requestSchema,
        Answer answer,
        List<Integer> otherStatuses,
        List<Refusal> refusals) {
    public Route {
        otherStatuses = List.copyOf(otherStatuses);
        parameters = List.copyOf(parameters);
        refusals = List.copyOf(refusals);
    }

    /**
     * @param schema JSON Schema of the body
     */
    public record Answer(int status, String contentType, Map<String, @Nullable Object> schema) {}

    /**
     * @param code as in the body's {@code code}
     */
    public record Refusal(int status, String code) {}

    /**
     * A value outside the body.
     *
     * @param in {@code path}, {@code query} or {@code header}; those of the path are required, the others are not
     */
    public record Parameter(String in, String name, String description, Map<String, @Nullable Object> schema) {}
}
