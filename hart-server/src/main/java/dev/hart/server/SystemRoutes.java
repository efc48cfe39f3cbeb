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

/** How the machine is, and what would relieve it. */
final class SystemRoutes {
    private final Supplier<SystemHealth> health;

    SystemRoutes(Supplier<SystemHealth> health) {
        this.health = health;
    }

    void describe(RouteTable table) {
        table.get("/api/system/health")
                .summary(
                        "How the machine is, from 0 to 1, and what it is made of; looked at again every 15 seconds at most")
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
    }
}
