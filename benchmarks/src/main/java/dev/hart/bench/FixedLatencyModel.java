package dev.hart.bench;

import dev.hart.model.LanguageModel;
import dev.hart.model.ModelException;
import dev.hart.model.ModelReply;
import dev.hart.model.ModelRequest;
import dev.hart.model.TokenCount;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model in this process that takes the same time for each answer: it plans {@code price order N} with the five tools of
 * {@link ShopTools}, and finds every action well done. What a run takes beyond its calls is then HART's own.
 */
final class FixedLatencyModel implements LanguageModel {
    private static final Pattern ORDER = Pattern.compile("order (\\d+)");
    private static final String PLAN = """
            {"name": "price-order", "actions": [
              {"name": "price", "description": "look up the price", "kind": "TOOL", "tool": "shop.price", "args": {"order": %s}},
              {"name": "discount", "description": "take the discount off", "kind": "TOOL", "tool": "shop.discount",
               "args": {"amount": "{{price}}"}},
              {"name": "tax", "description": "add the tax", "kind": "TOOL", "tool": "shop.tax", "args": {"amount": "{{discount}}"}},
              {"name": "shipping", "description": "add the shipping", "kind": "TOOL", "tool": "shop.shipping",
               "args": {"amount": "{{tax}}"}},
              {"name": "label", "description": "write the price tag", "kind": "TOOL", "tool": "shop.label",
               "args": {"amount": "{{shipping}}"}}],
             "answers": ["label"], "cannot": []}""";
    private static final String VERDICT = "{\"status\": \"completed\", \"message\": \"it was done\"}";

    private final Duration latency;
    private final AtomicInteger calls = new AtomicInteger();

    FixedLatencyModel(Duration latency) {
        this.latency = latency;
    }

    /** How often it was asked. */
    int calls() {
        return calls.get();
    }

    @Override
    public String name() {
        return "bench/fixed-latency";
    }

    @Override
    public ModelReply complete(ModelRequest request) {
        calls.incrementAndGet();
        try {
            Thread.sleep(latency.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelException(ModelException.Kind.TIMEOUT, "the run was interrupted", null, e);
        }
        String asked = request.messages().get(request.messages().size() - 1).text();
        return new ModelReply(answer(request, asked), List.of(), new TokenCount(1_000, 100), latency);
    }

    private static String answer(ModelRequest request, String asked) {
        boolean plans = request.responseSchema() != null
                && request.responseSchema().get("properties") instanceof Map<?, ?> properties
                && properties.containsKey("actions");
        if (!plans) {
            return VERDICT;
        }
        Matcher order = ORDER.matcher(asked);
        if (!order.find()) {
            throw new IllegalStateException("asked to plan something else than the benchmark does: " + asked);
        }
        return PLAN.formatted(order.group(1));
    }
}
