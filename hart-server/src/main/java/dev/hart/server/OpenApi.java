package dev.hart.server;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The route table as an OpenAPI 3.1 document. */
final class OpenApi {
    /** What any route may answer, whatever it does. */
    private static final List<Route.Refusal> EVERYWHERE = List.of(
            new Route.Refusal(400, "invalid_host"),
            new Route.Refusal(429, "rate_limited"),
            new Route.Refusal(500, "internal"),
            new Route.Refusal(503, "stopping"));

    private OpenApi() {}

    static Map<String, Object> document(List<Route> routes) {
        Map<String, Map<String, Object>> paths = new LinkedHashMap<>();
        for (Route route : routes) {
            paths.computeIfAbsent(route.path(), path -> new LinkedHashMap<>())
                    .put(route.method().toLowerCase(Locale.ROOT), operation(route));
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("openapi", "3.1.0");
        document.put("info", Map.of("title", "HART", "version", Version.current()));
        document.put("paths", paths);
        document.put("components", components());
        return document;
    }

    private static Map<String, Object> operation(Route route) {
        Map<String, Object> operation = new LinkedHashMap<>();
        operation.put("summary", route.summary());
        operation.put("x-hart-access", route.access().name());
        if (route.access() != Access.PUBLIC && route.access() != Access.SIGNED_ORDER) {
            operation.put("security", List.of(Map.of("bearer", List.of()), Map.of("apiKey", List.of())));
        }
        if (!route.parameters().isEmpty()) {
            operation.put(
                    "parameters",
                    route.parameters().stream().map(OpenApi::parameter).toList());
        }
        if (route.requestSchema() != null) {
            operation.put(
                    "requestBody",
                    Map.of("required", true, "content", content(RouteTable.JSON, route.requestSchema())));
        }
        operation.put("responses", responses(route));
        return operation;
    }

    private static Map<String, Object> parameter(Route.Parameter parameter) {
        return Map.of(
                "name", parameter.name(),
                "in", parameter.in(),
                "required", parameter.in().equals("path"),
                "description", parameter.description(),
                "schema", parameter.schema());
    }

    private static Map<String, Object> responses(Route route) {
        Map<String, Object> responses = new LinkedHashMap<>();
        Map<String, Object> answer = Map.of(
                "description",
                route.summary(),
                "content",
                content(route.answer().contentType(), route.answer().schema()));
        responses.put(Integer.toString(route.answer().status()), answer);
        route.otherStatuses().forEach(status -> responses.put(Integer.toString(status), answer));
        Map<Integer, String> refusals = new TreeMap<>();
        EVERYWHERE.forEach(refusal -> refusals.merge(refusal.status(), refusal.code(), OpenApi::both));
        route.refusals().forEach(refusal -> refusals.merge(refusal.status(), refusal.code(), OpenApi::both));
        if (route.access() != Access.PUBLIC) {
            refusals.merge(401, "unauthorized", OpenApi::both);
        }
        if (route.access() == Access.USER) {
            refusals.merge(403, "forbidden", OpenApi::both);
        }
        if (!route.method().equals("GET")) {
            refusals.merge(403, "foreign_origin", OpenApi::both);
        }
        if (route.requestSchema() != null) {
            refusals.merge(400, "invalid_json, invalid_request", OpenApi::both);
            refusals.merge(413, "too_large", OpenApi::both);
        }
        refusals.forEach((status, codes) -> responses.put(
                Integer.toString(status),
                Map.of(
                        "description",
                        codes,
                        "content",
                        content(RouteTable.JSON, Map.of("$ref", "#/components/schemas/Error")))));
        return responses;
    }

    private static String both(String one, String other) {
        return List.of(one.split(", ")).contains(other) ? one : one + ", " + other;
    }

    private static Map<String, Object> content(String type, Object schema) {
        return Map.of(type, Map.of("schema", schema));
    }

    private static Map<String, Object> components() {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("success", Map.of("const", false));
        properties.put("error", Map.of("type", "string"));
        properties.put("code", Map.of("type", "string"));
        properties.put("request_id", Map.of("type", "string"));
        return Map.of(
                "schemas",
                Map.of(
                        "Error",
                        Map.of(
                                "type",
                                "object",
                                "properties",
                                properties,
                                "required",
                                List.copyOf(properties.keySet()))),
                "securitySchemes",
                Map.of(
                        "bearer", Map.of("type", "http", "scheme", "bearer"),
                        "apiKey", Map.of("type", "apiKey", "in", "header", "name", "X-API-Key")));
    }
}
