package dev.hart.ledger;

import dev.hart.Spark;
import dev.hart.error.LedgerException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One task of a document of the reference, read field by field; whatever is wrong with it is said, not thrown. */
final class ReferenceTask {
    private static final int MAX_STATUS_MESSAGES = 50;
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");
    private static final Pattern WITH_OFFSET = Pattern.compile("(?:[zZ]|[+-]\\d\\d:?\\d\\d)$");
    private static final List<String> TIMES = List.of(
            Fields.PAUSED_AT,
            Fields.RESUMED_AT,
            Fields.DELEGATED_AT,
            Fields.DEFERRED_AT,
            Fields.DEFERRED_UNTIL,
            Fields.SCHEDULED_AT,
            Fields.LAST_RETRY_AT,
            Fields.ROLLED_BACK_AT,
            Fields.OWNED_AT);
    private static final List<String> TEXTS = List.of(
            "error_message",
            Fields.STOP_REASON,
            Fields.TERMINATION_REASON,
            Fields.DELEGATED_TO,
            Fields.DEFERRED_REASON,
            Fields.ROLLBACK_REASON,
            "owner_node_id",
            Fields.OWNER_USER,
            Fields.OWNER_PROMPT);
    private static final List<String> VALUES = List.of(Fields.DELEGATION_RESULT, Fields.ORIGINAL_RESULT);
    /** What follows from other fields or from other tasks, and is not taken over by itself. */
    private static final List<String> KEPT = List.of(
            "state_history",
            "retry_errors",
            "ownership_history",
            "messages_to_dependents",
            "received_messages",
            "dependent_task_ids",
            "child_task_ids",
            "last_heartbeat_at");

    private final String id;
    private final Map<?, ?> document;
    private final ZoneId zone;
    private final boolean checksHashes;
    private final Consumer<String> problems;
    private final Consumer<String> notes;
    private final Set<String> read = new LinkedHashSet<>();

    private TaskStatus status = TaskStatus.PENDING;
    private NewTask task;
    private final Map<String, @Nullable Object> state = new LinkedHashMap<>();

    ReferenceTask(
            String id,
            Map<?, ?> document,
            ZoneId zone,
            boolean checksHashes,
            Consumer<String> problems,
            Consumer<String> notes) {
        this.id = id;
        this.document = document;
        this.zone = zone;
        this.checksHashes = checksHashes;
        this.problems = problem -> problems.accept("task '" + id + "': " + problem);
        this.notes = note -> notes.accept("task '" + id + "': " + note);
        this.task = NewTask.of(Limits.isId(id) ? id : "unnamed", "unnamed");
        if (!Limits.isId(id)) {
            this.problems.accept("its id must be 1 to 255 of letters, digits and . _ : ~ -");
        }
        readDefinition();
        readState();
        checkHashes();
        keepTheRest();
    }

    NewTask task() {
        return task;
    }

    TaskStatus status() {
        return status;
    }

    /** The payload of TASK_IMPORTED, without what follows from other tasks. */
    Map<String, @Nullable Object> state() {
        return state;
    }

    List<String> siblings() {
        return ids(Fields.SIBLINGS);
    }

    private @Nullable Object get(String field) {
        read.add(field);
        return document.get(field);
    }

    private void set(String field, UnaryOperator<NewTask> change) {
        try {
            task = change.apply(task);
        } catch (LedgerException e) {
            problems.accept("'" + field + "': " + e.getMessage());
        }
    }

    private void wrong(String field, @Nullable Object value, String expected) {
        String text = String.valueOf(value);
        problems.accept("'%s' must be %s, was %s".formatted(field, expected, TextCut.line(text, 100)));
    }

    private void readDefinition() {
        String taskId = text("task_id");
        if (taskId != null && !taskId.equals(id)) {
            wrong("task_id", taskId, "the key under which it stands");
        }
        String description = text("description");
        if (description == null || description.isBlank()) {
            wrong("description", description, "a text");
        } else {
            try {
                task = NewTask.of(task.taskId(), description);
            } catch (LedgerException e) {
                problems.accept(e.getMessage());
            }
        }
        TaskType type = constant("task_type", TaskType.class);
        ExecutionMode mode = constant("execution_mode", ExecutionMode.class);
        task = task.type(type == null ? TaskType.PRE_ASSIGNED : type)
                .executionMode(mode == null ? ExecutionMode.SEQUENTIAL : mode);
        Long priority = whole("priority");
        if (priority != null) {
            if (priority < 0 || priority > 100) {
                notes.accept("priority " + priority + " was put into 0 to 100");
            }
            task = task.priority((int) Math.max(0, Math.min(100, priority)));
        }
        String parent = text("parent_task_id");
        if (parent != null) {
            set("parent_task_id", t -> t.childOf(parent));
        }
        Object context = get("context");
        if (context instanceof Map<?, ?>) {
            @SuppressWarnings("unchecked") // JSON objects have text keys
            Map<String, @Nullable Object> map = (Map<String, @Nullable Object>) context;
            task = task.context(map);
        } else if (context != null) {
            wrong("context", context, "an object");
        }
        Long retries = whole("max_retries");
        if (retries != null) {
            set("max_retries", t -> t.maxRetries((int) Math.max(-1, Math.min(Integer.MAX_VALUE, retries))));
        }
        List<String> prerequisites = ids("prerequisites");
        List<String> blockers = ids("blocked_by");
        set("prerequisites", t -> t.after(prerequisites.toArray(String[]::new)));
        if (!blockers.isEmpty()) {
            set("blocked_by", t -> t.blockedBy(blockers.toArray(String[]::new)));
        }
        readLimits();
    }

