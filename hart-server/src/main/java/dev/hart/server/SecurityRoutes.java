package dev.hart.server;

import dev.hart.Hart;
import dev.hart.security.Guardrails;
import dev.hart.security.audit.AuditEvent;
import dev.hart.security.audit.AuditLog;
import dev.hart.security.audit.AuditReport;
import dev.hart.security.node.FeatureGates;
import dev.hart.security.node.NodeSafety;
import dev.hart.security.node.TaskHealth;
import dev.hart.security.node.Watchdog;
import dev.hart.security.rules.Constitution;
import dev.hart.security.rules.QuarantineEntry;
import dev.hart.security.rules.TrustQuarantine;
import dev.hart.security.trust.BootReport;
import dev.hart.security.trust.ReleaseManifest;
import dev.hart.security.trust.TrustAnchors;
import dev.hart.tool.Param;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an operator asks about the node's own safety, and whom it keeps out. */
final class SecurityRoutes {
    private static final String SUBJECT = "^[A-Za-z0-9._:~-]{1,200}$";

    private final Hart hart;
    private final @Nullable Watchdog watchdog;
    private final @Nullable NodeSafety safety;

    /**
     * @param watchdog null when nothing is watched
     * @param safety null when the node made no checks at its start
     */
    SecurityRoutes(Hart hart, @Nullable Watchdog watchdog, @Nullable NodeSafety safety) {
        this.hart = hart;
        this.watchdog = watchdog;
        this.safety = safety;
    }

    /**
     * @param posture {@code local}: nobody is trusted, nothing is compared with a release; {@code verified}; {@code refused}; or
     *     {@code unchecked} when no checks were made
     * @param enforcement what a failed check means; empty when none were made
     * @param release the version that the code was compared with; empty for none
     * @param monitored whether the checks are repeated, and found nothing
     */
    record PostureAnswer(
            String posture,
            String enforcement,
            String node,
            @Param(name = "guardrail_hash") String guardrailHash,
            List<String> anchors,
            String release,
            boolean monitored,
            List<StepLine> steps) {}

    record StepLine(String name, String outcome, String detail) {}

    record Kept(List<KeptLine> entries) {}

    record KeptLine(
            String subject,
            int level,
            @Param(name = "level_name") String levelName,
            String reason,
            Instant timestamp,
            @Param(name = "may_act") boolean mayAct,
            @Param(name = "review_count") int reviewCount,
            @Param(name = "last_review") Optional<Instant> lastReview,
            @Param(name = "reviewer_notes") List<String> reviewerNotes) {
        static KeptLine of(String subject, QuarantineEntry entry) {
            return new KeptLine(
                    subject,
                    entry.level().number(),
                    entry.level().name().toLowerCase(Locale.ROOT),
                    entry.reason(),
                    entry.timestamp(),
                    entry.level().mayAct(),
                    entry.reviewCount(),
                    Optional.ofNullable(entry.lastReview()),
                    entry.reviewerNotes());
        }
    }

    record Released(boolean released) {}

