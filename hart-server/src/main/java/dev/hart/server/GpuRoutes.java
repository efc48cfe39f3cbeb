package dev.hart.server;

import dev.hart.gpu.Gpus;
import dev.hart.gpu.LeasePriority;
import dev.hart.gpu.LeaseRequest;
import dev.hart.gpu.VramLease;
import dev.hart.server.GpuDocuments.DeviceDocument;
import dev.hart.server.GpuDocuments.LeaseDocument;
import dev.hart.server.GpuDocuments.VramDocument;
import dev.hart.server.HeldLeases.Held;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Compute devices, and leases on their memory for callers that run models of their own. */
final class GpuRoutes {
    private static final String NOT_FOUND = "lease_not_found";
    private static final String STALE = "GPU_LEASE_STALE";
    private static final long DEFAULT_TIMEOUT_MILLIS = 60_000;
    private static final long LONGEST_TIMEOUT_MILLIS = 600_000;
    private static final long MOST_BYTES = 1L << 50;
    /** How long a call waits for its lease before it is told to ask again. */
    private static final long ANSWER_MILLIS = 500;

    private final Supplier<Gpus> gpus;
    private final HeldLeases held;

    GpuRoutes(Supplier<Gpus> gpus, HeldLeases held) {
        this.gpus = gpus;
        this.held = held;
    }

    private record Token(long fencingToken) {}

    /** SYSTEM is for the runtime itself. */
    private static final List<String> PRIORITIES = Stream.of(
                    LeasePriority.INTERACTIVE, LeasePriority.NORMAL, LeasePriority.BATCH)
            .map(Enum::name)
            .toList();

    void describe(RouteTable table) {
        table.get("/api/gpu/devices")
                .summary("The compute devices, and how much of their memory is free, leased and in use by others")
                .answersListOf(DeviceDocument.class)
                .handle(
                        Access.USER,
                        call -> Reply.ok(gpus.get().status().devices().stream()
                                .map(DeviceDocument::of)
                                .toList()));
        table.get("/api/gpu/leases")
                .summary("The leases that hold memory, and those that are waited for over HTTP")
                .answersListOf(LeaseDocument.class)
                .handle(Access.USER, call -> Reply.ok(leases()));
        table.post("/api/gpu/leases")
                .summary("Asks for device memory; it is given back unless renewed every minute")
                .takes(requestSchema())
                .answers(201, LeaseDocument.class)
                .orAnswers(202)
                .refuses(400, "invalid_request")
                .refuses(404, "UNKNOWN_REQUIREMENT")
                .refuses(503, "too_many_leases")
                .refuses(507, "CAN_NEVER_FIT", "LEASE_TIMEOUT")
                .handle(Access.USER, this::ask);
        table.get("/api/gpu/leases/{id}")
                .summary("One lease, or the wait for one")
                .answers(200, LeaseDocument.class)
                .refuses(404, NOT_FOUND)
                .handle(Access.USER, call -> Reply.ok(one(call.id())));
        table.delete("/api/gpu/leases/{id}")
                .summary("Gives a lease back, or leaves the queue")
                .answers(200, LeaseDocument.class)
                .refuses(404, NOT_FOUND)
                .handle(Access.USER, this::giveBack);
        table.post("/api/gpu/leases/{id}/activate")
                .summary("Says that the model is loaded")
                .takes(Token.class)
                .answers(200, LeaseDocument.class)
                .refuses(404, NOT_FOUND)
                .refuses(409, STALE, "lease_not_given")
                .handle(Access.USER, call -> {
                    Held lease = known(call.id());
                    proven(call, lease).activate();
                    held.renew(lease);
                    return Reply.ok(LeaseDocument.of(lease));
                });
        table.post("/api/gpu/leases/{id}/renew")
                .summary("Keeps a lease for another minute")
                .takes(Token.class)
                .answers(200, LeaseDocument.class)
                .refuses(404, NOT_FOUND)
                .refuses(409, STALE, "lease_not_given")
                .handle(Access.USER, call -> {
                    Held lease = known(call.id());
                    proven(call, lease);
                    held.renew(lease);
                    return Reply.ok(LeaseDocument.of(lease));
                });
        table.get("/api/tools/vram")
                .summary("Device memory as the reference tells it, with all devices and leases")
                .answers(200, VramDocument.class)
                .handle(Access.USER, call -> Reply.ok(VramDocument.of(gpus.get().status())));
    }

