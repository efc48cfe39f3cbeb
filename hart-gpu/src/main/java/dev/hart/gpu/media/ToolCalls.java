package dev.hart.gpu.media;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.hart.error.MediaException;
import dev.hart.gpu.model.ProcessExit;
import dev.hart.gpu.sidecar.SidecarRun;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls to one run of a tool: on the loopback, with its token, JSON in both directions, 1 MiB of it at most. Each waits until it is
 * answered or its thread is interrupted. What goes wrong is a {@link MediaException} that names the tool. Used by one thread.
 */
final class ToolCalls {
    private static final int MOST_JSON = 1 << 20;
    /** How long a process whose connection broke may take to be gone, and one that is gone to be read to its end. */
    private static final int GONE_MILLIS = 300;

    private static final int LAST_WORDS_MILLIS = 5000;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final HttpClient http;
    private final SidecarRun run;
    private final String tool;

    ToolCalls(HttpClient http, SidecarRun run, String tool) {
        this.http = http;
        this.run = run;
        this.tool = tool;
    }

    /** A client that goes to the address that it is given and nowhere else. */
    static HttpClient newClient() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .build();
    }

    /** What it answers to a GET: an object. */
    JsonNode get(String path) throws InterruptedException {
        return json(path, run.request(path).GET());
    }

    /** What it answers to a POST of an object: an object. */
    JsonNode post(String path, Map<String, ?> body) throws InterruptedException {
        try {
            return json(
                    path,
                    run.request(path)
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body))));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("what is to be sent to " + path + " is no JSON", e);
        }
    }

    private JsonNode json(String path, HttpRequest.Builder request) throws InterruptedException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        HttpResponse<Long> answer = send(path, request, info -> new BoundedBody(bytes, MOST_JSON, length -> {}));
        requireOk(path, answer.statusCode(), bytes);
        try {
            JsonNode node = JSON.readTree(bytes.toByteArray());
            if (node.isObject()) {
                return node;
            }
        } catch (IOException e) {
            throw failed("%s did not answer JSON at %s".formatted(name(), path), e);
        }
        throw failed("%s did not answer a JSON object at %s".formatted(name(), path), null);
    }

    /**
     * Writes a file of its into one of ours, which must not exist, and answers what the tool says it is.
     *
     * @throws MediaException TOOL_FAILED when there is no such file, or it is larger or of another type than it may be
     */
    MediaFormat fetch(String path, MediaKind kind, Path to, long mostBytes, LongConsumer received)
            throws InterruptedException {
        ByteArrayOutputStream other = new ByteArrayOutputStream();
        try (OutputStream file = Files.newOutputStream(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            HttpResponse<Long> answer = send(path, run.request(path).GET(), info -> {
                String type = info.headers().firstValue("Content-Type").orElse("");
                boolean wanted = info.statusCode() == 200 && format(type, kind).isPresent();
                return wanted
                        ? new BoundedBody(file, mostBytes, received)
                        : new BoundedBody(other, MOST_JSON, length -> {});
            });
            if (answer.statusCode() == 404) {
                throw failed("%s says that it has made %s, but has no such file".formatted(name(), path), null);
            }
            requireOk(path, answer.statusCode(), other);
            String type = answer.headers().firstValue("Content-Type").orElse("");
            return format(type, kind)
                    .orElseThrow(() -> failed(
                            "%s answered '%s' at %s, which is no type of %s"
                                    .formatted(name(), Shown.text(type), path, kind.words()),
                            null));
        } catch (IOException e) {
            throw notStored(e);
        }
    }

    private MediaException notStored(IOException cause) {
        return new MediaException("NOT_STORED", "what %s made cannot be written: %s".formatted(name(), cause), cause);
    }

    private static Optional<MediaFormat> format(String contentType, MediaKind kind) {
        return MediaFormat.ofType(contentType)
                .filter(format -> MediaFormat.of(kind).contains(format));
    }

    private HttpResponse<Long> send(String path, HttpRequest.Builder request, HttpResponse.BodyHandler<Long> body)
            throws InterruptedException {
        try {
            return http.send(request.build(), body);
        } catch (IOException e) {
            for (Throwable at = e; at != null; at = at.getCause()) {
                if (at instanceof BoundedBody.TooLong) {
                    throw failed("%s answers too much at %s: %s".formatted(name(), path, at.getMessage()), e);
                }
                if (at instanceof BoundedBody.NotWritten) {
                    throw notStored(e);
                }
            }
            throw failed("%s broke off at %s: %s".formatted(name(), path, end()), e);
        }
    }

    /** How its process has ended, which the broken connection may have been the first to tell. */
    private String end() throws InterruptedException {
        CompletableFuture<ProcessExit> exit = run.exit().toCompletableFuture();
        Optional<ProcessExit> seen = within(exit, GONE_MILLIS);
        boolean isGone =
                ProcessHandle.of(run.pid()).filter(ProcessHandle::isAlive).isEmpty();
        if (seen.isEmpty() && isGone) {
            seen = within(exit, LAST_WORDS_MILLIS);
        }
        return seen.map(ended -> "its process has ended with " + ended)
                .orElse(isGone ? "its process has ended" : "its process goes on, but the connection is gone");
    }

    private static Optional<ProcessExit> within(CompletableFuture<ProcessExit> exit, int millis)
            throws InterruptedException {
        try {
            return Optional.of(exit.get(millis, TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private void requireOk(String path, int status, ByteArrayOutputStream body) {
        if (status == 200 || status == 201 || status == 202) {
            return;
        }
        String said = said(body);
        if (status == 507) {
            throw new MediaException("OUT_OF_MEMORY", "%s ran out of memory at %s%s".formatted(name(), path, said));
        }
        throw failed("%s answered %d at %s%s".formatted(name(), status, path, said), null);
    }

    /** The {@code error} of its answer, if that is JSON. */
    private static String said(ByteArrayOutputStream body) {
        try {
            String error = JSON.readTree(body.toByteArray()).path("error").asText("");
            return error.isBlank() ? "" : ": " + Shown.text(error);
        } catch (IOException e) {
            String text = body.toString(StandardCharsets.UTF_8);
            return text.isBlank() ? "" : ": " + Shown.text(text);
        }
    }

    /** A name in its answer that becomes part of a path. */
    String fileName(JsonNode answer, String field) {
        String name = answer.path(field).isTextual() ? answer.path(field).textValue() : "";
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,127}") || name.contains("..")) {
            throw failed(
                    "%s names '%s' as its %s, which is no name of a file".formatted(name(), Shown.text(name), field),
                    null);
        }
        return name;
    }

    MediaException failed(String message, @Nullable Throwable cause) {
        return new MediaException("TOOL_FAILED", message, cause);
    }

    String name() {
        return "tool '" + tool + "'";
    }
}
