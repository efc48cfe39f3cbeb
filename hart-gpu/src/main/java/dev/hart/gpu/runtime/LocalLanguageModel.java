package dev.hart.gpu.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.hart.error.RunCancelledException;
import dev.hart.gpu.model.ModelProcess;
import dev.hart.model.LanguageModel;
import dev.hart.model.ModelException;
import dev.hart.model.ModelException.Kind;
import dev.hart.model.ModelReply;
import dev.hart.model.ModelRequest;
import dev.hart.model.TokenCount;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A text model in this process, or one of its own, as a model of HART. It is loaded with the first call, and with the next one
 * after its process has ended by itself. A request with tools is refused: a local
 * model is given a schema for its answer instead. Thread-safe.
 */
public final class LocalLanguageModel implements LanguageModel, AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final String name;
    private final Supplier<TextModel> loader;
    private @Nullable TextModel loaded;
    private boolean closed;

    /**
     * @param name as reports show it, such as {@code llama.cpp/hart-tiny}
     * @param loader called once, and again when it failed or the model's process has ended; the model is closed with this one
     */
    public LocalLanguageModel(String name, Supplier<TextModel> loader) {
        this.name = name;
        this.loader = loader;
    }

    /** A model that is loaded already. */
    public static LocalLanguageModel of(TextModel model) {
        return new LocalLanguageModel(model.name(), () -> model);
    }

    @Override
    public String name() {
        return name;
    }

    /** @throws RunCancelledException when the thread is interrupted */
    @Override
    public ModelReply complete(ModelRequest request) {
        return stream(request, piece -> {});
    }

    /**
     * @throws RunCancelledException when the thread is interrupted
     * @throws dev.hart.error.GpuException when the model cannot be loaded
     */
    @Override
    public ModelReply stream(ModelRequest request, Consumer<String> onText) {
        long start = System.nanoTime();
        if (!request.tools().isEmpty()) {
            throw new ModelException(
                    Kind.REFUSED,
                    "model %s runs locally and cannot call tools; ask it for JSON of a schema".formatted(name));
        }
        TextModel model = model();
        Double temperature = request.temperature();
        TextRequest text = new TextRequest(
                model.promptOf(request.messages()),
                request.maxTokens(),
                temperature == null ? 0 : temperature,
                0,
                List.of(),
                schemaOf(request),
                request.timeout());
        TextAnswer answer = model.generate(text, piece -> {
            onText.accept(piece);
            return true;
        });
        Duration latency = Duration.ofNanos(System.nanoTime() - start);
        return switch (answer.end()) {
            case COMPLETE ->
                new ModelReply(
                        answer.text(), List.of(), new TokenCount(answer.promptTokens(), answer.tokens()), latency);
            case LENGTH ->
                throw new ModelException(
                        Kind.INCOMPLETE,
                        "model %s was cut off after %d tokens; allow more, or shorten the prompt of %d tokens"
                                .formatted(name, answer.tokens(), answer.promptTokens()));
            case TIMEOUT ->
                throw new ModelException(
                        Kind.TIMEOUT, "model %s gave no whole answer within %s".formatted(name, request.timeout()));
            case CANCELLED ->
                throw new RunCancelledException(
                        "interrupted while model " + name + " was answering", new InterruptedException());
        };
    }

    private @Nullable String schemaOf(ModelRequest request) {
        if (request.responseSchema() == null) {
            return null;
        }
        try {
            return JSON.writeValueAsString(request.responseSchema());
        } catch (JsonProcessingException e) {
            throw new ModelException(Kind.REFUSED, "the schema of the answer cannot be written as JSON", null, e);
        }
    }

    private synchronized TextModel model() {
        if (closed) {
            throw new IllegalStateException("model %s is closed".formatted(name));
        }
        if (loaded instanceof ModelProcess process
                && process.exit().toCompletableFuture().isDone()) {
            loaded.close();
            loaded = null;
        }
        if (loaded == null) {
            loaded = loader.get();
        }
        return loaded;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (loaded != null) {
            loaded.close();
            loaded = null;
        }
    }
}
