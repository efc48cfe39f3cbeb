package dev.hart.server;

import dev.hart.Spark;
import dev.hart.error.LedgerException;
import dev.hart.ledger.BlockedReason;
import dev.hart.ledger.Checkpoint;
import dev.hart.ledger.Consensus;
import dev.hart.ledger.EventCursor;
import dev.hart.ledger.ExecutionMode;
import dev.hart.ledger.Lease;
import dev.hart.ledger.Ledger;
import dev.hart.ledger.LedgerEvent;
import dev.hart.ledger.LedgerSummary;
import dev.hart.ledger.Locality;
import dev.hart.ledger.NewTask;
import dev.hart.ledger.Outcome;
import dev.hart.ledger.Sensitivity;
import dev.hart.ledger.Snapshot;
import dev.hart.ledger.Task;
import dev.hart.ledger.TaskDocument;
import dev.hart.ledger.TaskStatus;
import dev.hart.ledger.TaskType;
import dev.hart.ledger.VerifyReport;
import dev.hart.ledger.Vote;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What ledgers are on the wire: names in {@code snake_case}, instants in UTC with three decimals, durations in seconds where
 * the name ends in {@code _s}, Spark as decimal text.
 */
public final class LedgerDocuments {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private LedgerDocuments() {}

    /** Fields in their order; those without a value are left out. */
    static final class Fields {
        private final Map<String, @Nullable Object> map = new LinkedHashMap<>();

        Fields put(String name, @Nullable Object value) {
            if (value instanceof Instant at) {
                map.put(name, instant(at));
            } else if (value instanceof Duration time) {
                map.put(name, seconds(time));
            } else if (value instanceof Enum<?> constant) {
                map.put(name, wireName(constant));
            } else if (value != null) {
                map.put(name, value);
            }
            return this;
        }

        Map<String, @Nullable Object> map() {
            return map;
        }
    }

