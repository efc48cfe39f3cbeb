package dev.hart.llamacpp;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaIterator;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.LlamaOutput;
import de.kherud.llama.ModelParameters;
import de.kherud.llama.Pair;
import dev.hart.llamacpp.Frame.Kind;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The process of one model. It reads frames from its standard input and answers with frames, each call on a thread of its own. Its
 * class path has this module and the binding, nothing else. It ends when its input does, however that came about.
 */
final class EngineMain {
    /** More than any answer has pieces. */
    private static final int FREE = 1 << 30;

    /** Pieces that come faster than this go out together: each frame wakes two threads of the application. */
    private static final long TOGETHER_NANOS = 5_000_000;

    private final OutputStream frames;
    private final boolean ownsNatives;
    private final Executor threads = Executors.newCachedThreadPool();
    private final Map<Integer, Call> calls = new ConcurrentHashMap<>();
    private volatile @Nullable LlamaModel model;

    private EngineMain(OutputStream frames, boolean ownsNatives) {
        this.frames = frames;
        this.ownsNatives = ownsNatives;
    }

    /**
     * Serves one model.
     *
     * @param arguments where frames are written, {@code -} for standard output; whether the natives were unpacked for HART alone
     */
    public static void main(String[] arguments) throws IOException {
        OutputStream frames = arguments[0].equals("-")
                ? new FileOutputStream(FileDescriptor.out)
                : new FileOutputStream(arguments[0]);
        System.setOut(System.err);
        new EngineMain(frames, Boolean.parseBoolean(arguments[1])).serve();
    }