    record Revived(String name) {}

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
        table.post("/api/security/watchdog/revive")
                .summary("Starts a task again that was given up")
                .takes(object(Map.of("name", text(1, 100))))
                .answers(200, Revived.class)
                .refuses(404, "no_task")
                .refuses(409, "not_dead")
                .handle(Access.USER, this::revive);
        table.get("/api/security/posture")
                .summary("What the checks of the start found, and which rules the node runs by")
                .answers(200, PostureAnswer.class)
                .handle(Access.USER, call -> Reply.ok(posture()));
        describeQuarantine(table);
    }

    private void describeQuarantine(RouteTable table) {
        Map<String, @Nullable Object> subject = Map.of("type", "string", "pattern", SUBJECT);
        table.get("/api/security/quarantine")
                .summary("The agents and nodes in quarantine")
                .answers(200, Kept.class)
                .handle(Access.USER, call -> Reply.ok(kept()));
        table.post("/api/security/quarantine")
                .summary("Puts an agent or a node into quarantine, or deeper into it; a lower level changes nothing")
                .takes(object(Map.of(
                        "subject", subject,
                        "level", Map.of("type", "integer", "minimum", 1L, "maximum", 4L),
                        "reason", text(1, 500))))
                .answers(200, KeptLine.class)
                .handle(Access.USER, this::quarantine);
        table.post("/api/security/quarantine/review")
                .summary("Notes that somebody looked at one in quarantine; its level stays")
                .takes(object(Map.of("subject", subject, "notes", text(1, 2_000))))
                .answers(200, KeptLine.class)
                .refuses(404, "not_in_quarantine")
                .handle(Access.USER, this::review);
        table.post("/api/security/quarantine/rehabilitate")
                .summary("Ends a quarantine")
                .takes(object(Map.of("subject", subject)))
                .answers(200, Released.class)
                .handle(Access.USER, this::rehabilitate);
    }

    private static Map<String, @Nullable Object> text(long least, long most) {
        return Map.of("type", "string", "minLength", least, "maxLength", most, "pattern", "\\S");
    }

    private static Map<String, @Nullable Object> object(Map<String, @Nullable Object> properties) {
        return Map.of(
                "type",
                "object",
                "properties",
                properties,
                "required",
                List.copyOf(properties.keySet()),
                "additionalProperties",
                false);
    }

    private PostureAnswer posture() {
        NodeSafety given = safety;
        BootReport report = given == null ? null : given.report();
        if (given == null || report == null) {
            return new PostureAnswer(
                    "unchecked",
                    "",
                    "",
                    Constitution.guardrailHash(hart.unwrap(Guardrails.class)),
                    List.of(),
                    "",
                    false,
                    List.of());
        }
        TrustAnchors anchors = given.anchors();
        ReleaseManifest release = report.manifest();
        return new PostureAnswer(
                report.posture().name().toLowerCase(Locale.ROOT),
                report.enforcement().name().toLowerCase(Locale.ROOT),
                given.nodeId(),
                given.guardrailHash(),
                anchors == null ? List.of() : List.copyOf(anchors.keys().keySet()),
                release == null ? "" : release.version(),
                given.isWatched(),
                report.steps().stream()
                        .map(step -> new StepLine(
                                step.name(), step.outcome().name().toLowerCase(Locale.ROOT), step.detail()))
                        .toList());
    }

    private TrustQuarantine keeper() {
        return hart.unwrap(TrustQuarantine.class);
    }

    private Kept kept() {
        return new Kept(keeper().entries().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> KeptLine.of(entry.getKey(), entry.getValue()))
                .toList());
    }

    private Reply quarantine(Call call) {
        String subject = call.text("subject");
        int level = ((Number) Objects.requireNonNull(call.body().get("level"))).intValue();
        note(call, subject, "quarantined at level " + level);
        QuarantineEntry entry = keeper().quarantine(subject, QuarantineEntry.Level.of(level), call.text("reason"));
        return Reply.ok(KeptLine.of(subject, entry));
    }

    private Reply review(Call call) {
        String subject = call.text("subject");
        if (keeper().entry(subject).isEmpty()) {
            throw new Refused(404, "not_in_quarantine", subject + " is not in quarantine");
        }
        note(call, subject, "quarantine reviewed");
        return Reply.ok(KeptLine.of(subject, keeper().review(subject, call.text("notes"))));
    }

    private Reply rehabilitate(Call call) {
        String subject = call.text("subject");
        note(call, subject, "quarantine ended");
        return Reply.ok(new Released(keeper().rehabilitate(subject)));
    }

    private void note(Call call, String subject, String what) {
        String target = subject.length() > 100 ? subject.substring(0, 100) : subject;
        hart.unwrap(AuditLog.class)
                .record(AuditEvent.of("quarantine", call.caller().actor(), target, what));
    }

    private Reply revive(Call call) {
        Watchdog watching = watchdog;
        String name = call.text("name");
        TaskHealth health = watching == null
                ? null
                : watching.health().stream()
                        .filter(task -> task.name().equals(name))
                        .findFirst()
                        .orElse(null);
        if (watching == null || health == null) {
            throw new Refused(404, "no_task", "no task of that name is watched");
        }
        if (health.status() != TaskHealth.Status.DEAD) {
            throw new Refused(
                    409, "not_dead", "the task is " + health.status().wireName() + "; only a dead one is revived");
        }
        watching.revive(name);
        return Reply.ok(new Revived(name));
    }

    private AuditAnswer verify() {
        AuditReport report = hart.unwrap(AuditLog.class).verify();
        return new AuditAnswer(
                report.isSound(), report.finding().name(), report.entries(), report.signedUpTo(), report.firstBad());
    }

    private Capabilities capabilities() {
        FeatureGates found = hart.unwrap(FeatureGates.class);
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
