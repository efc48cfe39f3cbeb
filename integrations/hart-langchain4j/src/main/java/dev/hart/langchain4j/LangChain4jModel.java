package dev.hart.langchain4j;

import dev.hart.error.RunCancelledException;
import dev.hart.model.LanguageModel;
import dev.hart.model.ModelException;
import dev.hart.model.ModelException.Kind;
import dev.hart.model.ModelPrice;
import dev.hart.model.ModelReply;
import dev.hart.model.ModelRequest;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A LangChain4j model as a model of HART. Immutable and thread-safe when the LangChain4j model is; does not retry.
 *
 * <p>Every call runs in a thread of its own, so that time limits and interrupts hold whatever the provider's client does.
 * A model that refuses a JSON schema as response format is given the schema in the prompt from then on, and one that
 * refuses a temperature is asked without.
 */
public final class LangChain4jModel implements LanguageModel {
    private final Backend backend;
    private final String name;
    private final ModelPrice price;
    private final Set<Concession> concessions = ConcurrentHashMap.newKeySet();

    LangChain4jModel(Backend backend) {
        this(backend, defaultName(backend), ModelPrice.FREE);
    }

    LangChain4jModel(Backend backend, String name, ModelPrice price) {
        this.backend = backend;
        this.name = name;
        this.price = price;
    }

    /** The same model under another name, as reports show it. */
    public LangChain4jModel named(String newName) {
        return new LangChain4jModel(backend, newName, price);
    }

    /** The same model with a price; free unless set. */
    public LangChain4jModel priced(ModelPrice newPrice) {
        return new LangChain4jModel(backend, name, newPrice);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public ModelPrice price() {
        return price;
    }

    /** @throws RunCancelledException when the thread is interrupted; the call is given up */
    @Override
    public ModelReply complete(ModelRequest request) {
        return withConcessions(request, wire -> {
            long start = System.nanoTime();
            ChatResponse response = await(request, start, wire);
            return wire.reply(name, response, System.nanoTime() - start, false);
        });
    }

    /**
     * Pieces are handed over in the calling thread. Without a streaming model the text is handed over at the end.
     *
     * @throws RunCancelledException when the thread is interrupted; the call is given up
     */
    @Override
    public ModelReply stream(ModelRequest request, Consumer<String> onText) {
        StreamingChatModel free = backend.streaming();
        StreamingChatModel strict = backend.strictStreaming();
        if (free == null || strict == null) {
            return LanguageModel.super.stream(request, onText);
        }
        return withConcessions(request, wire -> {
            long start = System.nanoTime();
            StreamingChatModel model = wire.isStrict() ? strict : free;
            TextStream stream = new TextStream(name, request.timeout());
            stream.open(() -> model.chat(wire.chatRequest(), stream));
            ChatResponse response = stream.drain(onText);
            return wire.reply(name, response, System.nanoTime() - start, true);
        });
    }

    private ChatResponse await(ModelRequest request, long start, WireRequest wire) {
        FutureTask<ChatResponse> task =
                new FutureTask<>(() -> backend.chat(wire.isStrict()).chat(wire.chatRequest()));
        Thread thread = new Thread(task, "hart-model-call");
        thread.setDaemon(true);
        thread.start();
        try {
            long left = request.timeout().toNanos() - (System.nanoTime() - start);
            return task.get(left, TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw ModelErrors.of(name, e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw ModelErrors.timeout(name, request.timeout());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunCancelledException("interrupted while model " + name + " was answering", e);
        } finally {
            task.cancel(true);
        }
    }

    /** What a model turned out not to support, and does without. */
    enum Concession {
        SCHEMA_IN_PROMPT,
        NO_TEMPERATURE
    }

    private interface Call {
        ModelReply perform(WireRequest wire);
    }

    private ModelReply withConcessions(ModelRequest request, Call call) {
        Set<Concession> made = ConcurrentHashMap.newKeySet();
        made.addAll(concessions);
        while (true) {
            try {
                ModelReply reply = call.perform(WireRequest.of(request, made, backend.namesCompletionTokens()));
                concessions.addAll(made);
                return reply;
            } catch (ModelException e) {
                Concession next = concessionFor(e, request);
                if (next == null || !made.add(next)) {
                    throw e;
                }
            }
        }
    }

    private static @Nullable Concession concessionFor(ModelException e, ModelRequest request) {
        if (e.kind() != Kind.REFUSED) {
            return null;
        }
        String reason = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        if (request.responseSchema() != null
                && (reason.contains("response_format")
                        || reason.contains("response format")
                        || reason.contains("json_schema")
                        || reason.contains("json schema"))) {
            return Concession.SCHEMA_IN_PROMPT;
        }
        return request.temperature() != null && reason.contains("temperature") ? Concession.NO_TEMPERATURE : null;
    }

    private static String defaultName(Backend backend) {
        String provider =
                backend.chat().provider().name().toLowerCase(Locale.ROOT).replace("_", "");
        String model = backend.chat().defaultRequestParameters().modelName();
        return model == null ? provider : provider + "/" + model;
    }
}