    private void readLimits() {
        duration("time_budget_s", (t, time) -> t.timeBudget(time));
        duration("timeout_s", (t, time) -> t.timeout(time));
        duration("sla_target_s", (t, time) -> t.slaTarget(time));
        duration("heartbeat_interval_s", (t, time) -> t.heartbeatInterval(time));
        Long budget = micro("spark_budget");
        if (budget != null) {
            set("spark_budget", t -> t.sparkBudget(new Spark(budget)));
        }
        Long deadline = time("deadline");
        if (deadline != null) {
            task = task.deadline(Instant.ofEpochMilli(deadline));
        }
        Object requirements = get("compute_requirements");
        if (requirements instanceof Map<?, ?> map && !map.isEmpty()) {
            Map<String, Object> present = new LinkedHashMap<>();
            map.forEach((key, value) -> {
                if (value != null) {
                    present.put((String) key, value);
                }
            });
            task = task.computeRequirements(present);
        } else if (requirements != null && !(requirements instanceof Map)) {
            wrong("compute_requirements", requirements, "an object");
        }
        List<String> capabilities = ids("required_capabilities");
        if (!capabilities.isEmpty()) {
            task = task.requiredCapabilities(capabilities.toArray(String[]::new));
        }
        Locality locality = constant("locality", Locality.class);
        if (locality != null && locality != Locality.GLOBAL) {
            task = task.locality(locality);
        }
        Sensitivity sensitivity = constant("sensitivity", Sensitivity.class);
        if (sensitivity != null && sensitivity != Sensitivity.PUBLIC) {
            task = task.sensitivity(sensitivity);
        }
    }

    @FunctionalInterface
    private interface Limit {
        NewTask set(NewTask task, Duration time);
    }

    private void duration(String field, Limit limit) {
        BigDecimal seconds = number(field);
        if (seconds != null) {
            try {
                Duration time = Duration.ofMillis(seconds.movePointRight(3)
                        .setScale(0, RoundingMode.HALF_UP)
                        .longValueExact());
                set(field, t -> limit.set(t, time));
            } catch (ArithmeticException e) {
                wrong(field, seconds, "a number of seconds");
            }
        }
    }

    private void readState() {
        TaskStatus was = constant("status", TaskStatus.class);
        status = was == null ? TaskStatus.PENDING : was;
        state.put("reason", "imported");
        if (status == TaskStatus.RESUMING) {
            status = TaskStatus.PENDING;
            state.put("reason", "imported while it was resuming");
            notes.accept("it was resuming and is pending now");
        }
        state.put("status", status.wireName());
        Long created = time("created_at");
        Long updated = time("updated_at");
        Long started = time("started_at");
        Long completed = time("completed_at");
        put("created_at", created);
        put("updated_at", updated == null ? created : updated);
        if (started == null && status == TaskStatus.IN_PROGRESS) {
            started = updated == null ? created : updated;
        }
        put("started_at", started);
        if (status.isTerminal()) {
            completed = completed == null ? (updated == null ? created : updated) : completed;
            put("completed_at", completed);
        } else if (completed != null) {
            notes.accept("it has not ended, its 'completed_at' was left out");
        }
        Object result = get("result");
        if (result != null || status == TaskStatus.COMPLETED) {
            state.put("result", result);
        }
        put("failure_reason", name(constant("failure_reason", FailureReason.class)));
        put("blocked_reason", name(constant("blocked_reason", BlockedReason.class)));
        constant("pending_reason", PendingReason.class);
        put(Fields.DELEGATION_TYPE, name(constant(Fields.DELEGATION_TYPE, DelegationType.class)));
        TIMES.forEach(field -> put(field, time(field)));
        TEXTS.forEach(field -> put(field, text(field)));
        VALUES.forEach(field -> put(field, get(field)));
        readCounts();
        put(Fields.STEPS, nonEmpty(Fields.STEPS, Integer.MAX_VALUE));
        put(Fields.STATUS_MESSAGES, nonEmpty(Fields.STATUS_MESSAGES, MAX_STATUS_MESSAGES));
    }