    private List<LeaseDocument> leases() throws InterruptedException {
        List<LeaseDocument> all = new ArrayList<>();
        gpus.get().status().leases().forEach(lease -> all.add(document(lease)));
        held.withoutLease().forEach(each -> all.add(LeaseDocument.of(each)));
        return all;
    }

    private LeaseDocument document(VramLease lease) {
        return held.find(lease.id()).map(LeaseDocument::of).orElseGet(() -> LeaseDocument.of(lease));
    }

    private LeaseDocument one(String id) {
        return held.find(id)
                .map(LeaseDocument::of)
                .or(() -> gpus.get().lease(id).map(LeaseDocument::of))
                .orElseThrow(() -> notFound(id));
    }

    private Held known(String id) {
        return held.find(id).orElseThrow(() -> notFound(id));
    }

    private static Refused notFound(String id) {
        return new Refused(
                404, NOT_FOUND, "no lease " + id + " is held over HTTP: it was given back, or not renewed in time");
    }

    /** The lease, for who knows its token. */
    private VramLease proven(Call call, Held lease) {
        VramLease given = lease.granted()
                .orElseThrow(() -> new Refused(409, "lease_not_given", "lease " + lease.id() + " was not given yet"));
        long token = call.body().get("fencingToken") instanceof Number number ? number.longValue() : -1;
        return gpus.get().require(given.id(), token);
    }

    private Reply ask(Call call) {
        Map<String, @Nullable Object> body = call.body();
        String tool = body.containsKey("tool") ? call.text("tool") : "http";
        LeaseRequest request;
        try {
            request = request(call, tool);
        } catch (IllegalArgumentException e) {
            throw new Refused(400, "invalid_request", String.valueOf(e.getMessage()));
        }
        Held asked = held.ask(tool, request);
        return new Reply.Later(asked.lease()
                .thenApply(lease -> true)
                .copy()
                .completeOnTimeout(false, ANSWER_MILLIS, TimeUnit.MILLISECONDS)
                .handle((given, failure) -> {
                    if (failure != null) {
                        held.giveBack(asked);
                        throw failure instanceof CompletionException e ? e : new CompletionException(failure);
                    }
                    if (given) {
                        held.begin(asked);
                    }
                    return new Reply.Document(given ? 201 : 202, LeaseDocument.of(asked));
                }));
    }

    private LeaseRequest request(Call call, String tool) {
        Map<String, @Nullable Object> body = call.body();
        LeaseRequest request = gpus.get()
                .request(tool)
                .tenant(call.caller().actor())
                .timeout(Duration.ofMillis(
                        body.get("timeoutMs") instanceof Long millis ? millis : DEFAULT_TIMEOUT_MILLIS));
        if (body.get("bytes") instanceof Long bytes) {
            request = request.bytes(bytes);
        }
        if (body.get("devices") instanceof Long devices) {
            request = request.devices(devices.intValue());
        }
        if (body.containsKey("priority")) {
            request = request.priority(LeasePriority.valueOf(call.text("priority")));
        }
        return Boolean.TRUE.equals(body.get("allowOffload")) ? request.allowOffload() : request;
    }

    private Reply giveBack(Call call) {
        Held lease = known(call.id());
        held.giveBack(lease);
        return Reply.ok(LeaseDocument.of(lease));
    }

    private static Map<String, @Nullable Object> requestSchema() {
        Map<String, @Nullable Object> properties = Map.of(
                "tool",
                Map.of("type", "string", "minLength", 1L, "maxLength", 255L, "description", "what takes the memory"),
                "bytes",
                Map.of(
                        "type",
                        "integer",
                        "minimum",
                        1L,
                        "maximum",
                        MOST_BYTES,
                        "description",
                        "of each device; what is known about the tool unless given"),
                "devices",
                Map.of("type", "integer", "minimum", 1L, "maximum", 256L),
                "priority",
                Map.of("type", "string", "enum", PRIORITIES),
                "timeoutMs",
                Map.of("type", "integer", "minimum", 0L, "maximum", LONGEST_TIMEOUT_MILLIS),
                "allowOffload",
                Map.of("type", "boolean"));
        return Map.of(
                "type",
                "object",
                "properties",
                properties,
                "anyOf",
                List.of(Map.of("required", List.of("tool")), Map.of("required", List.of("bytes"))),
                "additionalProperties",
                false);
    }
}
