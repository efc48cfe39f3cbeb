package dev.hart.testing;

import static java.util.Objects.requireNonNull;

import dev.hart.HartClock;
import dev.hart.json.Json;
import dev.hart.model.LanguageModel;
import dev.hart.model.Message;
import dev.hart.model.ModelException;
import dev.hart.model.ModelPrice;
import dev.hart.model.ModelReply;
import dev.hart.model.ModelRequest;
import dev.hart.model.TokenCount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A language model that answers what a test wrote down, and says so when the test and the program disagree.
 *
 * <p>Replies are given in the order in which they were scripted, each once. One scripted with {@link #when} is kept for the
 * first request that fits it. A request without a reply gets a {@link ModelException} that is not retryable, and is also
 * reported by {@link #assertUsedUp()}.
 *
 * <p>Tokens of a reply given as text are counted as a quarter of the characters, rounded up. Latency passes on the clock.
 * Thread-safe; at most 10,000 requests are kept.
 */
public final class ScriptedModel implements LanguageModel, AutoCloseable {
    private static final int MAX_REQUESTS = 10_000;
    private static final int CHARACTERS_PER_TOKEN = 4;

    private final HartClock clock;
    private final List<Entry> script = new ArrayList<>();
    private final List<ModelRequest> requests = new ArrayList<>();
    private final List<String> unanswered = new ArrayList<>();
    private String name = "scripted/model";
    private ModelPrice price = ModelPrice.FREE;
    private Duration latency = Duration.ZERO;
    private @Nullable Answer otherwise;
    private int scripted;

    private ScriptedModel(HartClock clock) {
        this.clock = requireNonNull(clock);
    }

    /** A model without a script, on the system's clock. */
    public static ScriptedModel create() {
        return on(HartClock.system());
    }

    /** A model without a script, whose latency passes on that clock. */
    public static ScriptedModel on(HartClock clock) {
        return new ScriptedModel(clock);
    }

    /** A model that fails every request with {@code UNAVAILABLE}: the one to prove that nobody asks. */
    public static ScriptedModel alwaysThrowing() {
        ScriptedModel model = create().named("throwing/model");
        model.otherwise = request -> {
            throw new ModelException(ModelException.Kind.UNAVAILABLE, "this model throws whatever it is asked");
        };
        return model;
    }

    /** The name to report; {@code scripted/model} unless set. */
    public synchronized ScriptedModel named(String name) {
        this.name = requireNonNull(name);
        return this;
    }

    /** The price to report; free unless set. */
    public synchronized ScriptedModel price(ModelPrice price) {
        this.price = requireNonNull(price);
        return this;
    }

    /**
     * How long the replies take that are given as text from here on; no time unless set. A request whose timeout is
     * shorter fails with {@code TIMEOUT} when that has passed.
     *
     * @param latency zero or more
     */
    public synchronized ScriptedModel latency(Duration latency) {
        if (latency.isNegative()) {
            throw new IllegalArgumentException("latency must not be negative, was " + latency);
        }
        this.latency = latency;
        return this;
    }

    /** The next reply: a text. */
    public ScriptedModel reply(String text) {
        return add(null, abbreviated(text), text(text));
    }

    /** The next reply: a value as JSON text. Takes what {@link Json#valueOf} takes. */
    public ScriptedModel replyJson(Object value) {
        return reply(JsonText.compact(Json.valueOf(value)));
    }

    /** The next reply, with its own tokens, tool calls and latency. */
    public ScriptedModel reply(ModelReply reply) {
        requireNonNull(reply);
        return add(null, abbreviated(reply.text()), request -> reply);
    }

    /** The next request fails. */
    public ScriptedModel fail(ModelException failure) {
        requireNonNull(failure);
        return add(null, failure.code(), failing(failure));
    }

    /** Begins a reply that is kept for the first request with these words, in this letter case, in any of its messages. */
    public When when(String words) {
        return new When(
                "a request that says \"" + words + "\"",
                request -> request.messages().stream().anyMatch(m -> m.text().contains(words)));
    }

    /**
     * Begins a reply that is kept for the first request that fits.
     *
     * @param description of such a request, for messages: {@code a request for a plan}
     */
    public When when(String description, Predicate<ModelRequest> fits) {
        return new When(description, fits);
    }

    /** Answers, as often as needed, every request that has no reply of its own. */
    public synchronized ScriptedModel otherwise(Function<ModelRequest, String> text) {
        requireNonNull(text);
        Duration takes = latency;
        this.otherwise = request -> reply(request, text.apply(request), takes);
        return this;
    }

    /** The second half of a reply to certain requests. */
    public final class When {
        private final String description;
        private final Predicate<ModelRequest> fits;

        private When(String description, Predicate<ModelRequest> fits) {
            this.description = requireNonNull(description);
            this.fits = requireNonNull(fits);
        }

        /** It gets this text. */
        public ScriptedModel reply(String text) {
            return add(this, abbreviated(text), text(text));
        }

        /** It gets this value as JSON text. */
        public ScriptedModel replyJson(Object value) {
            return reply(JsonText.compact(Json.valueOf(value)));
        }

        /** It gets this reply. */
        public ScriptedModel reply(ModelReply reply) {
            requireNonNull(reply);
            return add(this, abbreviated(reply.text()), request -> reply);
        }

        /** It fails. */
        public ScriptedModel fail(ModelException failure) {
            requireNonNull(failure);
            return add(this, failure.code(), failing(failure));
        }
    }

    @Override
    public synchronized String name() {
        return name;
    }

    @Override
    public synchronized ModelPrice price() {
        return price;
    }

    @Override
    public ModelReply complete(ModelRequest request) {
        ModelReply reply = next(request).to(request);
        boolean late = reply.latency().compareTo(request.timeout()) > 0;
        try {
            clock.sleep(late ? request.timeout() : reply.latency());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelException(ModelException.Kind.INCOMPLETE, name() + " was interrupted", null, e);
        }
        if (late) {
            throw new ModelException(
                    ModelException.Kind.TIMEOUT,
                    name() + " did not answer within " + request.timeout().toMillis() + " ms");
        }
        return reply;
    }

    /** What it was asked, in order. */
    public synchronized List<ModelRequest> requests() {
        return List.copyOf(requests);
    }

    /**
     * Checks that every scripted reply was given and every request had one.
     *
     * @throws AssertionError naming the replies that are left and the requests that had none
     */
    public synchronized void assertUsedUp() {
        if (script.isEmpty() && unanswered.isEmpty()) {
            return;
        }
        StringBuilder message = new StringBuilder("%s was asked %d times".formatted(name, requests.size()));
        if (!unanswered.isEmpty()) {
            message.append("; the script has no reply to:");
            unanswered.forEach(request -> message.append("\n  - ").append(request));
        }
        if (!script.isEmpty()) {
            message.append(unanswered.isEmpty() ? "; " : "\nand ").append("these replies were not used:");
            script.forEach(entry -> message.append("\n  - ").append(entry));
        }
        throw new AssertionError(message.toString());
    }

    /** The same as {@link #assertUsedUp()}. */
    @Override
    public void close() {
        assertUsedUp();
    }

    private synchronized Answer next(ModelRequest request) {
        if (requests.size() == MAX_REQUESTS) {
            throw new ModelException(
                    ModelException.Kind.REFUSED, name + " was asked " + MAX_REQUESTS + " times: is there a loop?");
        }
        requests.add(request);
        Entry entry = script.stream()
                .filter(e -> e.when != null && e.when.fits.test(request))
                .findFirst()
                .or(() -> script.stream().filter(e -> e.when == null).findFirst())
                .orElse(null);
        if (entry != null) {
            script.remove(entry);
            return entry.answer;
        }
        if (otherwise != null) {
            return otherwise;
        }
        String asked = "call %d: \"%s\"".formatted(requests.size(), abbreviated(lastText(request)));
        unanswered.add(asked);
        throw new ModelException(
                ModelException.Kind.REFUSED,
                "the script of %s has no reply to %s; add one with reply(…) or otherwise(…)".formatted(name, asked));
    }

    private synchronized ScriptedModel add(@Nullable When when, String summary, Answer answer) {
        script.add(new Entry(++scripted, when, summary, answer));
        return this;
    }

    private synchronized Answer text(String text) {
        requireNonNull(text);
        Duration takes = latency;
        return request -> reply(request, text, takes);
    }

    private static Answer failing(ModelException failure) {
        return request -> {
            throw failure;
        };
    }

    private static ModelReply reply(ModelRequest request, String text, Duration latency) {
        long asked =
                request.messages().stream().mapToLong(m -> tokensOf(m.text())).sum();
        return new ModelReply(text, List.of(), new TokenCount(asked, tokensOf(text)), latency);
    }

    private static long tokensOf(String text) {
        return (text.length() + CHARACTERS_PER_TOKEN - 1) / CHARACTERS_PER_TOKEN;
    }

    private static String lastText(ModelRequest request) {
        List<Message> messages = request.messages();
        return messages.get(messages.size() - 1).text();
    }

    private static String abbreviated(String text) {
        String line = text.lines().map(String::strip).filter(l -> !l.isEmpty()).collect(Collectors.joining(" "));
        return line.length() <= 120 ? line : line.substring(0, 119) + "…";
    }

    @FunctionalInterface
    private interface Answer {
        ModelReply to(ModelRequest request);
    }

    private record Entry(int number, @Nullable When when, String summary, Answer answer) {
        @Override
        public String toString() {
            return "reply %d%s: %s".formatted(number, when == null ? "" : " to " + when.description, summary);
        }
    }
}