    private void readCounts() {
        Long retries = whole("retry_count");
        if (retries != null && retries != 0) {
            if (retries < 0 || retries > Integer.MAX_VALUE) {
                wrong("retry_count", retries, "0 or more");
            } else {
                state.put("retry_count", retries);
            }
        }
        Long pauses = whole(Fields.PAUSE_COUNT);
        put(Fields.PAUSE_COUNT, pauses == null || pauses == 0 ? null : pauses);
        BigDecimal progress = number(Fields.PROGRESS);
        if (progress != null && progress.signum() > 0) {
            state.put(
                    Fields.PROGRESS,
                    progress.min(BigDecimal.valueOf(100))
                            .setScale(0, RoundingMode.HALF_UP)
                            .longValue());
        }
        Long spent = micro("spark_spent");
        put(Fields.SPARK_SPENT, spent == null || spent == 0 ? null : spent);
        BigDecimal seconds = number("time_spent_s");
        if (seconds != null && seconds.signum() > 0) {
            try {
                state.put(
                        "time_spent_ms",
                        seconds.movePointRight(3)
                                .setScale(0, RoundingMode.HALF_UP)
                                .longValueExact());
            } catch (ArithmeticException e) {
                wrong("time_spent_s", seconds, "a number of seconds");
            }
        }
        Object breached = get(Fields.SLA_BREACHED);
        if (breached instanceof Boolean flag) {
            put(Fields.SLA_BREACHED, flag ? flag : null);
        } else if (breached != null) {
            wrong(Fields.SLA_BREACHED, breached, "true or false");
        }
    }

    private void put(String field, @Nullable Object value) {
        if (value != null) {
            state.put(field, value);
        }
    }

    /** The entries of a history with their times as this ledger writes times, where they can be read. */
    private List<@Nullable Object> inUtc(List<?> entries) {
        List<@Nullable Object> converted = new ArrayList<>();
        for (Object entry : entries) {
            if (entry instanceof Map<?, ?> map) {
                Map<String, @Nullable Object> copy = new LinkedHashMap<>();
                map.forEach((key, value) -> {
                    boolean time = key.equals("timestamp") || key.equals("received_at");
                    Long millis = time && value instanceof String text ? millis(text) : null;
                    copy.put((String) key, millis == null ? value : EventChain.format(millis));
                });
                converted.add(copy);
            } else {
                converted.add(entry);
            }
        }
        return converted;
    }

    private static @Nullable String name(@Nullable Enum<?> constant) {
        return constant == null ? null : WireNames.of(constant);
    }

    private @Nullable Object nonEmpty(String field, int most) {
        Object value = get(field);
        if (value instanceof List<?> list) {
            if (list.size() > most) {
                notes.accept("of '%s' the last %d of %d were kept".formatted(field, most, list.size()));
            }
            return list.isEmpty() ? null : inUtc(list.subList(Math.max(0, list.size() - most), list.size()));
        }
        if (value != null) {
            wrong(field, value, "a list");
        }
        return null;
    }

    /** The reference hashes another text than this ledger does; its hashes are compared and then made anew. */
    private void checkHashes() {
        Object dataHash = get("data_hash");
        if (dataHash != null) {
            Map<String, @Nullable Object> definition = new LinkedHashMap<>();
            for (String field : List.of("task_id", "description", "parent_task_id")) {
                definition.put(field, document.get(field));
            }
            definition.put("task_type", document.get("task_type") == null ? "pre_assigned" : document.get("task_type"));
            definition.put("priority", document.get("priority") == null ? (Object) 50L : document.get("priority"));
            definition.put("context", document.get("context") == null ? Map.of() : document.get("context"));
            definition.put(
                    "prerequisites", ids("prerequisites").stream().sorted().toList());
            compare("data_hash", dataHash, definition);
            task = task.sealed();
        }
        Object resultHash = get("result_hash");
        if (resultHash != null) {
            Object result = document.get("result");
            boolean takenBack = status == TaskStatus.ROLLED_BACK && result == null;
            compare("result_hash", resultHash, takenBack ? document.get(Fields.ORIGINAL_RESULT) : result);
        }
    }

    private void compare(String field, Object given, @Nullable Object value) {
        String computed = PythonJson.sha256(value);
        if (!given.equals(computed)) {
            (checksHashes ? problems : notes)
                    .accept("its '%s' is %s, and its content gives %s: it was changed after it was hashed"
                            .formatted(field, TextCut.line(String.valueOf(given), 70), computed));
        }
    }

