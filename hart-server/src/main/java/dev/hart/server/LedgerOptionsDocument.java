package dev.hart.server;

import dev.hart.ledger.ChildFailureRule;
import dev.hart.ledger.DependencyFailureRule;
import dev.hart.ledger.LedgerOptions;
import dev.hart.ledger.ResumeRule;
import dev.hart.server.LedgerDocuments.Fields;
import dev.hart.server.LedgerDocuments.Given;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The options of a ledger on the wire. */
final class LedgerOptionsDocument {
    /** What each option that is given does to those that are not. */
    private static final Map<String, BiFunction<LedgerOptions, Given, LedgerOptions>> OPTIONS = new LinkedHashMap<>();

    static {
        OPTIONS.put("resume", (options, given) -> options.resume(given.constant(ResumeRule.class)));
        OPTIONS.put(
                "on_child_failure", (options, given) -> options.onChildFailure(given.constant(ChildFailureRule.class)));
        OPTIONS.put(
                "on_dependency_failure",
                (options, given) -> options.onDependencyFailure(given.constant(DependencyFailureRule.class)));
        OPTIONS.put("stripes", (options, given) -> options.stripes(given.number()));
        OPTIONS.put(
                "retry_base_s",
                (options, given) -> options.retries(given.duration(), options.retryCap(), options.retryJitter()));
        OPTIONS.put(
                "retry_cap_s",
                (options, given) -> options.retries(options.retryBase(), given.duration(), options.retryJitter()));
        OPTIONS.put(
                "retry_jitter",
                (options, given) -> options.retries(options.retryBase(), options.retryCap(), share(given)));
        OPTIONS.put("lease_s", (options, given) -> options.leaseTime(given.duration()));
        OPTIONS.put("ageing_step_s", (options, given) -> options.ageingStep(given.duration()));
        OPTIONS.put("any_capability", (options, given) -> options.anyCapability(given.flag()));
        OPTIONS.put("messages", (options, given) -> options.messages(given.flag()));
        OPTIONS.put("log_heartbeats", (options, given) -> options.logHeartbeats(given.flag()));
        OPTIONS.put("max_payload_bytes", (options, given) -> options.maxPayloadBytes(given.number()));
        OPTIONS.put("origin", (options, given) -> options.origin(origin(given)));
    }

    private LedgerOptionsDocument() {}

    static List<String> names() {
        return List.copyOf(OPTIONS.keySet());
    }

    /**
     * Options that are {@code usual} but for those that are given.
     *
     * @throws dev.hart.error.LedgerException INVALID_ARGUMENT, naming the option
     */
    static LedgerOptions read(Map<String, ? extends @Nullable Object> document, LedgerOptions usual) {
        LedgerOptions options = usual;
        for (Map.Entry<String, ? extends @Nullable Object> entry : document.entrySet()) {
            BiFunction<LedgerOptions, Given, LedgerOptions> option = OPTIONS.get(entry.getKey());
            if (option == null) {
                throw LedgerDocuments.invalid("a ledger has no option '%s'; it has %s"
                        .formatted(entry.getKey(), String.join(", ", OPTIONS.keySet())));
            }
            options = option.apply(options, new Given(entry.getKey(), entry.getValue()));
        }
        return options;
    }

    private static double share(Given given) {
        if (given.value() instanceof Number number) {
            return number.doubleValue();
        }
        throw given.wrong("a number from 0 to 1");
    }

    private static LedgerOptions.Origin origin(Given given) {
        Map<String, @Nullable Object> parts = given.object();
        for (String name : parts.keySet()) {
            if (!List.of("node_id", "region", "organisation").contains(name)) {
                throw given.wrong("an object of node_id, region and organisation");
            }
        }
        return new LedgerOptions.Origin(text(parts, "node_id"), text(parts, "region"), text(parts, "organisation"));
    }

    private static @Nullable String text(Map<String, @Nullable Object> parts, String name) {
        Object value = parts.get(name);
        return value == null ? null : new Given("origin." + name, value).text();
    }

    static Map<String, @Nullable Object> write(LedgerOptions options) {
        return new Fields()
                .put("resume", options.resume())
                .put("on_child_failure", options.onChildFailure())
                .put("on_dependency_failure", options.onDependencyFailure())
                .put("stripes", (long) options.stripes())
                .put("retry_base_s", options.retryBase())
                .put("retry_cap_s", options.retryCap())
                .put("retry_jitter", BigDecimal.valueOf(options.retryJitter()))
                .put("lease_s", options.leaseTime())
                .put("ageing_step_s", options.ageingStep())
                .put("any_capability", options.anyCapability())
                .put("messages", options.messages())
                .put("log_heartbeats", options.logHeartbeats())
                .put("max_payload_bytes", (long) options.maxPayloadBytes())
                .put(
                        "origin",
                        new Fields()
                                .put("node_id", options.origin().nodeId())
                                .put("region", options.origin().region())
                                .put("organisation", options.origin().organisation())
                                .map())
                .map();
    }
}
