package dev.hart.llamacpp;

import dev.hart.gpu.model.ModelProcess;
import dev.hart.gpu.model.ProcessExit;
import dev.hart.gpu.runtime.TextAnswer;
import dev.hart.gpu.runtime.TextAnswer.End;
import dev.hart.gpu.runtime.TextModel;
import dev.hart.gpu.runtime.TextRequest;
import dev.hart.llamacpp.EngineProcess.Call;
import dev.hart.llamacpp.Frame.Kind;
import dev.hart.model.Message;
import dev.hart.model.ModelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A model in llama.cpp, in a process of its own. Each caller has one of its slots to itself; who comes when all are taken waits in the
 * order of coming. A slot is free again when the process has said that it does nothing more for the call, which may be after the
 * caller has gone.
 */
final class LlamaTextModel implements TextModel, ModelProcess {
    /** For counting and templates, which compute nothing. */
    private static final Duration SHORT_CALL = Duration.ofMinutes(1);

    /** The process sends at most this many pieces that nobody has taken yet. */
    private static final int WINDOW = 64;

    private final EngineProcess engine;
    private final String name;
    private final int contextTokens;
    private final Semaphore slots;
    private final Set<Thread> answering = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    LlamaTextModel(EngineProcess engine, String name, int contextTokens, int parallel) {
        this.engine = engine;
        this.name = name;
        this.contextTokens = contextTokens;
        this.slots = new Semaphore(parallel, true);
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
        return ask(Kind.COUNT, List.of(text), deadline(SHORT_CALL)).number();
    }

    @Override
    public String promptOf(List<Message> messages) {
        StringBuilder system = new StringBuilder();
        List<String> texts = new ArrayList<>();
        texts.add("");
        for (Message message : messages) {
            if (message instanceof Message.SystemMessage instructions) {
                system.append(system.isEmpty() ? "" : "\n\n").append(instructions.text());
            } else if (message instanceof Message.AssistantMessage said) {
                texts.addAll(List.of("assistant", said.text()));
            } else if (message instanceof Message.ToolMessage answer) {
                texts.addAll(List.of("user", "Result of %s: %s".formatted(answer.tool(), answer.text())));
            } else {
                texts.addAll(List.of("user", message.text()));
            }
        }
        texts.set(0, system.toString());
        return ask(Kind.TEMPLATE, texts, deadline(SHORT_CALL)).text();
    }

    /** A call with one answer. */
    private Frame ask(Kind kind, List<String> texts, long deadline) {
        requireOpen();
        Call call = engine.call(() -> {});
        send(call, kind, List.of(), texts);
        Frame answer = call.nextInAnyCase(deadline);
        if (answer == null) {
            call.drop();
            throw new ModelException(
                    ModelException.Kind.TIMEOUT, "the process of model %s did not answer in time".formatted(name));
        }
        return whole(answer);
    }

