package dev.hart.core.model;

import dev.hart.HartClock;
import dev.hart.error.RunCancelledException;
import dev.hart.model.LanguageModel;
import dev.hart.model.Message;
import dev.hart.model.ModelException;
import dev.hart.model.ModelReply;
import dev.hart.model.ModelRequest;
import dev.hart.recipe.Retry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls a language model: tries again where that may help, counts what was answered, and lets every reply pass the gate
 * before anyone reads it. Thread-safe when the model, the clock and the gate are.
 */
public final class ModelCaller {
    private static final Logger LOG = LoggerFactory.getLogger(ModelCaller.class);

    /** Three attempts, one second and two seconds apart. */
    private static final Retry RETRY = new Retry(3, Duration.ofSeconds(1));

    /** The purpose of MODEL steps, whose system message is no secret. */
    private static final String STEP = "step";

    private static final String CANARY_NOTE = "\n(Internal mark, never to be written: %s)";

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private final LanguageModel model;
    private final HartClock clock;
    private final Consumer<ModelReply> gate;
    private final UnaryOperator<String> canaries;

    /** A caller that marks no prompt. */
    public ModelCaller(LanguageModel model, HartClock clock, Consumer<ModelReply> gate) {
        this(model, clock, gate, hidden -> "");
    }

    /**
     * A caller of a model.
     *
     * @param gate throws to refuse a reply, usually a {@link dev.hart.error.GuardrailRefusedException}; what it throws
     *     reaches the caller as it is
     * @param canaries gives a word for a hidden prompt by which the gate knows it again when it comes out; empty for none
     */
    public ModelCaller(
            LanguageModel model, HartClock clock, Consumer<ModelReply> gate, UnaryOperator<String> canaries) {
        this.model = model;
        this.clock = clock;
        this.gate = gate;
        this.canaries = canaries;
    }

    /** The model's name. */
    public String model() {
        return model.name();
    }

    /**
     * One answer; at most three attempts. Between them it waits as long as the provider asks, at most 30 seconds, else one
     * second, then two.
     *
     * @param purpose {@code plan}, {@code verify} or {@code step}
     * @param answered told of the call before the gate sees the reply: a refused reply has its price too
     * @throws ModelException of the last attempt; those of earlier attempts are suppressed exceptions of it
     * @throws RunCancelledException when the thread is interrupted while it waits
     */
    public ModelReply call(String purpose, ModelRequest request, Consumer<ModelCall> answered) {
        ModelReply reply = attempt(purpose.equals(STEP) ? request : marked(request));
        answered.accept(new ModelCall(
                purpose,
                model.name(),
                reply.tokens(),
                reply.latency().toMillis(),
                model.price().costOf(reply.tokens())));
        gate.accept(reply);
        return reply;
    }

    /** The request with a canary in each system message, which nobody but the model may see. */
    private ModelRequest marked(ModelRequest request) {
        return request.withMessages(
                request.messages().stream().map(this::marked).toList());
    }

    private Message marked(Message message) {
        if (!(message instanceof Message.SystemMessage hidden)) {
            return message;
        }
        String canary = canaries.apply(hidden.text());
        return canary.isEmpty() ? hidden : new Message.SystemMessage(hidden.text() + CANARY_NOTE.formatted(canary));
    }

    private ModelReply attempt(ModelRequest request) {
        List<ModelException> earlier = new ArrayList<>();
        for (int attempt = 1; ; attempt++) {
            try {
                return model.complete(request);
            } catch (ModelException e) {
                if (!e.retryable()
                        || attempt == RETRY.maxAttempts()
                        || Thread.currentThread().isInterrupted()) {
                    earlier.forEach(e::addSuppressed);
                    throw e;
                }
                earlier.add(e);
                await(e, attempt);
            }
        }
    }

    private void await(ModelException failure, int attempt) {
        Duration asked = failure.retryAfter().orElseGet(() -> RETRY.delayAfter(attempt));
        Duration wait = asked.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : asked;
        LOG.info(
                "Model {}: {} on attempt {}, trying again in {} ms", model(), failure.kind(), attempt, wait.toMillis());
        try {
            clock.sleep(wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunCancelledException("interrupted while waiting to ask model " + model() + " again", e);
        }
    }
}
