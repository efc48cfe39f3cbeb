package dev.hart.server;

import dev.hart.gpu.machine.Advice;
import dev.hart.gpu.machine.HealthReport;
import dev.hart.gpu.machine.SystemHealth;
import dev.hart.server.SystemDocuments.HealthDocument;
import dev.hart.server.SystemDocuments.OptimizationsDocument;
import dev.hart.server.SystemDocuments.OptimizedDocument;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How the machine is, and what would relieve it. */
final class SystemRoutes {
    private static final Map<String, @Nullable Object> SEQ =
            Map.of("type", "integer", "minimum", 0L, "maximum", (long) Integer.MAX_VALUE);

    private final Supplier<SystemHealth> health;
    private final SystemEvents events;
    private final EventStreams streams;

    SystemRoutes(Supplier<SystemHealth> health, SystemEvents events, EventStreams streams) {
        this.health = health;
        this.events = events;
        this.streams = streams;
    }

    private record EventsDocument(List<SystemEvents.Item> events, long next) {}

    void describe(RouteTable table) {
        table.get("/api/system/health")
                .summary("How the machine is, from 0 to 1, and what it is made of; looked at again every 15 seconds at"
                        + " most")
                .answers(200, HealthDocument.class)
                .handle(Access.USER, call -> {
                    HealthReport report = health.get().report();
                    return Reply.ok(HealthDocument.of(report, health.get().applications()));
                });
        table.get("/api/system/optimizations")
                .summary("What was advised to relieve the machine, the newest first, and what of it was done")
                .query(
                        "limit",
                        "how many",
                        Map.of(
                                "type",
                                "integer",
                                "minimum",
                                1L,
                                "maximum",
                                (long) SystemHealth.ADVICE_KEPT,
                                "default",
                                20L))
                .answers(200, OptimizationsDocument.class)
                .refuses(400, "invalid_query")
                .handle(Access.USER, call -> {
                    int limit = call.number("limit", 20, 1, SystemHealth.ADVICE_KEPT);
                    List<Advice> history = health.get().history();
                    return Reply.ok(OptimizationsDocument.of(health.get(), history, limit));
                });
        table.post("/api/system/optimize")
                .summary("Looks at the machine now and advises; does only what this node was set up to do by itself")
                .answers(200, OptimizedDocument.class)
                .handle(
                        Access.USER,
                        call -> Reply.ok(OptimizedDocument.of(health.get().look())));
        table.get("/api/system/events")
                .summary("What has happened to devices, leases, models and the machine since somebody looked first, at"
                        + " most "
                        + SystemEvents.KEPT + " events; with Accept: text/event-stream also what is to come")
                .query("after", "the number of the last event seen", SEQ)
                .query(
                        "limit",
                        "how many in a page",
                        Map.of("type", "integer", "minimum", 1L, "maximum", (long) SystemEvents.KEPT, "default", 100L))
                .header("Last-Event-ID", "goes on behind this event of a stream", SEQ)
                .answers(200, RouteTable.JSON, Map.of("type", "object", "required", List.of("events", "next")))
                .refuses(400, "invalid_query", "invalid_header")
                .refuses(503, "too_many_viewers")
                .handle(Access.USER, this::events);
    }

    private Reply events(Call call) {
        int after = call.number("after", 0, 0, Integer.MAX_VALUE);
        if (EventStreams.isWanted(call)) {
            long seen = EventStreams.lastEventId(call, after);
            return streams.answer(call, () -> events.follow(seen).map(SystemRoutes::message), () -> Map.of());
        }
        List<SystemEvents.Item> page = events.page(after, call.number("limit", 100, 1, SystemEvents.KEPT));
        long next = page.isEmpty() ? after : page.get(page.size() - 1).seq();
        return Reply.ok(new EventsDocument(page, next));
    }

    private static EventStreams.Message message(SystemEvents.Item item) {
        return new EventStreams.Message(item.type(), Long.toString(item.seq()), item);
    }
}