    @Override
    public TextAnswer generate(TextRequest request, TextListener listener) {
        long deadline = deadline(request.timeout());
        int promptTokens = 0;
        try {
            if (!slots.tryAcquire(0, TimeUnit.NANOSECONDS)) {
                // One more for the mark of the beginning.
                promptTokens = countTokens(request.prompt()) + 1;
                if (promptTokens >= contextTokens) {
                    throw noRoom(promptTokens);
                }
                if (!slots.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    return new TextAnswer("", promptTokens, 0, End.TIMEOUT);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new TextAnswer("", promptTokens, 0, End.CANCELLED);
        }
        Call call = engine.call(slots::release);
        boolean outermost = answering.add(Thread.currentThread());
        try {
            requireOpen();
            send(call, Kind.GENERATE, numbers(request), texts(request));
            return new Answer(call, promptTokens, request.maxTokens(), deadline, listener).read();
        } finally {
            if (outermost) {
                answering.remove(Thread.currentThread());
            }
        }
    }

    private ModelException noRoom(int promptTokens) {
        return new ModelException(
                ModelException.Kind.REFUSED,
                "the prompt has %d tokens, and model %s reads %d with its answer; shorten it, or load a model with a longer context"
                        .formatted(promptTokens, name, contextTokens));
    }

    private List<Integer> numbers(TextRequest request) {
        int temperature = Float.floatToIntBits((float) request.temperature());
        return List.of(request.maxTokens(), temperature, request.seed(), WINDOW, contextTokens);
    }

    private static List<String> texts(TextRequest request) {
        List<String> texts = new ArrayList<>();
        texts.add(request.prompt());
        String schema = request.jsonSchema();
        texts.add(schema == null ? "" : schema);
        texts.addAll(request.stop());
        return texts;
    }

    /** An answer as it comes. */
    private final class Answer {
        private final Call call;
        private final int maxTokens;
        private final long deadline;
        private final TextListener listener;
        private final StringBuilder text = new StringBuilder();
        private int promptTokens;
        private int tokens;
        /** The mark of the end is a token without text. */
        private boolean marked;

        Answer(Call call, int promptTokens, int maxTokens, long deadline, TextListener listener) {
            this.call = call;
            this.promptTokens = promptTokens;
            this.maxTokens = maxTokens;
            this.deadline = deadline;
            this.listener = listener;
        }

        TextAnswer read() {
            boolean whole = false;
            try {
                while (true) {
                    Frame frame = call.next(deadline);
                    if (frame == null) {
                        return ended(End.TIMEOUT);
                    }
                    whole = frame.kind().isLast();
                    if (whole && closed) {
                        return ended(End.CANCELLED);
                    }
                    if (frame.kind() == Kind.BEGUN) {
                        promptTokens = frame.number();
                        continue;
                    }
                    List<String> pieces = whole(frame).texts();
                    for (int i = 0; i < pieces.size(); i++) {
                        boolean last = whole && i == pieces.size() - 1;
                        End end = take(pieces.get(i), last);
                        if (end != null) {
                            return ended(end);
                        }
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return ended(End.CANCELLED);
            } finally {
                if (!whole) {
                    call.send(Kind.CANCEL, List.of(), List.of());
                }
            }
        }

        /** What ends the answer with this piece, or null when it goes on. */
        private @Nullable End take(String piece, boolean last) {
            text.append(piece);
            if (!last) {
                tokens++;
                marked = piece.isEmpty();
            }
            boolean wanted = piece.isEmpty() || listener.onText(piece);
            if (last) {
                int limit = Math.min(maxTokens, contextTokens - promptTokens);
                return tokens < limit || marked ? End.COMPLETE : End.LENGTH;
            }
            if (!wanted || closed || Thread.currentThread().isInterrupted()) {
                return End.CANCELLED;
            }
            if (System.nanoTime() > deadline) {
                return End.TIMEOUT;
            }
            if (tokens % (WINDOW / 2) == 0) {
                call.send(Kind.CREDIT, List.of(WINDOW / 2), List.of());
            }
            return null;
        }

        private TextAnswer ended(End end) {
            return new TextAnswer(text.toString(), promptTokens, tokens, end);
        }
    }

    private static long deadline(Duration limit) {
        return System.nanoTime() + limit.toNanos();
    }

    private void send(Call call, Kind kind, List<Integer> numbers, List<String> texts) {
        byte[] frame = new Frame(kind, call.id(), numbers, texts).encoded();
        if (frame.length > Frame.MOST_BYTES) {
            call.drop();
            throw new ModelException(
                    ModelException.Kind.REFUSED,
                    "what model %s is asked has %d bytes, and at most %d can be passed to its process; shorten it"
                            .formatted(name, frame.length, Frame.MOST_BYTES));
        }
        call.send(frame);
    }

    /** The answer itself unless it tells of a failure. */
    private Frame whole(Frame answer) {
        return switch (answer.kind()) {
            case FAILED ->
                throw new ModelException(
                        ModelException.Kind.UNREADABLE,
                        "llama.cpp has failed with model %s: %s".formatted(name, answer.text()));
            case REFUSED -> throw noRoom(answer.number());
            case GONE -> {
                requireOpen();
                throw new ModelException(
                        ModelException.Kind.UNAVAILABLE,
                        "the process of model %s has ended by itself with %s; the model has to be loaded again"
                                .formatted(name, engine.ending()));
            }
            default -> answer;
        };
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("model %s is closed".formatted(name));
        }
    }

    @Override
    public CompletionStage<ProcessExit> exit() {
        return engine.exit().minimalCompletionStage();
    }

    @Override
    public Optional<ProcessHandle> process() {
        return Optional.of(engine.handle());
    }

    /** For tests. */
    EngineProcess engine() {
        return engine;
    }

    /** Returns when the process is gone, and what it held with it. */
    @Override
    public void close() {
        if (answering.contains(Thread.currentThread())) {
            throw new IllegalStateException(
                    "model %s cannot be closed by a listener of its own; return false from it, and close afterwards"
                            .formatted(name));
        }
        closed = true;
        engine.kill();
    }
}
