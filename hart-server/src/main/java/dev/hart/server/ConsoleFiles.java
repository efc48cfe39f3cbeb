package dev.hart.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The web console: a handful of static files, read once and served from memory. */
final class ConsoleFiles {
    private static final Map<String, String> TYPES = new LinkedHashMap<>();

    static {
        TYPES.put("index.html", "text/html; charset=utf-8");
        TYPES.put("console.css", "text/css; charset=utf-8");
        TYPES.put("icon.svg", "image/svg+xml");
        for (String script : new String[] {
            "app.js",
            "api.js",
            "dom.js",
            "field.js",
            "home.js",
            "recipe.js",
            "run.js",
            "ledger.js",
            "graph.js",
            "devices.js"
        }) {
            TYPES.put(script, "text/javascript; charset=utf-8");
        }
    }

    private final Map<String, Reply.Content> files = new LinkedHashMap<>();

    ConsoleFiles() {
        TYPES.forEach((name, type) -> files.put(name, new Reply.Content(type, read(name))));
    }

    void describe(RouteTable table) {
        table.get("/")
                .summary("The web console")
                .answers(200, "text/html", Map.of("type", "string"))
                .handle(Access.PUBLIC, call -> file("index.html"));
        table.get("/console/{file}")
                .summary("A file of the web console")
                .answers(200, "text/javascript", Map.of("type", "string"))
                .refuses(404, "not_found")
                .handle(Access.PUBLIC, call -> file(call.context().pathParam("file")));
    }

    private Reply file(String name) {
        Reply.Content file = files.get(name);
        if (file == null) {
            throw new Refused(404, "not_found", "the console has no such file");
        }
        return file;
    }

    private static byte[] read(String name) {
        try (InputStream in = ConsoleFiles.class.getResourceAsStream("console/" + name)) {
            if (in == null) {
                throw new IllegalStateException("the console's file " + name + " is missing from the jar");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
