package dev.hart.ledger;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A row of the table {@code task}. A transaction or a replay changes its own copy; what a {@link Task} wraps is never
 * changed again.
 *
 * <p>What every task has is a column; what few tasks have, such as a delegation or a budget, is in {@link #more}.
 */
final class TaskRow {
    /** One column: its name, and how it is read from and put into a row. */
    private record Column(
            String name,
            Function<TaskRow, @Nullable Object> get,
            BiConsumer<TaskRow, @Nullable Object> set,
            Kind kind) {}

    private enum Kind {
        TEXT,
        NUMBER,
        FLAG
    }

    private static final List<Column> DEFINITION = List.of(
            number("created_no", r -> r.createdNo, (r, v) -> r.createdNo = number(v)),
            text("ledger_id", r -> r.ledgerKey, (r, v) -> r.ledgerKey = string(v)),
            text("task_id", r -> r.taskId, (r, v) -> r.taskId = string(v)),
            text("description", r -> r.description, (r, v) -> r.description = string(v)),
            text("task_type", r -> r.type.wireName(), (r, v) -> r.type = constant(TaskType.class, string(v))),
            text(
                    "execution_mode",
                    r -> r.executionMode.wireName(),
                    (r, v) -> r.executionMode = constant(ExecutionMode.class, string(v))),
            text("parent_task_id", r -> r.parentTaskId, (r, v) -> r.parentTaskId = (String) v),
            text("context_json", r -> r.contextJson, (r, v) -> r.contextJson = string(v)),
            flag("container", r -> r.container, (r, v) -> r.container = Boolean.TRUE.equals(v)),
            number("max_retries", r -> r.maxRetries, (r, v) -> r.maxRetries = (int) number(v)),
            text("supersedes", r -> r.supersedes, (r, v) -> r.supersedes = (String) v),
            number("created_at", r -> r.createdAt, (r, v) -> r.createdAt = number(v)));

    private static final List<Column> STATE = List.of(
            text("status", r -> r.status.wireName(), (r, v) -> r.status = TaskStatus.ofWireName(string(v))),
            number("priority", r -> r.priority, (r, v) -> r.priority = (int) number(v)),
            number("updated_at", r -> r.updatedAt, (r, v) -> r.updatedAt = number(v)),
            number("started_at", r -> r.startedAt, (r, v) -> r.startedAt = (Long) v),
            number("completed_at", r -> r.completedAt, (r, v) -> r.completedAt = (Long) v),
            text("result_json", r -> r.resultJson, (r, v) -> r.resultJson = (String) v),
            text("result_hash", r -> r.resultHash, (r, v) -> r.resultHash = (String) v),
            text("error_message", r -> r.errorMessage, (r, v) -> r.errorMessage = (String) v),
            text(
                    "failure_reason",
                    r -> wireName(r.failureReason),
                    (r, v) -> r.failureReason = constantOrNull(FailureReason.class, v)),
            text(
                    "blocked_reason",
                    r -> wireName(r.blockedReason),
                    (r, v) -> r.blockedReason = constantOrNull(BlockedReason.class, v)),
            text(
                    "pending_reason",
                    r -> wireName(r.pendingReason),
                    (r, v) -> r.pendingReason = constantOrNull(PendingReason.class, v)),
            number("retry_count", r -> r.retryCount, (r, v) -> r.retryCount = (int) number(v)),
            number("not_before", r -> r.notBefore, (r, v) -> r.notBefore = (Long) v),
            number("running_since", r -> r.runningSince, (r, v) -> r.runningSince = (Long) v),
            number("time_spent_ms", r -> r.timeSpentMs, (r, v) -> r.timeSpentMs = number(v)),
            number("version", r -> r.version, (r, v) -> r.version = number(v)),
            text("owner_node_id", r -> r.ownerNodeId, (r, v) -> r.ownerNodeId = (String) v),
            text("worker_id", r -> r.workerId, (r, v) -> r.workerId = (String) v),
            text("incarnation", r -> r.incarnation, (r, v) -> r.incarnation = (String) v),
            number("lease_token", r -> r.leaseToken, (r, v) -> r.leaseToken = number(v)),
            number("last_event_seq", r -> r.lastEventSeq, (r, v) -> r.lastEventSeq = number(v)),
            text("more_json", TaskRow::moreJson, (r, v) -> r.moreText = (String) v),
            flag("archived", r -> r.archived, (r, v) -> r.archived = Boolean.TRUE.equals(v)),
            // What follows from other rows.
            number("unmet_edges", r -> r.unmetEdges, (r, v) -> r.unmetEdges = (int) number(v)),
            flag("has_dependents", r -> r.hasDependents, (r, v) -> r.hasDependents = Boolean.TRUE.equals(v)),
            flag("has_open_children", r -> r.hasOpenChildren, (r, v) -> r.hasOpenChildren = Boolean.TRUE.equals(v)),
            // What follows from this row.
            flag("claimable", TaskRow::isClaimable, (r, v) -> r.storedClaimable = Boolean.TRUE.equals(v)),
            number("due_at", TaskRow::dueAt, (r, v) -> r.storedDueAt = (Long) v),
            // Signs of life, which no event tells.
            number("lease_until", r -> r.leaseUntil, (r, v) -> r.leaseUntil = (Long) v),
            number("heartbeat_at", r -> r.heartbeatAt, (r, v) -> r.heartbeatAt = (Long) v));

    private static final List<String> SIGNS_OF_LIFE = List.of("lease_until", "heartbeat_at", "due_at");
    private static final List<String> OF_OTHERS = List.of(
            "lease_until", "heartbeat_at", "due_at", "claimable", "unmet_edges", "has_dependents", "has_open_children");
    /** The event's number is not known before the transaction ends; the other is for the ledger alone. */
    private static final List<String> NOT_SHOWN = List.of("last_event_seq", "has_dependents");

    private static final List<Column> ALL = concat(DEFINITION, STATE);

    static final String COLUMNS = names(ALL);
    static final int SIZE = ALL.size();
    /** Statements by the columns that they set, one bit each; a few dozen occur. */
    private static final Map<Long, String> UPDATES = new ConcurrentHashMap<>();

    long createdNo;
    String ledgerKey = "";
    String taskId = "";
    String description = "";
    TaskType type = TaskType.PRE_ASSIGNED;
    ExecutionMode executionMode = ExecutionMode.SEQUENTIAL;

    @Nullable
    String parentTaskId;

    String contextJson = "{}";
    boolean container;
    int maxRetries;

    @Nullable
    String supersedes;

    long createdAt;

    TaskStatus status = TaskStatus.PENDING;
    int priority;
    long updatedAt;

    @Nullable
    Long startedAt;

    @Nullable
    Long completedAt;

    @Nullable
    String resultJson;

    @Nullable
    String resultHash;

    @Nullable
    String errorMessage;

    @Nullable
    FailureReason failureReason;

    @Nullable
    BlockedReason blockedReason;

    @Nullable
    PendingReason pendingReason;

    int retryCount;
    /** Not to be claimed before; null when nothing but time could hold it. */
    @Nullable
    Long notBefore;

    @Nullable
    Long runningSince;

    long timeSpentMs;
    long version = 1;

    @Nullable
    String ownerNodeId;

    @Nullable
    String workerId;

    @Nullable
    String incarnation;

    long leaseToken;
    long lastEventSeq;
    boolean archived;

    int unmetEdges;
    boolean hasDependents;
    boolean hasOpenChildren;

    @Nullable
    Long leaseUntil;

    @Nullable
    Long heartbeatAt;

    /** Fields that few tasks have, by wire name; parsed when first needed, by whichever thread. Null stands for "not parsed". */
    private volatile @Nullable TreeMap<String, @Nullable Object> more;

    private @Nullable String moreText;

    /** What the row was read with, though it follows from the other columns. */
    private boolean storedClaimable;

    private @Nullable Long storedDueAt;

    /** The values of {@link #STATE} in the database; null for a row that is not there. */
    private @Nullable Object @Nullable [] stored;

    TaskRow() {}

    /** Reads {@link #COLUMNS} from the row's start. */
    static TaskRow read(ResultSet rows) throws SQLException {
        TaskRow row = new TaskRow();
        for (int i = 0; i < SIZE; i++) {
            Column column = ALL.get(i);
            switch (column.kind()) {
                case TEXT -> column.set().accept(row, rows.getString(i + 1));
                case NUMBER -> {
                    long number = rows.getLong(i + 1);
                    column.set().accept(row, rows.wasNull() ? null : (Long) number);
                }
                case FLAG -> column.set().accept(row, rows.getBoolean(i + 1));
            }
        }
        row.isStored();
        return row;
    }

    void bindAll(PreparedStatement insert) throws SQLException {
        for (int i = 0; i < SIZE; i++) {
            Column column = ALL.get(i);
            bind(insert, i + 1, column, column.get().apply(this));
        }
    }

    private static void bind(PreparedStatement statement, int parameter, Column column, @Nullable Object value)
            throws SQLException {
        if (value == null) {
            statement.setNull(parameter, column.kind() == Kind.TEXT ? Types.VARCHAR : Types.BIGINT);
        } else if (value instanceof String text) {
            statement.setString(parameter, text);
        } else if (value instanceof Boolean flag) {
            statement.setBoolean(parameter, flag);
        } else {
            statement.setLong(parameter, ((Number) value).longValue());
        }
    }

    /** The database has the row as it is now. */
    void isStored() {
        @Nullable Object[] values = new @Nullable Object[STATE.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = STATE.get(i).get().apply(this);
        }
        stored = values;
    }

    /** The columns that the database does not have as they are now, one bit each. */
    long changes() {
        @Nullable Object[] before = stored;
        if (before == null) {
            throw new IllegalStateException("task " + taskId + " is not in the database");
        }
        long changes = 0;
        for (int i = 0; i < before.length; i++) {
            if (!Objects.equals(before[i], STATE.get(i).get().apply(this))) {
                changes |= 1L << i;
            }
        }
        return changes;
    }

    /** Sets those columns, whose values are bound by {@link #bindUpdate}. Few columns cost less, and spare indexes. */
    static String update(long changes) {
        return UPDATES.computeIfAbsent(changes, bits -> {
            List<Column> columns = new ArrayList<>();
            for (int i = 0; i < STATE.size(); i++) {
                if ((bits & 1L << i) != 0) {
                    columns.add(STATE.get(i));
                }
            }
            return "UPDATE task SET "
                    + String.join(" = ?, ", columns.stream().map(Column::name).toList()) + " = ? WHERE created_no = ?";
        });
    }

    void bindUpdate(PreparedStatement update, long changes) throws SQLException {
        int parameter = 1;
        for (int i = 0; i < STATE.size(); i++) {
            if ((changes & 1L << i) != 0) {
                Column column = STATE.get(i);
                bind(update, parameter++, column, column.get().apply(this));
            }
        }
        update.setLong(parameter, createdNo);
    }

    TaskRow copy() {
        TaskRow copy = new TaskRow();
        copy.createdNo = createdNo;
        copy.ledgerKey = ledgerKey;
        copy.taskId = taskId;
        copy.description = description;
        copy.type = type;
        copy.executionMode = executionMode;
        copy.parentTaskId = parentTaskId;
        copy.contextJson = contextJson;
        copy.container = container;
        copy.maxRetries = maxRetries;
        copy.supersedes = supersedes;
        copy.createdAt = createdAt;
        copy.status = status;
        copy.priority = priority;
        copy.updatedAt = updatedAt;
        copy.startedAt = startedAt;
        copy.completedAt = completedAt;
        copy.resultJson = resultJson;
        copy.resultHash = resultHash;
        copy.errorMessage = errorMessage;
        copy.failureReason = failureReason;
        copy.blockedReason = blockedReason;
        copy.pendingReason = pendingReason;
        copy.retryCount = retryCount;
        copy.notBefore = notBefore;
        copy.runningSince = runningSince;
        copy.timeSpentMs = timeSpentMs;
        copy.version = version;
        copy.ownerNodeId = ownerNodeId;
        copy.workerId = workerId;
        copy.incarnation = incarnation;
        copy.leaseToken = leaseToken;
        copy.lastEventSeq = lastEventSeq;
        copy.archived = archived;
        copy.unmetEdges = unmetEdges;
        copy.hasDependents = hasDependents;
        copy.hasOpenChildren = hasOpenChildren;
        copy.leaseUntil = leaseUntil;
        copy.heartbeatAt = heartbeatAt;
        copy.moreText = moreJson();
        return copy;
    }

    /** A copy that a work may change, of a row whose state the database has or will have. */
    TaskRow copyToChange() {
        TaskRow copy = copy();
        copy.stored = stored;
        return copy;
    }

    /** How far the database knows a row. */
    record Place(@Nullable Object @Nullable [] stored, long lastEventSeq) {}

    Place place() {
        return new Place(stored, lastEventSeq);
    }

    void moveTo(Place place) {
        stored = place.stored();
        lastEventSeq = place.lastEventSeq();
    }

    /** Names and values where a row that was read differs, signs of life left aside; empty if it is the same. */
    String difference(TaskRow read) {
        List<String> differences = differences(read, SIGNS_OF_LIFE);
        if (read.storedClaimable != read.isClaimable()) {
            differences.add("claimable is %s, not %s".formatted(read.storedClaimable, read.isClaimable()));
        }
        if (!Objects.equals(read.storedDueAt, read.dueAt())) {
            differences.add("due_at is %s, not %s".formatted(read.storedDueAt, read.dueAt()));
        }
        return String.join("; ", differences);
    }

    /** The same for what a task's own events tell. */
    String ownDifference(TaskRow read) {
        return String.join("; ", differences(read, OF_OTHERS));
    }

    private List<String> differences(TaskRow read, List<String> leftAside) {
        List<String> differences = new ArrayList<>();
        for (Column column : ALL) {
            Object mine = column.get().apply(this);
            Object theirs = column.get().apply(read);
            if (!Objects.equals(mine, theirs) && !leftAside.contains(column.name())) {
                differences.add("%s is %s, not %s".formatted(column.name(), theirs, mine));
            }
        }
        return differences;
    }

    /** Equal in everything that a {@link Task} shows. */
    boolean sameAs(TaskRow other) {
        return ALL.stream()
                .filter(column -> !NOT_SHOWN.contains(column.name()))
                .allMatch(column ->
                        Objects.equals(column.get().apply(this), column.get().apply(other)));
    }

    boolean isClaimable() {
        return status == TaskStatus.PENDING
                && unmetEdges == 0
                && !hasOpenChildren
                && notBefore == null
                && !container
                && !archived
                && !(hasMore() && (isTrue(Fields.CANCEL_REQUESTED) || isBudgetSpent()));
    }

    /** Whether the Spark or the time that it may take is used up; a budget of 0 is from the start. */
    boolean isBudgetSpent() {
        Long spark = number(Fields.SPARK_BUDGET);
        if (spark != null && numberOr0(Fields.SPARK_SPENT) >= spark) {
            return true;
        }
        Long time = number(Fields.TIME_BUDGET);
        return time != null && timeSpentMs >= time;
    }

    /** Whether it takes longer than promised, or did when it ended, and nobody has noted that. */
    boolean isLateAt(long now) {
        if (!hasMore() || completedAt != null || isTrue(Fields.SLA_BREACHED)) {
            return false;
        }
        Long deadline = number(Fields.DEADLINE);
        Long target = number(Fields.SLA_TARGET);
        return deadline != null && now > deadline || target != null && startedAt != null && now - startedAt > target;
    }

    /** When somebody has to look at the task even if nobody calls; null for never. */
    @Nullable
    Long dueAt() {
        if (status.isTerminal()) {
            return null;
        }
        Long due = notBefore;
        if (leaseUntil != null) {
            due = earlier(due, leaseUntil);
        }
        if (hasMore()) {
            Long timeout = number(Fields.TIMEOUT);
            if (timeout != null && status == TaskStatus.IN_PROGRESS && startedAt != null) {
                due = earlier(due, startedAt + timeout);
            }
            if (runningSince != null && isBudgetSpent()) {
                due = earlier(due, runningSince);
            }
            Long budget = number(Fields.TIME_BUDGET);
            if (budget != null && runningSince != null) {
                due = earlier(due, runningSince + Math.max(0, budget - timeSpentMs));
            }
            if (!isTrue(Fields.SLA_BREACHED)) {
                Long deadline = number(Fields.DEADLINE);
                due = deadline == null ? due : earlier(due, deadline + 1);
                Long target = number(Fields.SLA_TARGET);
                due = target == null || startedAt == null ? due : earlier(due, startedAt + target + 1);
            }
        }
        return due;
    }

    private static Long earlier(@Nullable Long one, long other) {
        return one == null ? (Long) other : (Long) Math.min(one, other);
    }

    /** How many characters its longer texts have. */
    int textLength() {
        int length = description.length() + contextJson.length();
        length += resultJson == null ? 0 : resultJson.length();
        length += errorMessage == null ? 0 : errorMessage.length();
        String more = moreJson();
        return length + (more == null ? 0 : more.length());
    }

    boolean hasMore() {
        TreeMap<String, @Nullable Object> parsed = more;
        return parsed != null ? !parsed.isEmpty() : moreText != null;
    }

    Map<String, @Nullable Object> more() {
        TreeMap<String, @Nullable Object> parsed = more;
        if (parsed == null) {
            String text = moreText;
            parsed = new TreeMap<>(text == null ? Map.of() : CanonicalJson.readObject(text));
            more = parsed;
        }
        return parsed;
    }

    private @Nullable String moreJson() {
        String text = moreText;
        TreeMap<String, @Nullable Object> parsed = more;
        if (text == null && parsed != null && !parsed.isEmpty()) {
            text = CanonicalJson.write(parsed);
            moreText = text;
        }
        return text;
    }

    @Nullable
    Object field(String name) {
        return hasMore() ? more().get(name) : null;
    }

    @Nullable
    String text(String name) {
        return (String) field(name);
    }

    @Nullable
    Long number(String name) {
        return (Long) field(name);
    }

    long numberOr0(String name) {
        Long number = number(name);
        return number == null ? 0 : number;
    }

    boolean isTrue(String name) {
        return Boolean.TRUE.equals(field(name));
    }

    /** Sets a field of {@link #more}; null removes it. */
    void set(String name, @Nullable Object value) {
        if (value == null) {
            if (!hasMore()) {
                return;
            }
            more().remove(name);
        } else {
            more().put(name, value);
        }
        moreText = null;
    }

    private static Column text(
            String name, Function<TaskRow, @Nullable Object> get, BiConsumer<TaskRow, @Nullable Object> set) {
        return new Column(name, get, set, Kind.TEXT);
    }

    private static Column number(
            String name, Function<TaskRow, @Nullable Object> get, BiConsumer<TaskRow, @Nullable Object> set) {
        return new Column(name, get, set, Kind.NUMBER);
    }

    private static Column flag(
            String name, Function<TaskRow, @Nullable Object> get, BiConsumer<TaskRow, @Nullable Object> set) {
        return new Column(name, get, set, Kind.FLAG);
    }

    private static List<Column> concat(List<Column> first, List<Column> second) {
        List<Column> all = new ArrayList<>(first);
        all.addAll(second);
        return List.copyOf(all);
    }

    private static String names(List<Column> columns) {
        return String.join(", ", columns.stream().map(Column::name).toList());
    }

    private static String string(@Nullable Object value) {
        return (String) Objects.requireNonNull(value);
    }

    private static long number(@Nullable Object value) {
        return ((Number) Objects.requireNonNull(value)).longValue();
    }

    private static @Nullable String wireName(@Nullable Enum<?> constant) {
        return constant == null ? null : WireNames.of(constant);
    }

    static <E extends Enum<E>> E constant(Class<E> type, String name) {
        return WireNames.parse(type, name);
    }

    static <E extends Enum<E>> @Nullable E constantOrNull(Class<E> type, @Nullable Object name) {
        return name == null ? null : WireNames.parse(type, (String) name);
    }
}
