package dev.hart.gpu.machine;

import java.math.BigDecimal;
import java.util.List;

/**
 * What one look at the machine found.
 *
 * @param score {@link SystemSnapshot#healthScore}
 * @param advice for each thing that runs short, in the order of {@link Resource}
 */
public record HealthReport(SystemSnapshot snapshot, BigDecimal score, List<Advice> advice) {
    public HealthReport {
        advice = List.copyOf(advice);
    }
}
