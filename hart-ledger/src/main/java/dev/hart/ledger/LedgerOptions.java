package dev.hart.ledger;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How one ledger behaves; chosen when it is made, and kept with it. Begin with {@link #defaults()} and name what differs.
 *
 * @param resume how a blocked task goes on; {@link ResumeRule#AUTO} unless set
 * @param onChildFailure {@link ChildFailureRule#RESUME_PARENT} unless set
 * @param onDependencyFailure {@link DependencyFailureRule#WAIT} unless set
 * @param stripes how many chains the history has, 1 to 64; writers of different stripes do not wait for each other on
 *     PostgreSQL. 1 unless set, and 16 on PostgreSQL
 * @param retryBase the delay before the first retry; doubled for each more. 1 s unless set
 * @param retryCap the longest delay before a retry; 300 s unless set
 * @param retryJitter up to this share of the delay is added at random, 0 to 1; 0 unless set
 * @param leaseTime how long a claim lasts without a heartbeat, 1 s to 24 h; 90 s unless set
 * @param ageingStep a task that waited this long counts as one priority higher, at most 100; null, the default, for no ageing
 * @param anyCapability whether one of a task's required capabilities is enough; false unless set
 * @param messages whether dependents are sent the results of what they wait for; true unless set
 * @param logHeartbeats whether each heartbeat is an event; false unless set
 * @param maxPayloadBytes the largest context or result, as JSON in UTF-8, 1 KiB to 2 MiB; 256 KiB unless set
 * @param origin where the ledger was made, for tasks that may not leave it; nowhere in particular unless set
 */
public record LedgerOptions(
        ResumeRule resume,
        ChildFailureRule onChildFailure,
        DependencyFailureRule onDependencyFailure,
        int stripes,
        Duration retryBase,
        Duration retryCap,
        double retryJitter,
        Duration leaseTime,
        @Nullable Duration ageingStep,
        boolean anyCapability,
        boolean messages,
        boolean logHeartbeats,
        int maxPayloadBytes,
        Origin origin) {
    private static final int MAX_PARSED = 1_000;
    private static final Map<String, LedgerOptions> PARSED = new ConcurrentHashMap<>();
    private static final LedgerOptions DEFAULTS = new LedgerOptions(
            ResumeRule.AUTO,
            ChildFailureRule.RESUME_PARENT,
            DependencyFailureRule.WAIT,
            1,
            Duration.ofSeconds(1),
            Duration.ofSeconds(300),
            0,
            Duration.ofSeconds(90),
            null,
            false,
            true,
            false,
            256 * 1024,
            Origin.UNKNOWN);
    /** Of the ledgers of runs: the run itself carries results from step to step. */
    private static final LedgerOptions RUN =
            DEFAULTS.maxPayloadBytes(Limits.MAX_PAYLOAD_BYTES).messages(false);

    /** Where a ledger was made. Null parts match nothing. */
    public record Origin(
            @Nullable String nodeId,
            @Nullable String region,
            @Nullable String organisation) {
        static final Origin UNKNOWN = new Origin(null, null, null);
    }

    /** @throws dev.hart.error.LedgerException INVALID_ARGUMENT for a value out of its range */
    public LedgerOptions {
        Limits.requireRange("stripes", stripes, 1, 64);
        Limits.requireRange(
                "retryBase in ms", retryBase.toMillis(), 0, Duration.ofDays(1).toMillis());
        Limits.requireRange(
                "retryCap in ms", retryCap.toMillis(), 0, Duration.ofDays(1).toMillis());
        Limits.requireRange(
                "leaseTime in s", leaseTime.toSeconds(), 1, Duration.ofDays(1).toSeconds());
        if (!(retryJitter >= 0 && retryJitter <= 1)) {
            throw Limits.invalid("retryJitter must be 0 to 1, was " + retryJitter);
        }
        if (ageingStep != null) {
            Limits.requireRange(
                    "ageingStep in s",
                    ageingStep.toSeconds(),
                    1,
                    Duration.ofDays(365).toSeconds());
        }
        Limits.requireRange("maxPayloadBytes", maxPayloadBytes, 1024, Limits.MAX_PAYLOAD_BYTES);
    }

    public static LedgerOptions defaults() {
        return DEFAULTS;
    }

    /** What a ledger has that nobody gave options to. */
    static LedgerOptions of(LedgerId id) {
        return id.isRun() ? RUN : DEFAULTS;
    }

    public LedgerOptions resume(ResumeRule rule) {
        return parsed(Map.of("resume", rule.wireName()), this);
    }

    public LedgerOptions onChildFailure(ChildFailureRule rule) {
        return parsed(Map.of("on_child_failure", rule.wireName()), this);
    }

    public LedgerOptions onDependencyFailure(DependencyFailureRule rule) {
        return parsed(Map.of("on_dependency_failure", rule.wireName()), this);
    }

    public LedgerOptions stripes(int count) {
        return parsed(Map.of("stripes", (long) count), this);
    }

    public LedgerOptions retries(Duration base, Duration cap, double jitter) {
        return parsed(
                Map.of(
                        "retry_base_ms", base.toMillis(),
                        "retry_cap_ms", cap.toMillis(),
                        "retry_jitter", java.math.BigDecimal.valueOf(jitter)),
                this);
    }

    public LedgerOptions leaseTime(Duration time) {
        return parsed(Map.of("lease_ms", time.toMillis()), this);
    }

    public LedgerOptions ageingStep(Duration step) {
        return parsed(Map.of("ageing_step_ms", step.toMillis()), this);
    }

    public LedgerOptions anyCapability(boolean any) {
        return parsed(Map.of("any_capability", any), this);
    }

    public LedgerOptions messages(boolean sent) {
        return parsed(Map.of("messages", sent), this);
    }

    public LedgerOptions logHeartbeats(boolean logged) {
        return parsed(Map.of("log_heartbeats", logged), this);
    }

    public LedgerOptions maxPayloadBytes(int most) {
        return parsed(Map.of("max_payload_bytes", (long) most), this);
    }

    public LedgerOptions origin(Origin origin) {
        Map<String, Object> parts = new LinkedHashMap<>();
        put(parts, "origin_node", origin.nodeId());
        put(parts, "origin_region", origin.region());
        put(parts, "origin_organisation", origin.organisation());
        return parsed(parts, this);
    }

    private static void put(Map<String, Object> map, String key, @Nullable Object value) {
        if (value != null) {
            map.put(key, value);
        }
    }

    /** What differs from the defaults, as canonical JSON. */
    String json() {
        Map<String, Object> json = new LinkedHashMap<>();
        differs(json, "resume", resume.wireName(), DEFAULTS.resume.wireName());
        differs(json, "on_child_failure", onChildFailure.wireName(), DEFAULTS.onChildFailure.wireName());
        differs(json, "on_dependency_failure", onDependencyFailure.wireName(), DEFAULTS.onDependencyFailure.wireName());
        differs(json, "stripes", (long) stripes, (long) DEFAULTS.stripes);
        differs(json, "retry_base_ms", retryBase.toMillis(), DEFAULTS.retryBase.toMillis());
        differs(json, "retry_cap_ms", retryCap.toMillis(), DEFAULTS.retryCap.toMillis());
        differs(json, "retry_jitter", java.math.BigDecimal.valueOf(retryJitter), java.math.BigDecimal.valueOf(0.0));
        differs(json, "lease_ms", leaseTime.toMillis(), DEFAULTS.leaseTime.toMillis());
        put(json, "ageing_step_ms", ageingStep == null ? null : ageingStep.toMillis());
        differs(json, "any_capability", anyCapability, DEFAULTS.anyCapability);
        differs(json, "messages", messages, DEFAULTS.messages);
        differs(json, "log_heartbeats", logHeartbeats, DEFAULTS.logHeartbeats);
        differs(json, "max_payload_bytes", (long) maxPayloadBytes, (long) DEFAULTS.maxPayloadBytes);
        put(json, "origin_node", origin.nodeId());
        put(json, "origin_region", origin.region());
        put(json, "origin_organisation", origin.organisation());
        return CanonicalJson.write(json);
    }

    private static void differs(Map<String, Object> json, String key, Object value, Object usual) {
        if (!Objects.equals(value, usual)) {
            json.put(key, value);
        }
    }

    static LedgerOptions parse(String json) {
        LedgerOptions known = PARSED.get(json);
        if (known == null) {
            known = parsed(CanonicalJson.readObject(json), DEFAULTS);
            if (PARSED.size() < MAX_PARSED) {
                PARSED.put(json, known);
            }
        }
        return known;
    }

    private static LedgerOptions parsed(Map<String, ? extends @Nullable Object> json, LedgerOptions base) {
        return new LedgerOptions(
                constant(ResumeRule.class, json.get("resume"), base.resume),
                constant(ChildFailureRule.class, json.get("on_child_failure"), base.onChildFailure),
                constant(DependencyFailureRule.class, json.get("on_dependency_failure"), base.onDependencyFailure),
                (int) number(json.get("stripes"), base.stripes),
                Duration.ofMillis(number(json.get("retry_base_ms"), base.retryBase.toMillis())),
                Duration.ofMillis(number(json.get("retry_cap_ms"), base.retryCap.toMillis())),
                json.get("retry_jitter") instanceof Number jitter ? jitter.doubleValue() : base.retryJitter,
                Duration.ofMillis(number(json.get("lease_ms"), base.leaseTime.toMillis())),
                json.get("ageing_step_ms") instanceof Number step
                        ? Duration.ofMillis(step.longValue())
                        : base.ageingStep,
                flag(json.get("any_capability"), base.anyCapability),
                flag(json.get("messages"), base.messages),
                flag(json.get("log_heartbeats"), base.logHeartbeats),
                (int) number(json.get("max_payload_bytes"), base.maxPayloadBytes),
                new Origin(
                        text(json.get("origin_node"), base.origin.nodeId()),
                        text(json.get("origin_region"), base.origin.region()),
                        text(json.get("origin_organisation"), base.origin.organisation())));
    }

    private static <E extends Enum<E>> E constant(Class<E> type, @Nullable Object name, E otherwise) {
        return name instanceof String text ? WireNames.parse(type, text) : otherwise;
    }

    private static long number(@Nullable Object value, long otherwise) {
        return value instanceof Number number ? number.longValue() : otherwise;
    }

    private static boolean flag(@Nullable Object value, boolean otherwise) {
        return value instanceof Boolean flag ? flag : otherwise;
    }

    private static @Nullable String text(@Nullable Object value, @Nullable String otherwise) {
        return value instanceof String text ? text : otherwise;
    }
}
