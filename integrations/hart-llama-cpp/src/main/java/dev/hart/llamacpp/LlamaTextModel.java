package dev.hart.llamacpp;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaIterator;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.LlamaOutput;
import de.kherud.llama.Pair;
import dev.hart.gpu.runtime.TextAnswer;
import dev.hart.gpu.runtime.TextAnswer.End;
import dev.hart.gpu.runtime.TextModel;
import dev.hart.gpu.runtime.TextRequest;
import dev.hart.model.Message;
import dev.hart.model.ModelException;
import dev.hart.model.ModelException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A model in llama.cpp. Each caller has one of its slots to itself; who comes when all are taken waits in the order of coming. Every
 * call into the library holds {@code lifetime} for reading, so that closing, which takes it for writing, gives away nothing in use.
 */
final class LlamaTextModel implements TextModel {
    private final LlamaModel model;
    private final String name;
    private final int contextTokens;
    private final Semaphore slots;
    private final ReentrantReadWriteLock lifetime = new ReentrantReadWriteLock();
    private final Runnable park;
    private final AtomicBoolean closing = new AtomicBoolean();
    private volatile boolean closed;

    LlamaTextModel(LlamaModel model, String name, int contextTokens, int parallel, Runnable park) {
        this.model = model;
        this.name = name;
        this.contextTokens = contextTokens;
        this.slots = new Semaphore(parallel, true);
        this.park = park;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int contextTokens() {
        return contextTokens;
    }

    @Override
    public int countTokens(String text) {
        return inLifetime(() -> model.encode(text).length);
    }

    @Override
    public String promptOf(List<Message> messages) {
        StringBuilder system = new StringBuilder();
        List<Pair<String, String>> turns = new ArrayList<>();
        for (Message message : messages) {
            if (message instanceof Message.SystemMessage instructions) {
                system.append(system.isEmpty() ? "" : "\n\n").append(instructions.text());
            } else if (message instanceof Message.AssistantMessage said) {
                turns.add(new Pair<>("assistant", said.text()));
            } else if (message instanceof Message.ToolMessage answer) {
                turns.add(new Pair<>("user", "Result of %s: %s".formatted(answer.tool(), answer.text())));
            } else {
                turns.add(new Pair<>("user", message.text()));
            }
        }
        InferenceParameters parameters = new InferenceParameters("").setMessages(system.toString(), turns);
        return inLifetime(() -> model.applyTemplate(parameters));
    }

    @Override
    public TextAnswer generate(TextRequest request, TextListener listener) {
        long deadline = System.nanoTime() + request.timeout().toNanos();
        // One more for the mark of the beginning.
        int promptTokens = countTokens(request.prompt()) + 1;
        int room = contextTokens - promptTokens;
        if (room < 1) {
            throw new ModelException(
                    Kind.REFUSED,
                    "the prompt has %d tokens, and model %s reads %d with its answer; shorten it, or load a model with a longer context"
                            .formatted(promptTokens, name, contextTokens));
        }
        try {
            if (!slots.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return new TextAnswer("", promptTokens, 0, End.TIMEOUT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new TextAnswer("", promptTokens, 0, End.CANCELLED);
        }
        try {
            InferenceParameters parameters = parameters(request, Math.min(request.maxTokens(), room));
            return inLifetime(() -> generate(request, parameters, promptTokens, room, deadline, listener));
        } finally {
            slots.release();
        }
    }

    private TextAnswer generate(
            TextRequest request,
            InferenceParameters parameters,
            int promptTokens,
            int room,
            long deadline,
            TextListener listener) {
        int limit = Math.min(request.maxTokens(), room);
        StringBuilder text = new StringBuilder();
        int tokens = 0;
        LlamaIterator pieces = null;
        boolean ended = false;
        boolean marked = false;
        try {
            pieces = model.generate(parameters).iterator();
            while (pieces.hasNext()) {
                LlamaOutput piece = pieces.next();
                ended = !pieces.hasNext();
                // The last output only tells that it is the last.
                tokens += ended ? 0 : 1;
                // The mark of the end is a token without text.
                marked = ended ? marked : piece.text.isEmpty();
                text.append(piece.text);
                End early = piece.text.isEmpty() || listener.onText(piece.text) ? early(deadline) : End.CANCELLED;
                if (!ended && early != null) {
                    return new TextAnswer(text.toString(), promptTokens, tokens, early);
                }
            }
            End end = tokens < limit || marked ? End.COMPLETE : End.LENGTH;
            return new TextAnswer(text.toString(), promptTokens, tokens, end);
        } finally {
            if (pieces != null && !ended) {
                pieces.cancel();
            }
        }
    }

    /** Why an answer that is not whole must end now; null when it goes on. */
    private @Nullable End early(long deadline) {
        if (closed || Thread.currentThread().isInterrupted()) {
            return End.CANCELLED;
        }
        return System.nanoTime() > deadline ? End.TIMEOUT : null;
    }

    private static InferenceParameters parameters(TextRequest request, int limit) {
        InferenceParameters parameters = new InferenceParameters(request.prompt())
                .setNPredict(limit)
                .setTemperature((float) request.temperature())
                .setSeed(request.seed())
                .setCachePrompt(false);
        if (!request.stop().isEmpty()) {
            parameters.setStopStrings(request.stop().toArray(String[]::new));
        }
        String schema = request.jsonSchema();
        if (schema != null) {
            parameters.setGrammar(LlamaModel.jsonSchemaToGrammar(schema));
        }
        return parameters;
    }

    private <T> T inLifetime(Supplier<T> call) {
        lifetime.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("model %s is closed".formatted(name));
            }
            return call.get();
        } finally {
            lifetime.readLock().unlock();
        }
    }

    @Override
    public void close() {
        if (lifetime.getReadHoldCount() > 0) {
            throw new IllegalStateException(
                    "model %s cannot be closed by a listener of its own; return false from it, and close afterwards"
                            .formatted(name));
        }
        boolean first = closing.compareAndSet(false, true);
        closed = true;
        lifetime.writeLock().lock();
        try {
            if (first) {
                park.run();
            }
        } finally {
            lifetime.writeLock().unlock();
        }
    }

    /** For tests. */
    LlamaModel engine() {
        return model;
    }
}
