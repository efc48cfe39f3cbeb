package dev.hart.ledger;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Whether a worker may have a task: what it can do, what its machine offers, and where it stands. */
final class Placement {
    private final WorkerProfile worker;
    private final LedgerOptions options;

    Placement(WorkerProfile worker, LedgerOptions options) {
        this.worker = worker;
        this.options = options;
    }

    boolean allows(TaskRow task) {
        return !task.hasMore()
                || offersCapabilities(task)
                        && offersCompute(worker.compute(), task.field(Fields.COMPUTE))
                        && isWithin(task.text(Fields.LOCALITY), task.text(Fields.SENSITIVITY));
    }

    private boolean offersCapabilities(TaskRow task) {
        if (!(task.field(Fields.CAPABILITIES) instanceof List<?> required) || required.isEmpty()) {
            return true;
        }
        return options.anyCapability()
                ? required.stream().anyMatch(worker.capabilities()::contains)
                : worker.capabilities().containsAll(required);
    }

    /** A number asks for at least as much, true for true, a text for the same, false for nothing. */
    static boolean offersCompute(Map<String, ?> offered, @Nullable Object requirements) {
        if (!(requirements instanceof Map<?, ?> required)) {
            return true;
        }
        return required.entrySet().stream().allMatch(wanted -> {
            Object value = wanted.getValue();
            Object offer = offered.get(String.valueOf(wanted.getKey()));
            if (Boolean.FALSE.equals(value)) {
                return true;
            } else if (value instanceof Number least) {
                return offer instanceof Number number && decimal(number).compareTo(decimal(least)) >= 0;
            }
            return Objects.equals(value, offer);
        });
    }

    private static BigDecimal decimal(Number number) {
        return new BigDecimal(number.toString());
    }

    private boolean isWithin(@Nullable String locality, @Nullable String sensitivity) {
        LedgerOptions.Origin origin = options.origin();
        boolean home = worker.nodeId().equals(origin.nodeId());
        if (home) {
            return true;
        }
        if (Locality.LOCAL_ONLY.wireName().equals(locality)
                || Sensitivity.SECRET.wireName().equals(sensitivity)) {
            return false;
        }
        if (Locality.REGIONAL.wireName().equals(locality)
                && (worker.region() == null || !worker.region().equals(origin.region()))) {
            return false;
        }
        if (Sensitivity.INTERNAL.wireName().equals(sensitivity)
                && (worker.organisation() == null || !worker.organisation().equals(origin.organisation()))) {
            return false;
        }
        return !Sensitivity.CONFIDENTIAL.wireName().equals(sensitivity) || worker.trusted();
    }
}