    private void serve() {
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(new FileInputStream(FileDescriptor.in)))) {
            send(Frame.of(Kind.HELLO, 0));
            for (Frame frame = Frame.read(in); frame != null; frame = Frame.read(in)) {
                take(frame);
            }
        } catch (IOException e) {
            System.err.println("hart: the connection to the application is broken: " + e);
        } finally {
            if (ownsNatives) {
                deleteNatives();
            }
            // Whatever native code does just then.
            Runtime.getRuntime().halt(0);
        }
    }

    /** The application is gone; when it was killed it could not do so. */
    private static void deleteNatives() {
        File folder = new File(System.getProperty(LlamaNatives.PATH));
        File[] files = folder.listFiles();
        if (files != null) {
            for (File file : files) {
                file.delete();
            }
            folder.delete();
        }
    }

    private void take(Frame frame) {
        if (frame.kind() == Kind.CREDIT || frame.kind() == Kind.CANCEL) {
            Call call = calls.get(frame.call());
            if (call != null && frame.kind() == Kind.CREDIT) {
                call.credit.release(frame.number());
            } else if (call != null && !call.cancelled) {
                call.cancelled = true;
                call.credit.release(FREE);
            }
            return;
        }
        Call call = new Call(frame);
        calls.put(frame.call(), call);
        threads.execute(call);
    }

    private void send(Frame frame) throws IOException {
        byte[] bytes = frame.encoded();
        if (bytes.length > Frame.MOST_BYTES) {
            bytes = Frame.of(Kind.FAILED, frame.call(), "the answer is too long")
                    .encoded();
        }
        synchronized (frames) {
            frames.write(bytes);
        }
    }

    /** From its frame to the last answer to it. */
    private final class Call implements Runnable {
        final Frame request;
        final Semaphore credit = new Semaphore(0);
        volatile boolean cancelled;

        Call(Frame request) {
            this.request = request;
        }

        @Override
        public void run() {
            Frame answer;
            try {
                answer = answer();
            } catch (IOException | InterruptedException e) {
                Runtime.getRuntime().halt(1); // nobody is there to be told
                return;
            } catch (Throwable e) {
                answer = Frame.of(Kind.FAILED, request.call(), e.getMessage() == null ? e.toString() : e.getMessage());
            }
            try {
                calls.remove(request.call());
                send(answer);
            } catch (IOException e) {
                Runtime.getRuntime().halt(1);
            }
        }

        private Frame answer() throws IOException, InterruptedException {
            return switch (request.kind()) {
                case LOAD -> load();
                case COUNT -> Frame.of(Kind.COUNTED, request.call(), model().encode(request.text()).length);
                case TEMPLATE -> Frame.of(Kind.PROMPT, request.call(), prompt());
                case GENERATE -> generate();
                default -> throw new IOException("a frame " + request.kind() + " is not for this side");
            };
        }

        private LlamaModel model() {
            return Objects.requireNonNull(model, "no model is loaded");
        }

        private Frame load() {
            try {
                // Its static initialiser loads the library.
                Class.forName(LlamaModel.class.getName());
            } catch (ClassNotFoundException | LinkageError e) {
                return Frame.of(Kind.UNAVAILABLE, request.call(), String.valueOf(e.getMessage()));
            }
            List<Integer> numbers = request.numbers();
            ModelParameters parameters = new ModelParameters()
                    .setModel(request.text())
                    .setThreads(numbers.get(0))
                    .setCtxSize(numbers.get(1))
                    .setParallel(numbers.get(2))
                    .disableContextShift()
                    .enableJinja()
                    .disableLog();
            if (numbers.get(3) > 0) {
                parameters.setGpuLayers(numbers.get(3));
            }
            if (numbers.get(4) == 0) {
                parameters.disableMmap();
            }
            model = new LlamaModel(parameters);
            return Frame.of(Kind.READY, request.call());
        }

        private String prompt() {
            List<String> texts = request.texts();
            List<Pair<String, String>> turns = new ArrayList<>();
            for (int i = 1; i + 1 < texts.size(); i += 2) {
                turns.add(new Pair<>(texts.get(i), texts.get(i + 1)));
            }
            return model().applyTemplate(new InferenceParameters("").setMessages(texts.get(0), turns));
        }

        private Frame generate() throws IOException, InterruptedException {
            List<Integer> numbers = request.numbers();
            List<String> texts = request.texts();
            // One more for the mark of the beginning.
            int promptTokens = model().encode(texts.get(0)).length + 1;
            int room = numbers.get(4) - promptTokens;
            if (room < 1) {
                return Frame.of(Kind.REFUSED, request.call(), promptTokens);
            }
            send(Frame.of(Kind.BEGUN, request.call(), promptTokens));
            InferenceParameters parameters = new InferenceParameters(texts.get(0))
                    .setNPredict(Math.min(numbers.get(0), room))
                    .setTemperature(Float.intBitsToFloat(numbers.get(1)))
                    .setSeed(numbers.get(2))
                    .setCachePrompt(false);
            if (texts.size() > 2) {
                parameters.setStopStrings(texts.subList(2, texts.size()).toArray(new String[0]));
            }
            if (!texts.get(1).isEmpty()) {
                parameters.setGrammar(LlamaModel.jsonSchemaToGrammar(texts.get(1)));
            }
            credit.release(numbers.get(3));
            LlamaIterator pieces = model().generate(parameters).iterator();
            List<String> unsent = new ArrayList<>();
            long sent = System.nanoTime() - TOGETHER_NANOS;
            boolean ended = false;
            try {
                while (true) {
                    LlamaOutput piece = pieces.next();
                    ended = !pieces.hasNext();
                    if (!ended && !cancelled && !credit.tryAcquire()) {
                        send(new Frame(Kind.PIECES, request.call(), List.of(), unsent));
                        unsent.clear();
                        credit.acquire();
                    }
                    if (!ended && cancelled) {
                        return Frame.of(Kind.CANCELLED, request.call());
                    }
                    unsent.add(piece.text);
                    if (ended) {
                        return new Frame(Kind.LAST, request.call(), List.of(), unsent);
                    }
                    if (System.nanoTime() - sent >= TOGETHER_NANOS) {
                        send(new Frame(Kind.PIECES, request.call(), List.of(), unsent));
                        unsent.clear();
                        sent = System.nanoTime();
                    }
                }
            } finally {
                if (!ended) {
                    pieces.cancel();
                }
            }
        }
    }
}
