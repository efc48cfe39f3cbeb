package dev.hart.core.lease;

import dev.hart.spi.LeaseEntry;
import dev.hart.spi.LeaseEntry.Kind;
import dev.hart.spi.LeaseEntry.ProcessIdentity;
import dev.hart.spi.LeaseJournal.LiveLease;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A lease as the payload of an event. The fencing token stands under {@code fence}: the ledger replaces values of tokens. */
final class LeasePayload {
    private LeasePayload() {}

    static Map<String, @Nullable Object> of(LeaseEntry entry) {
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        if (entry.fencingToken() != 0) {
            payload.put("fence", entry.fencingToken());
        }
        payload.put("tenant", entry.tenant());
        payload.put("tool", entry.tool());
        payload.put("priority", entry.priority());
        payload.put("mode", entry.mode());
        payload.put("grants", entry.grants());
        payload.put("owner", process(entry.owner()));
        entry.child().ifPresent(child -> payload.put("child", process(child)));
        payload.put("at_ms", entry.at().toEpochMilli());
        return payload;
    }

    /** As an item of a list of leases. */
    static Map<String, @Nullable Object> of(LiveLease lease) {
        Map<String, @Nullable Object> payload = of(lease.entry());
        payload.put("lease_id", lease.entry().leaseId());
        payload.put("kind", lease.entry().kind().name());
        payload.put("fence", lease.fencingToken());
        return payload;
    }

    /** @param seq of the event; the fencing token of a grant */
    static LiveLease read(Kind kind, String leaseId, long seq, Map<?, ?> payload) {
        long fence = kind == Kind.GRANTED && !payload.containsKey("fence") ? seq : number(payload, "fence");
        Map<String, Long> grants = new LinkedHashMap<>();
        object(payload, "grants").forEach((uuid, bytes) -> grants.put((String) uuid, ((Number) bytes).longValue()));
        return new LiveLease(
                new LeaseEntry(
                        kind,
                        leaseId,
                        fence,
                        text(payload, "tenant"),
                        text(payload, "tool"),
                        text(payload, "priority"),
                        text(payload, "mode"),
                        grants,
                        process(object(payload, "owner")),
                        payload.containsKey("child")
                                ? Optional.of(process(object(payload, "child")))
                                : Optional.empty(),
                        Instant.ofEpochMilli(number(payload, "at_ms"))),
                fence);
    }

    private static Map<String, @Nullable Object> process(ProcessIdentity process) {
        Map<String, @Nullable Object> payload = new LinkedHashMap<>();
        payload.put("pid", process.pid());
        payload.put("started_ms", process.startedAt().toEpochMilli());
        payload.put("boot_id", process.bootId());
        return payload;
    }

    private static ProcessIdentity process(Map<?, ?> payload) {
        return new ProcessIdentity(
                number(payload, "pid"), Instant.ofEpochMilli(number(payload, "started_ms")), text(payload, "boot_id"));
    }

    static String text(Map<?, ?> payload, String key) {
        return (String) Objects.requireNonNull(payload.get(key), key);
    }

    static long number(Map<?, ?> payload, String key) {
        return ((Number) Objects.requireNonNull(payload.get(key), key)).longValue();
    }

    private static Map<?, ?> object(Map<?, ?> payload, String key) {
        return (Map<?, ?>) Objects.requireNonNull(payload.get(key), key);
    }
}
