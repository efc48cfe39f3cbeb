package dev.hart.ledger;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a task is, as opposed to where it stands; it can be sealed with a hash. */
final class Definition {
    /** The fields of {@link TaskRow#more} that belong to it. */
    static final List<String> FIELDS = List.of(
            Fields.AUTO_COMPLETE,
            Fields.TIME_BUDGET,
            Fields.TIMEOUT,
            Fields.SPARK_BUDGET,
            Fields.SLA_TARGET,
            Fields.DEADLINE,
            Fields.HEARTBEAT_INTERVAL,
            Fields.COMPUTE,
            Fields.CAPABILITIES,
            Fields.LOCALITY,
            Fields.SENSITIVITY);

    private Definition() {}

    /** SHA-256 over the canonical JSON of the definition under its wire names. */
    static String hash(TaskRow row, List<Edge> edges) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        List<String> prerequisites = new ArrayList<>();
        edges.stream()
                .filter(edge -> edge.kind() == Edge.Kind.PREREQ)
                .map(Edge::from)
                .sorted()
                .forEach(prerequisites::add);
        fields.put("task_id", row.taskId);
        fields.put("description", row.description);
        fields.put("task_type", row.type.wireName());
        fields.put("prerequisites", prerequisites);
        fields.put("context", CanonicalJson.readObject(row.contextJson));
        fields.put("priority", (long) row.priority);
        fields.put("parent_task_id", row.parentTaskId);
        fields.put("execution_mode", row.executionMode.wireName());
        fields.put("time_budget_s", seconds(row.number(Fields.TIME_BUDGET)));
        fields.put("spark_budget", spark(row.number(Fields.SPARK_BUDGET)));
        fields.put("timeout_s", seconds(row.number(Fields.TIMEOUT)));
        fields.put("max_retries", (long) row.maxRetries);
        fields.put("compute_requirements", row.field(Fields.COMPUTE) == null ? Map.of() : row.field(Fields.COMPUTE));
        fields.put(
                "required_capabilities",
                row.field(Fields.CAPABILITIES) instanceof List<?> list ? new TreeSet<>(list) : List.of());
        fields.put("locality", row.field(Fields.LOCALITY) == null ? "global" : row.text(Fields.LOCALITY));
        fields.put("sensitivity", row.field(Fields.SENSITIVITY) == null ? "public" : row.text(Fields.SENSITIVITY));
        return CanonicalJson.sha256(fields);
    }

    static @Nullable BigDecimal seconds(@Nullable Long millis) {
        return millis == null ? null : BigDecimal.valueOf(millis, 3);
    }

    static @Nullable String spark(@Nullable Long micro) {
        return micro == null ? null : new dev.hart.Spark(micro).toString();
    }
}
