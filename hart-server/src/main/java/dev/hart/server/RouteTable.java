package dev.hart.server;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.json.Schemas;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** All routes with what handles them. A method and path that is there twice is refused. */
final class RouteTable {
    static final String JSON = "application/json";
    private static final Pattern PATH_PARAMETER = Pattern.compile("\\{([a-z]+)}");

    /** Answers one call. */
    @FunctionalInterface
    interface Handler {
        Reply handle(Call call) throws Exception;
    }

    /** A route and what handles it. */
    record Entry(Route route, Handler handler) {}

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    Definition get(String path) {
        return new Definition("GET", path);
    }

    Definition post(String path) {
        return new Definition("POST", path);
    }

    Definition delete(String path) {
        return new Definition("DELETE", path);
    }

    List<Route> routes() {
        return entries.values().stream().map(Entry::route).toList();
    }

    List<Entry> entries() {
        return List.copyOf(entries.values());
    }

    /** A route that is being written down. */
    final class Definition {
        private final String method;
        private final String path;
        private String summary = "";
        private final List<Route.Parameter> parameters = new ArrayList<>();
        private @Nullable Map<String, @Nullable Object> request;
        private Route.@Nullable Answer answer;
        private final List<Integer> otherStatuses = new ArrayList<>();
        private final List<Route.Refusal> refusals = new ArrayList<>();

        Definition(String method, String path) {
            this.method = method;
            this.path = path;
            Matcher names = PATH_PARAMETER.matcher(path);
            while (names.find()) {
                parameters.add(new Route.Parameter(
                        "path", names.group(1), names.group(1) + " in the path", Map.of("type", "string")));
            }
        }

        Definition summary(String text) {
            summary = text;
            return this;
        }

        /** Says more of a parameter in the path. */
        Definition path(String name, String description, Map<String, @Nullable Object> schema) {
            parameters.replaceAll(parameter ->
                    parameter.in().equals("path") && parameter.name().equals(name)
                            ? new Route.Parameter("path", name, description, schema)
                            : parameter);
            return this;
        }

        Definition query(String name, String description, Map<String, @Nullable Object> schema) {
            parameters.add(new Route.Parameter("query", name, description, schema));
            return this;
        }

        Definition header(String name, String description, Map<String, @Nullable Object> schema) {
            parameters.add(new Route.Parameter("header", name, description, schema));
            return this;
        }

        Definition takes(Type body) {
            request = Schemas.of(body);
            return this;
        }

        Definition takes(Map<String, @Nullable Object> schema) {
            request = schema;
            return this;
        }

        Definition answers(int status, Type body) {
            return answers(status, JSON, Schemas.of(body));
        }

        Definition answersListOf(Type item) {
            return answers(200, JSON, Map.of("type", "array", "items", Schemas.of(item)));
        }

        Definition answers(int status, String contentType, Map<String, @Nullable Object> schema) {
            answer = new Route.Answer(status, contentType, schema);
            return this;
        }

        /** The same document with another status. */
        Definition orAnswers(int status) {
            otherStatuses.add(status);
            return this;
        }

        Definition refuses(int status, String... codes) {
            for (String code : codes) {
                refusals.add(new Route.Refusal(status, code));
            }
            return this;
        }

        void handle(Access access, Handler handler) {
            Route route = new Route(
                    method,
                    path,
                    access,
                    summary,
                    parameters,
                    request,
                    Objects.requireNonNull(answer, path + " has no answer"),
                    otherStatuses,
                    refusals);
            Entry entry = new Entry(route, handler);
            String shape = method + " " + PATH_PARAMETER.matcher(path).replaceAll("{}");
            if (entries.putIfAbsent(shape, entry) != null) {
                throw new InvalidConfigurationException("two routes are called " + method + " " + path);
            }
        }
    }
}