    static String wireName(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    static String instant(Instant at) {
        return TIME.format(at);
    }

    private static BigDecimal seconds(Duration time) {
        return BigDecimal.valueOf(time.toMillis(), 3);
    }

    /** A task as it stands, see {@link TaskDocument}, with what lists need. */
    public static Map<String, @Nullable Object> task(Task task) {
        return with(task, TaskDocument.of(task));
    }

    /** The same, with its place in the graph and its histories. */
    static Map<String, @Nullable Object> task(Ledger ledger, Task task) {
        return with(task, ledger.document(task.taskId()));
    }

    private static Map<String, @Nullable Object> with(Task task, Map<String, @Nullable Object> document) {
        document.put("ledger_id", task.ledger().key());
        document.put("created_no", task.createdNo());
        document.put("claimable", task.claimable());
        return document;
    }

    /** The JSON Schema of a task: what each has. */
    static Map<String, @Nullable Object> taskSchema() {
        return object(List.of("task_id", "ledger_id", "description", "task_type", "status", "priority", "version"));
    }

    /** The JSON Schema of an object that has at least these fields. */
    static Map<String, @Nullable Object> object(List<String> required) {
        return Map.of("type", "object", "required", required);
    }

    /** What a ledger amounts to. */
    public static Map<String, @Nullable Object> summary(LedgerSummary summary) {
        Map<String, @Nullable Object> breakdown = new LinkedHashMap<>();
        summary.tasks().forEach((status, count) -> breakdown.put(status.wireName(), count));
        return new Fields()
                .put("ledger_id", summary.ledger().key())
                .put("agent_id", summary.ledger().agentId())
                .put("session_id", summary.ledger().sessionId())
                .put("created_at", summary.createdAt())
                .put("state", summary.state())
                .put("total", summary.taskCount())
                .put("completed", summary.tasks().getOrDefault(TaskStatus.COMPLETED, 0L))
                .put("progress", percent(summary.tasks().getOrDefault(TaskStatus.COMPLETED, 0L), summary.taskCount()))
                .put("status_breakdown", breakdown)
                .put("events", summary.eventCount())
                .put("end", summary.end().toString())
                .map();
    }

    /** Such as {@code 33.3%}; {@code 0%} of nothing. */
    static String percent(long part, long whole) {
        return whole == 0 ? "0%" : onePlace(part, whole) + "%";
    }

    static BigDecimal onePlace(long part, long whole) {
        return whole == 0
                ? BigDecimal.ZERO
                : BigDecimal.valueOf(part * 100).divide(BigDecimal.valueOf(whole), 1, java.math.RoundingMode.HALF_UP);
    }

    /**
     * An event.
     *
     * @param id where a reader goes on who has seen it; null to leave it out
     */
    public static Map<String, @Nullable Object> event(LedgerEvent event, @Nullable EventCursor id) {
        Map<String, @Nullable Object> document = TaskDocument.of(event);
        if (id != null) {
            document.put("id", id.toString());
        }
        return document;
    }

    static Map<String, @Nullable Object> lease(Lease lease) {
        return new Fields()
                .put("task", task(lease.task()))
                .put("lease_token", lease.token())
                .put("lease_until", lease.until())
                .put("lease_s", lease.duration())
                .put("attempt", (long) lease.attempt())
                .put("idempotency_key", lease.idempotencyKey())
                .map();
    }

    /** A signed checkpoint, with the text that is signed. */
    public static Map<String, @Nullable Object> checkpoint(Checkpoint checkpoint) {
        return new Fields()
                .put("no", checkpoint.no())
                .put("at", checkpoint.at())
                .put(
                        "heads",
                        checkpoint.heads().stream()
                                .map(head -> new Fields()
                                        .put("stripe", (long) head.stripe())
                                        .put("seq", head.seq())
                                        .put("hash", head.hash())
                                        .map())
                                .toList())
                .put("key_id", checkpoint.keyId())
                .put("signature", checkpoint.signature())
                .put("statement", checkpoint.statement())
                .map();
    }

    /** What a verification found. */
    public static Map<String, @Nullable Object> verification(VerifyReport report) {
        Fields fields = new Fields()
                .put("ok", report.isOk())
                .put("finding", finding(report))
                .put("message", report.toString());
        if (report instanceof VerifyReport.Ok ok) {
            fields.put("events", ok.events())
                    .put("checkpoints", ok.checkpoints())
                    .put("unknown_checkpoints", ok.unknown());
        } else if (report instanceof VerifyReport.Broken broken) {
            fields.put("stripe", (long) broken.stripe()).put("seq", broken.seq());
        } else if (report instanceof VerifyReport.MissingSeq missing) {
            fields.put("stripe", (long) missing.stripe()).put("seq", missing.seq());
        } else if (report instanceof VerifyReport.BehindCheckpoint behind) {
            fields.put("stripe", (long) behind.stripe())
                    .put("seq", behind.lastSeq())
                    .put("signed_seq", behind.signedSeq());
        } else if (report instanceof VerifyReport.BadSignature bad) {
            fields.put("checkpoint", bad.checkpoint()).put("key_id", bad.keyId());
        } else if (report instanceof VerifyReport.ProjectionDiffers differs) {
            fields.put("task_id", differs.taskId());
        }
        return fields.map();
    }

    private static String finding(VerifyReport report) {
        return report.getClass()
                .getSimpleName()
                .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                .toLowerCase(Locale.ROOT);
    }

    static Map<String, @Nullable Object> consensus(Consensus consensus) {
        return new Fields()
                .put("total", (long) consensus.total())
                .put("agreed", (long) consensus.agreed())
                .put("decision", consensus.decision())
                .map();
    }

    static Map<String, @Nullable Object> vote(Vote vote) {
        return new Fields()
                .put("verifier", vote.verifier())
                .put("verdict", vote.verdict())
                .put("attempt", (long) vote.attempt())
                .put("result_hash", vote.resultHash())
                .put("evidence", vote.evidence())
                .put("at", vote.at())
                .map();
    }

    static Map<String, @Nullable Object> snapshot(Snapshot snapshot) {
        return new Fields()
                .put("snapshot_id", snapshot.snapshotId())
                .put("label", snapshot.label())
                .put("agent_id", snapshot.ledger().agentId())
                .put("session_id", snapshot.ledger().sessionId())
                .put("created_at", snapshot.createdAt())
                .put("task_count", (long) snapshot.tasks().size())
                .map();
    }

    static Map<String, @Nullable Object> comparison(Snapshot.Comparison comparison) {
        return new Fields()
                .put("new_tasks", comparison.newTasks())
                .put("removed_tasks", comparison.removedTasks())
                .put(
                        "changed_tasks",
                        comparison.changedTasks().stream()
                                .map(change -> new Fields()
                                        .put("task_id", change.taskId())
                                        .put("was", change.was())
                                        .put("now", change.now())
                                        .map())
                                .toList())
                .put("completed_since", comparison.completedSince())
                .map();
    }

    // ---- the way in

    /** What each field of a task to be added does to it. */
    private static final Map<String, BiFunction<NewTask, Given, NewTask>> NEW_TASK = new LinkedHashMap<>();

    static {
        NEW_TASK.put("task_id", (task, given) -> task);
        NEW_TASK.put("description", (task, given) -> task);
        NEW_TASK.put("task_type", (task, given) -> task.type(given.constant(TaskType.class)));
        NEW_TASK.put("execution_mode", (task, given) -> task.executionMode(given.constant(ExecutionMode.class)));
        NEW_TASK.put("priority", (task, given) -> task.priority(given.clampedNumber()));
        NEW_TASK.put("parent_task_id", (task, given) -> task.childOf(given.text()));
        NEW_TASK.put("context", (task, given) -> task.context(given.object()));
        NEW_TASK.put("container", (task, given) -> given.flag() ? task.asContainer() : task);
        NEW_TASK.put("auto_complete", (task, given) -> given.flag() ? task.asAutoCompleting() : task);
        NEW_TASK.put("max_retries", (task, given) -> task.maxRetries(given.number()));
        NEW_TASK.put("prerequisites", (task, given) -> task.after(given.texts()));
        NEW_TASK.put("edges", (task, given) -> edges(task, given));
        NEW_TASK.put("blocked_by", (task, given) -> task.blockedBy(given.texts()));
        NEW_TASK.put("blocked_reason", (task, given) -> task.blocked(given.constant(BlockedReason.class)));
        NEW_TASK.put("scheduled_at", (task, given) -> task.scheduledAt(given.instant()));
        NEW_TASK.put("time_budget_s", (task, given) -> task.timeBudget(given.duration()));
        NEW_TASK.put("timeout_s", (task, given) -> task.timeout(given.duration()));
        NEW_TASK.put("spark_budget", (task, given) -> task.sparkBudget(given.spark()));
        NEW_TASK.put("sla_target_s", (task, given) -> task.slaTarget(given.duration()));
        NEW_TASK.put("deadline", (task, given) -> task.deadline(given.instant()));
        NEW_TASK.put("heartbeat_interval_s", (task, given) -> task.heartbeatInterval(given.duration()));
        NEW_TASK.put("compute_requirements", (task, given) -> task.computeRequirements(given.solidObject()));
        NEW_TASK.put("required_capabilities", (task, given) -> task.requiredCapabilities(given.texts()));
        NEW_TASK.put("locality", (task, given) -> task.locality(given.constant(Locality.class)));
        NEW_TASK.put("sensitivity", (task, given) -> task.sensitivity(given.constant(Sensitivity.class)));
        NEW_TASK.put("sealed", (task, given) -> given.flag() ? task.sealed() : task);
    }

    /** The fields of a task to be added. */
    static List<String> newTaskFields() {
        return List.copyOf(NEW_TASK.keySet());
    }

    /**
     * A task to be added; {@code task_id} and {@code description} are needed.
     *
     * @throws LedgerException INVALID_ARGUMENT, naming the field
     */
    static NewTask newTask(Map<String, ? extends @Nullable Object> document) {
        return with(
                NewTask.of(
                        new Given("task_id", document.get("task_id")).text(),
                        new Given("description", document.get("description")).text()),
                document);
    }

    /** The same, of a task that has its id and description. */
    static NewTask with(NewTask named, Map<String, ? extends @Nullable Object> document) {
        for (String name : document.keySet()) {
            if (!NEW_TASK.containsKey(name)) {
                throw invalid("a new task has no field '%s'; it has %s"
                        .formatted(name, String.join(", ", NEW_TASK.keySet())));
            }
        }
        NewTask task = named;
        for (Map.Entry<String, BiFunction<NewTask, Given, NewTask>> field : NEW_TASK.entrySet()) {
            Object value = document.get(field.getKey());
            if (value != null) {
                task = field.getValue().apply(task, new Given(field.getKey(), value));
            }
        }
        return task;
    }

    private static NewTask edges(NewTask task, Given given) {
        NewTask with = task;
        for (Object item : given.list()) {
            if (!(item instanceof Map<?, ?> edge)) {
                throw given.wrong("a list of {from, condition, strict}");
            }
            String from = new Given("edges.from", edge.get("from")).text();
            Object condition = edge.get("condition");
            if (Boolean.TRUE.equals(edge.get("strict"))) {
                with = with.afterCompletionOf(from);
            } else {
                with = with.after(
                        from,
                        condition == null
                                ? Outcome.SUCCESS
                                : new Given("edges.condition", condition).constant(Outcome.class));
            }
        }
        return with;
    }

    static LedgerException invalid(String message) {
        return new LedgerException("INVALID_ARGUMENT", message);
    }

    /** A value that came in under a name, read as what it must be. */
    record Given(String name, @Nullable Object value) {

        LedgerException wrong(String expected) {
            return invalid("'%s' must be %s, was %s"
                    .formatted(name, expected, value == null ? "missing" : JsonText.write(value)));
        }

        String text() {
            if (value instanceof String text) {
                return text;
            }
            throw wrong("a text");
        }

        boolean flag() {
            if (value instanceof Boolean flag) {
                return flag;
            }
            throw wrong("true or false");
        }

        int number() {
            return (int) wholeNumber(Integer.MIN_VALUE, Integer.MAX_VALUE);
        }

        long wholeNumber(long least, long most) {
            if (value instanceof Long number && number >= least && number <= most) {
                return number;
            }
            throw wrong("a whole number from %d to %d".formatted(least, most));
        }

        /** Any number; those beyond an int become the nearest. */
        int clampedNumber() {
            if (value instanceof Number number) {
                BigDecimal exact = new BigDecimal(number.toString());
                return exact.max(BigDecimal.valueOf(Integer.MIN_VALUE))
                        .min(BigDecimal.valueOf(Integer.MAX_VALUE))
                        .intValue();
            }
            throw wrong("a number");
        }

        List<?> list() {
            if (value instanceof List<?> list) {
                return list;
            }
            throw wrong("a list");
        }

        String[] texts() {
            return list().stream()
                    .map(item -> {
                        if (item instanceof String text) {
                            return text;
                        }
                        throw wrong("a list of texts");
                    })
                    .toArray(String[]::new);
        }

        @SuppressWarnings("unchecked") // JSON objects have texts as keys
        Map<String, @Nullable Object> object() {
            if (value instanceof Map<?, ?>) {
                return (Map<String, @Nullable Object>) value;
            }
            throw wrong("an object");
        }

        /** An object without nulls in it. */
        Map<String, Object> solidObject() {
            Map<String, Object> solid = new LinkedHashMap<>();
            object().forEach((key, item) -> {
                if (item == null) {
                    throw wrong("an object without null in it");
                }
                solid.put(key, item);
            });
            return solid;
        }

        Instant instant() {
            try {
                return Instant.parse(text());
            } catch (DateTimeParseException e) {
                throw wrong("a time such as 2026-01-01T00:00:00.000Z");
            }
        }

        Duration duration() {
            if (value instanceof Number number) {
                BigDecimal seconds = new BigDecimal(number.toString());
                if (seconds.abs().compareTo(BigDecimal.valueOf(1_000_000_000L)) < 0) {
                    return Duration.ofMillis(seconds.movePointRight(3).longValue());
                }
            }
            throw wrong("a number of seconds");
        }

        Spark spark() {
            try {
                return new Spark(new BigDecimal(text()).movePointRight(6).longValueExact());
            } catch (ArithmeticException | NumberFormatException e) {
                throw wrong("an amount of Spark such as \"0.6\"");
            }
        }

        <E extends Enum<E>> E constant(Class<E> type) {
            for (E constant : type.getEnumConstants()) {
                if (wireName(constant).equals(value)) {
                    return constant;
                }
            }
            throw wrong("one of "
                    + String.join(
                            ", ",
                            Arrays.stream(type.getEnumConstants())
                                    .map(LedgerDocuments::wireName)
                                    .toList()));
        }
    }
}