    private void keepTheRest() {
        Map<String, @Nullable Object> history = new LinkedHashMap<>();
        for (String field : KEPT) {
            Object value = get(field);
            boolean empty = value == null || value instanceof List<?> list && list.isEmpty();
            if (!empty) {
                history.put(field, value instanceof List<?> list ? inUtc(list) : value);
            }
        }
        read.add(Fields.SIBLINGS);
        Map<String, @Nullable Object> unknown = new LinkedHashMap<>();
        document.forEach((field, value) -> {
            if (!read.contains(field)) {
                unknown.put((String) field, value);
            }
        });
        if (!unknown.isEmpty()) {
            notes.accept(
                    "these fields are not known and were kept in its history: " + String.join(", ", unknown.keySet()));
            history.put("unknown", unknown);
        }
        if (!history.isEmpty()) {
            state.put("history", history);
        }
    }

    private @Nullable String text(String field) {
        Object value = get(field);
        if (value instanceof String text) {
            return text;
        } else if (value instanceof Long number) {
            return number.toString(); // an id that looks like a number
        }
        if (value != null) {
            wrong(field, value, "a text");
        }
        return null;
    }

    private List<String> ids(String field) {
        Object value = get(field);
        List<String> ids = new ArrayList<>();
        if (value instanceof List<?> list) {
            for (Object item : list) {
                if (item instanceof String text) {
                    ids.add(text);
                } else {
                    wrong(field, value, "a list of texts");
                    return List.of();
                }
            }
        } else if (value != null) {
            wrong(field, value, "a list of texts");
        }
        return ids.stream().distinct().toList();
    }

    private @Nullable BigDecimal number(String field) {
        Object value = get(field);
        if (value instanceof Number number) {
            BigDecimal decimal = new BigDecimal(number.toString());
            if (decimal.precision() - decimal.scale() <= 18 && decimal.scale() <= 400) {
                return decimal;
            }
        }
        if (value != null) {
            wrong(field, value, "a number");
        }
        return null;
    }

    private @Nullable Long whole(String field) {
        BigDecimal number = number(field);
        if (number == null) {
            return null;
        }
        try {
            return number.longValueExact();
        } catch (ArithmeticException e) {
            wrong(field, number, "a whole number");
            return null;
        }
    }

    /** Spark, which the reference keeps as a double or a text, in micro-Spark. */
    private @Nullable Long micro(String field) {
        Object value = document.get(field);
        BigDecimal spark;
        try {
            spark = value instanceof String text && text.length() <= 40 ? new BigDecimal(text) : number(field);
        } catch (NumberFormatException e) {
            wrong(field, value, "an amount of Spark");
            return null;
        }
        read.add(field);
        if (spark == null) {
            return null;
        }
        try {
            BigDecimal micro = spark.movePointRight(6);
            long whole = micro.setScale(0, RoundingMode.HALF_UP).longValueExact();
            if (micro.compareTo(BigDecimal.valueOf(whole)) != 0) {
                notes.accept("'%s' was rounded to a millionth of a Spark".formatted(field));
            }
            if (whole < 0) {
                wrong(field, value, "0 or more");
                return null;
            }
            return whole;
        } catch (ArithmeticException e) {
            wrong(field, value, "an amount of Spark");
            return null;
        }
    }

    private <E extends Enum<E>> @Nullable E constant(String field, Class<E> type) {
        Object value = get(field);
        if (value == null) {
            return null;
        }
        for (E constant : type.getEnumConstants()) {
            if (WireNames.of(constant).equals(value)) {
                return constant;
            }
        }
        problems.accept("'%s' cannot be %s".formatted(field, TextCut.line(Objects.toString(value), 100)));
        return null;
    }

    /** A time with an offset, or the clock time of the importer's zone; a number counts seconds since 1970. */
    private @Nullable Long time(String field) {
        Object value = get(field);
        Long millis = null;
        if (value instanceof String text) {
            millis = millis(text);
        } else if (value instanceof Number) {
            BigDecimal seconds = number(field);
            if (seconds == null) {
                return null;
            }
            millis = millis(seconds);
        }
        if (millis == null && value != null) {
            wrong(field, value, "a time such as 2026-01-01T00:00:00");
        }
        return millis;
    }

    private @Nullable Long millis(String text) {
        String iso = text.strip().replace(' ', 'T');
        try {
            Instant time = WITH_OFFSET.matcher(iso).find()
                    ? OffsetDateTime.parse(iso).toInstant()
                    : LocalDateTime.parse(iso).atZone(zone).toInstant();
            return time.isAfter(Instant.EPOCH) && time.isBefore(LAST) ? (Long) time.toEpochMilli() : null;
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static @Nullable Long millis(BigDecimal seconds) {
        BigDecimal millis = seconds.movePointRight(3).setScale(0, RoundingMode.FLOOR);
        return millis.signum() >= 0 && millis.compareTo(BigDecimal.valueOf(LAST.toEpochMilli())) <= 0
                ? (Long) millis.longValueExact()
                : null;
    }
}
