package dev.hart.server;

import dev.hart.security.audit.AuditLog;
import dev.hart.security.audit.AuditReport;
import dev.hart.security.node.FeatureGates;
import dev.hart.security.node.TaskHealth;
import dev.hart.security.node.Watchdog;
import dev.hart.tool.Param;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What an operator asks about the node's own safety. */
final class SecurityRoutes {
    private final Supplier<AuditLog> audit;
    private final Supplier<FeatureGates> gates;
    private final @Nullable Watchdog watchdog;

    /** @param watchdog null when nothing is watched */
    SecurityRoutes(Supplier<AuditLog> audit, Supplier<FeatureGates> gates, @Nullable Watchdog watchdog) {
        this.audit = audit;
        this.gates = gates;
        this.watchdog = watchdog;
    }

    record AuditAnswer(
            boolean sound,
            String finding,
            long entries,
            @Param(name = "signed_up_to") long signedUpTo,
            @Param(name = "first_bad") long firstBad) {}

    record Capabilities(
            String tier,
            boolean forced,
            String processors,
            @Param(name = "memory_gb") String memoryGb,
            @Param(name = "disk_gb") String diskGb,
            @Param(name = "video_memory_gb") String videoMemoryGb,
            List<String> enabled,
            Map<String, String> disabled,
            @Param(name = "detected_at") Instant detectedAt) {}

    record Watched(boolean healthy, List<TaskLine> tasks, List<EventLine> events) {}

    record TaskLine(
            String name,
            String status,
            @Param(name = "age_tenths") long ageTenths,
            @Param(name = "last_heartbeat") Instant lastHeartbeat,
            @Param(name = "expected_interval_s") long expectedInterval,
            @Param(name = "in_model_call") boolean inModelCall,
            int restarts,
            @Param(name = "consecutive_failures") int consecutiveFailures,
            int abandoned,
            @Param(name = "last_restart_at") Optional<Instant> lastRestartAt) {
        static TaskLine of(TaskHealth task) {
            return new TaskLine(
                    task.name(),
                    task.status().wireName(),
                    task.age().toMillis() / 100,
                    task.lastHeartbeat(),
                    task.expectedInterval().toSeconds(),
                    task.inModelCall(),
                    task.restarts(),
                    task.consecutiveFailures(),
                    task.abandoned(),
                    task.lastRestartAt());
        }
    }

    record EventLine(String kind, String task, Instant at, String detail) {}

    void describe(RouteTable table) {
        table.get("/api/security/audit/verify")
                .summary("Checks the whole audit log")
                .answers(200, AuditAnswer.class)
                .handle(Access.USER, call -> Reply.ok(verify()));
        table.get("/api/security/capabilities")
                .summary("What the hardware may run, and why not more")
                .answers(200, Capabilities.class)
                .handle(Access.USER, call -> Reply.ok(capabilities()));
        table.get("/api/security/watchdog")
                .summary("How the watched tasks are")
                .answers(200, Watched.class)
                .handle(Access.USER, call -> Reply.ok(watched()));
    }

    private AuditAnswer verify() {
        AuditReport report = audit.get().verify();
        return new AuditAnswer(
                report.isSound(), report.finding().name(), report.entries(), report.signedUpTo(), report.firstBad());
    }

    private Capabilities capabilities() {
        FeatureGates found = gates.get();
        return new Capabilities(
                found.tier().wireName(),
                found.isForced(),
                found.hardware().processors().toString(),
                found.hardware().memoryGb().toString(),
                found.hardware().diskGb().toString(),
                found.hardware().videoMemoryGb().toString(),
                found.enabled(),
                found.disabled(),
                found.hardware().detectedAt());
    }

    private Watched watched() {
        Watchdog watching = watchdog;
        if (watching == null) {
            return new Watched(true, List.of(), List.of());
        }
        return new Watched(
                watching.isHealthy(),
                watching.health().stream().map(TaskLine::of).toList(),
                watching.recentEvents().stream()
                        .map(event -> new EventLine(event.kind().name(), event.task(), event.at(), event.detail()))
                        .toList());
    }
}
