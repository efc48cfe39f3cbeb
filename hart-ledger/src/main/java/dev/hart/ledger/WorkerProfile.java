package dev.hart.ledger;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who asks for work, and what it offers. Begin with {@link #of} and name what differs.
 *
 * @param workerId 1 to 255 of letters, digits, {@code . _ : ~ -}
 * @param nodeId the machine or process it belongs to
 * @param incarnation which start of the node: another text after each start
 * @param capabilities what it can do
 * @param compute what its machine offers, such as {@code gpu} true and {@code vram_gb} 16
 * @param trusted whether it may see confidential tasks
 */
public record WorkerProfile(
        String workerId,
        String nodeId,
        String incarnation,
        Set<String> capabilities,
        Map<String, ?> compute,
        @Nullable String region,
        @Nullable String organisation,
        boolean trusted) {

    public WorkerProfile {
        Limits.requireId("worker id", workerId);
        Limits.requireId("node id", nodeId);
        Limits.requireId("incarnation", incarnation);
        capabilities = Set.copyOf(capabilities);
        compute = Map.copyOf(compute);
    }

    /** A worker that offers nothing in particular, on a node that is nowhere in particular. */
    public static WorkerProfile of(String workerId, String nodeId, String incarnation) {
        return new WorkerProfile(workerId, nodeId, incarnation, Set.of(), Map.of(), null, null, false);
    }

    public WorkerProfile capabilities(String... names) {
        return new WorkerProfile(workerId, nodeId, incarnation, Set.of(names), compute, region, organisation, trusted);
    }

    public WorkerProfile compute(Map<String, ?> offered) {
        return new WorkerProfile(workerId, nodeId, incarnation, capabilities, offered, region, organisation, trusted);
    }

    public WorkerProfile at(@Nullable String region, @Nullable String organisation) {
        return new WorkerProfile(workerId, nodeId, incarnation, capabilities, compute, region, organisation, trusted);
    }

    public WorkerProfile trusted(boolean trusted) {
        return new WorkerProfile(workerId, nodeId, incarnation, capabilities, compute, region, organisation, trusted);
    }
}
