package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.HartClock;
import dev.hart.core.json.SchemaCheck;
import dev.hart.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Walks the whole route table of a server that has a key. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RoutesTest {
    private static final String[] WITH_KEY = {"Authorization", "Bearer " + ServedHart.KEY};
    private ServedHart served;
    private String runId;
    private String goalId;

    @BeforeAll
    void open(@TempDir Path directory) throws IOException {
        served = new ServedHart(
                directory, settings -> settings.apiKey(ServedHart.KEY).clock(new HurriedClock()));
        runId = served.hart.run(ServedHart.SALES).id();
        served.post("/api/ledgers/team/work/tasks", "{\"task_id\":\"t1\",\"description\":\"First\"}", WITH_KEY);
        goalId = served.post(
                        "/api/distributed/goals",
                        "{\"objective\":\"Count\",\"tasks\":[{\"description\":\"Count one\"}]}",
                        WITH_KEY)
                .json()
                .get("goal_id")
                .toString();
    }

    /** An hour passes with each look at it, so that no limit is met here. */
    private static final class HurriedClock implements HartClock {
        private final AtomicLong hours = new AtomicLong();

        @Override
        public Instant instant() {
            return Instant.parse("2026-01-01T00:00:00Z").plus(Duration.ofHours(hours.incrementAndGet()));
        }

        @Override
        public void sleep(Duration duration) {}
    }

    @AfterAll
    void close() {
        served.close();
    }

    Stream<Route> routes() {
        return served.server.routes().stream();
    }

    @ParameterizedTest
    @MethodSource("routes")
    void withoutTheKeyOnlyPublicRoutesAnswer(Route route) {
        int before = served.hart.runs().list(1_000).size();

        ServedHart.Answer answer = served.send(route.method(), path(route), body(route));

        if (route.access() == Access.PUBLIC) {
            assertThat(answer.status()).isEqualTo(200);
        } else if (route.access() == Access.SIGNED_ORDER) {
            assertThat(answer.status())
                    .as("there is nobody whose orders it takes")
                    .isEqualTo(404);
        } else if (route.access() == Access.REFRESH_TOKEN) {
            assertThat(answer.status()).as("the token in the body is none").isEqualTo(400);
            assertThat(answer.json()).containsEntry("code", "invalid_grant");
        } else {
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"hart\"");
            assertThat(answer.json()).containsEntry("code", "unauthorized").containsEntry("success", false);
        }
        assertThat(served.hart.runs().list(1_000)).hasSize(before);
    }

    @ParameterizedTest
    @MethodSource("routes")
    void aWrongKeyIsRefusedEverywhereAndNeverTakenForNone(Route route) {
        assertThat(served.send(route.method(), path(route), body(route), "X-API-Key", "a-key-for-tests-onlY")
                        .status())
                .isEqualTo(401);
        assertThat(served.send(route.method(), path(route), body(route), "Authorization", "Basic YTpi")
                        .status())
                .isEqualTo(401);
    }

    @ParameterizedTest
    @MethodSource("routes")
    void anAgentsKeyIsForDistributedWorkOnly(Route route) throws IOException {
        try (HartServer shared = HartServer.of(served.hart)
                .port(0)
                .apiKey(ServedHart.KEY)
                .agentKey("ant", "the-key-of-the-ant")
                .start()) {
            int status = served.client
                    .send(
                            java.net.http.HttpRequest.newBuilder(
                                            shared.baseUri().resolve(path(route)))
                                    .header("X-API-Key", "the-key-of-the-ant")
                                    .method(
                                            route.method(),
                                            java.net.http.HttpRequest.BodyPublishers.ofString(
                                                    body(route) == null ? "" : body(route)))
                                    .build(),
                            java.net.http.HttpResponse.BodyHandlers.discarding())
                    .statusCode();
            if (route.access() == Access.USER) {
                assertThat(status).isEqualTo(403);
            } else {
                assertThat(route.path().startsWith("/api/distributed/") || route.access() != Access.AGENT)
                        .isTrue();
                assertThat(status).isNotIn(401, 500);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @MethodSource("routes")
    void withTheKeyARouteAnswersAsItIsDescribed(Route route) throws IOException {
        ServedHart.Answer answer = served.send(route.method(), path(route), body(route), WITH_KEY);

        Set<Integer> described =
                route.refusals().stream().map(Route.Refusal::status).collect(Collectors.toSet());
        described.add(route.answer().status());
        described.addAll(route.otherStatuses());
        assertThat(described).as(answer.body()).contains(answer.status());
        if (answer.status() == route.answer().status()
                && route.answer().contentType().equals(RouteTable.JSON)) {
            Object value = JsonText.readObject(("{\"it\":" + answer.body() + "}").getBytes())
                    .get("it");
            assertThat(new SchemaCheck().problems(route.answer().schema(), value))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("routes")
    void theKeyMayComeInEitherHeader(Route route) {
        assertThat(served.send(route.method(), path(route), body(route), "X-API-Key", ServedHart.KEY)
                        .status())
                .isNotEqualTo(401);
    }

    @Test
    @SuppressWarnings("unchecked")
    void theOpenApiDocumentHasExactlyTheRoutesOfTheTable() {
        Map<String, Object> document = served.get("/openapi.json").json();

        Set<String> described = new TreeSet<>();
        ((Map<String, Map<String, Map<String, Object>>>) document.get("paths"))
                .forEach((path, operations) -> operations.forEach((method, operation) -> {
                    described.add(method.toUpperCase(java.util.Locale.ROOT) + " " + path);
                    assertThat(operation).containsKey("x-hart-access");
                    assertThat((Map<String, Object>) operation.get("responses"))
                            .as(path)
                            .anySatisfy((status, response) -> assertThat(status).startsWith("20"));
                }));
        assertThat(described)
                .isEqualTo(routes().map(route -> route.method() + " " + route.path())
                        .collect(Collectors.toCollection(TreeSet::new)));
        assertThat(document).containsEntry("openapi", "3.1.0");
        assertThat(Json.objectOf(served.server.openApi())).isEqualTo(document);
    }

    @Test
    void theTableHoldsTheRoutesOfTheReferenceAndOfHart() {
        assertThat(routes().map(route -> route.method() + " " + route.path()))
                .containsExactlyInAnyOrder(
                        "GET /",
                        "GET /console/{file}",
                        "GET /health",
                        "GET /status",
                        "GET /openapi.json",
                        "POST /chat",
                        "GET /prompts",
                        "GET /recipes",
                        "GET /recipes/{id}",
                        "GET /recipes/{id}/versions",
                        "GET /recipes/{id}/diff",
                        "GET /recipes/{id}/experience",
                        "POST /recipes/{id}/dry-run",
                        "POST /recipes/{id}/runs",
                        "GET /recipes/{id}/schedules",
                        "POST /recipes/{id}/schedules/{number}/pause",
                        "POST /recipes/{id}/schedules/{number}/unpause",
                        "POST /recipes/{id}/schedules/{number}/runs",
                        "POST /recipes/match",
                        "GET /rollouts",
                        "GET /recipes/{id}/rollouts",
                        "POST /recipes/{id}/rollouts",
                        "POST /recipes/{id}/promote",
                        "POST /recipes/{id}/roll-back",
                        "GET /recipes/{id}/guard",
                        "POST /recipes/{id}/guard",
                        "GET /runs",
                        "POST /runs",
                        "GET /runs/{id}",
                        "GET /runs/{id}/events",
                        "GET /runs/{id}/evidence",
                        "POST /runs/{id}/cancel",
                        "POST /runs/{id}/resume",
                        "POST /runs/{id}/rerun",
                        "POST /runs/{id}/approve",
                        "POST /runs/{id}/reject",
                        "POST /runs/{id}/answer",
                        "POST /runs/{id}/resolve",
                        "GET /api/guardrails/status",
                        "POST /api/guardrails/commands",
                        "POST /api/guardrails/estop",
                        "POST /api/guardrails/estop/clear",
                        "GET /api/ledgers",
                        "GET /api/ledgers/{agent}/{session}",
                        "GET /api/ledgers/{agent}/{session}/tasks",
                        "POST /api/ledgers/{agent}/{session}/tasks",
                        "GET /api/ledgers/{agent}/{session}/tasks/{id}",
                        "GET /api/ledgers/{agent}/{session}/tasks/{id}/history",
                        "POST /api/ledgers/{agent}/{session}/tasks/{id}/heartbeat",
                        "POST /api/ledgers/{agent}/{session}/tasks/{id}/{command}",
                        "POST /api/ledgers/{agent}/{session}/claim",
                        "GET /api/ledgers/{agent}/{session}/events",
                        "GET /api/ledgers/{agent}/{session}/graph",
                        "GET /api/ledgers/{agent}/{session}/verify",
                        "GET /api/ledgers/{agent}/{session}/checkpoints",
                        "GET /api/ledgers/{agent}/{session}/snapshots",
                        "POST /api/ledgers/{agent}/{session}/snapshots",
                        "GET /api/ledgers/{agent}/{session}/snapshots/{id}/compare",
                        "POST /api/ledgers/{agent}/{session}",
                        "GET /api/ledgers/{agent}/{session}/tasks/{id}/votes",
                        "GET /api/ledgers/{agent}/{session}/ready",
                        "GET /api/ledgers/{agent}/{session}/report",
                        "POST /api/ledgers/{agent}/{session}/tasks/{id}/add_child",
                        "POST /api/ledgers/{agent}/{session}/tasks/{id}/add_siblings",
                        "POST /api/ledgers/{agent}/{session}/tasks/{id}/add_chain",
                        "POST /api/ledgers/{agent}/{session}/tasks/{id}/add_subtasks",
                        "POST /api/ledgers/{agent}/{session}/tasks/{id}/delegate_part",
                        "POST /api/ledgers/{agent}/{session}/tasks/{id}/finish_delegation",
                        "POST /api/ledgers/{agent}/{session}/tasks/{id}/block_by",
                        "POST /api/ledgers/{agent}/{session}/tasks/{id}/add_prerequisite",
                        "POST /api/ledgers/{agent}/{session}/tasks/{id}/remove_prerequisite",
                        "POST /api/ledgers/{agent}/{session}/tasks/{id}/remove_blocker",
                        "POST /api/ledgers/{agent}/{session}/tasks/{id}/cancel_cascade",
                        "POST /api/ledgers/{agent}/{session}/tasks/{id}/roll_back_cascade",
                        "POST /api/ledgers/{agent}/{session}/tasks/{id}/retry_as_new",
                        "POST /api/ledgers/{agent}/{session}/tasks/{id}/transfer",
                        "POST /api/ledgers/{agent}/{session}/tasks/{id}/complete_and_route",
                        "POST /api/ledgers/{agent}/{session}/tasks/{id}/vote",
                        "POST /api/ledgers/{agent}/{session}/chain",
                        "POST /api/ledgers/{agent}/{session}/goals",
                        "POST /api/ledgers/{agent}/{session}/dynamic",
                        "POST /api/ledgers/{agent}/{session}/link_siblings",
                        "POST /api/ledgers/{agent}/{session}/pause_all_active",
                        "POST /api/ledgers/{agent}/{session}/resume_all_paused",
                        "POST /api/ledgers/{agent}/{session}/defer_all_pending",
                        "POST /api/ledgers/{agent}/{session}/undefer_all",
                        "POST /api/ledgers/{agent}/{session}/archive",
                        "POST /api/ledgers/{agent}/{session}/pause",
                        "POST /api/ledgers/{agent}/{session}/unpause",
                        "POST /api/distributed/baselines",
                        "POST /api/distributed/goals",
                        "GET /api/distributed/goals/{id}/progress",
                        "POST /api/distributed/tasks/claim",
                        "POST /api/distributed/tasks/{id}/submit",
                        "POST /api/distributed/tasks/{id}/verify",
                        "GET /api/distributed/tasks/available",
                        "POST /api/distributed/tasks/announce",
                        "GET /api/distributed/hosts",
                        "POST /api/distributed/hosts/register",
                        "GET /api/distributed/status",
                        "POST /api/auth/tokens",
                        "POST /api/auth/refresh",
                        "POST /api/auth/revoke",
                        "GET /api/gpu/devices",
                        "GET /api/gpu/leases",
                        "POST /api/gpu/leases",
                        "GET /api/gpu/leases/{id}",
                        "DELETE /api/gpu/leases/{id}",
                        "POST /api/gpu/leases/{id}/activate",
                        "POST /api/gpu/leases/{id}/renew",
                        "GET /api/tools/vram",
                        "GET /api/tools/status",
                        "GET /api/tools/lifecycle",
                        "POST /api/tools/lifecycle/{id}/priority",
                        "POST /api/tools/lifecycle/{id}/offload",
                        "POST /api/tools/{id}/setup",
                        "POST /api/tools/{id}/start",
                        "POST /api/tools/{id}/stop",
                        "POST /api/tools/{id}/unload",
                        "GET /api/system/pressure",
                        "GET /api/system/health",
                        "GET /api/system/optimizations",
                        "POST /api/system/optimize",
                        "GET /api/system/events",
                        "GET /api/models",
                        "GET /api/models/available",
                        "GET /api/models/downloaded",
                        "POST /api/models/onboard",
                        "POST /api/models/switch",
                        "GET /api/models/{id}",
                        "DELETE /api/models/{id}",
                        "POST /api/voice/transcribe",
                        "POST /api/voice/speak",
                        "POST /api/voice/clone",
                        "GET /api/voice/voices",
                        "GET /api/voice/engines",
                        "GET /api/voice/audio/{file}",
                        "GET /api/security/audit/verify",
                        "GET /api/security/capabilities",
                        "GET /api/security/watchdog",
                        "POST /api/security/watchdog/revive",
                        "GET /api/security/posture",
                        "GET /api/security/quarantine",
                        "POST /api/security/quarantine",
                        "POST /api/security/quarantine/review",
                        "POST /api/security/quarantine/rehabilitate");
    }

    @Test
    void statusTellsDetailsToKnownCallersOnly() {
        assertThat(served.get("/status").json()).containsOnlyKeys("response", "status");
        assertThat(served.get("/status", WITH_KEY).json())
                .containsEntry("response", "Working...")
                .containsEntry("status", "running")
                .containsEntry("node_tier", "flat")
                .containsKeys("llm_backend", "version", "learning_active");
    }

    private String path(Route route) {
        String id = route.path().startsWith("/runs")
                ? runId
                : route.path().startsWith("/api/ledgers")
                        ? "t1"
                        : route.path().startsWith("/api/distributed/goals")
                                ? goalId
                                : route.path().startsWith("/api") ? goalId + "_sub_1" : "hold";
        String path = route.path()
                .replace("{id}", id)
                .replace("{number}", "1")
                .replace("{file}", "app.js")
                .replace("{agent}", "team")
                .replace("{session}", "work")
                .replace("{command}", "reprioritize");
        return switch (path) {
            case "/prompts" -> path + "?user_id=7";
            case "/api/models" -> path + "?type=llm";
            case "/api/models/available" -> path + "?model=no%20repository";
            default -> path;
        };
    }

    /** A body that each route takes; the gate holds what is started with it. */
    private static String body(Route route) {
        if (route.requestSchema() == null) {
            return route.method().equals("GET") ? null : "";
        }
        return JsonText.write(
                switch (route.path()) {
                    case "/chat" -> Map.of("user_id", 1, "prompt_id", 0, "prompt", "Sing a song about the sea");
                    case "/recipes/{id}/runs", "/recipes/{id}/dry-run" -> Map.of("inputs", Map.of());
                    case "/runs", "/recipes/match" -> Map.of("request", "Sing a song about the sea");
                    case "/runs/{id}/rerun" -> Map.of("results", Map.of("total", 42));
                    case "/api/ledgers/{agent}/{session}/tasks" ->
                        Map.of("task_id", "t" + System.nanoTime(), "description", "More");
                    case "/api/ledgers/{agent}/{session}/tasks/{id}/heartbeat" -> Map.of("lease_token", 1);
                    case "/api/ledgers/{agent}/{session}/tasks/{id}/{command}" -> Map.of("priority", 51);
                    case "/api/ledgers/{agent}/{session}/claim" -> Map.of("worker_id", "w1", "task_id", "t1");
                    case "/api/distributed/goals" ->
                        Map.of("objective", "Count", "tasks", java.util.List.of(Map.of("description", "Count one")));
                    case "/api/distributed/tasks/claim",
                            "/api/distributed/tasks/{id}/verify",
                            "/api/distributed/baselines",
                            "/api/ledgers/{agent}/{session}/snapshots" -> Map.of();
                    case "/api/distributed/tasks/{id}/submit" -> Map.of("result", 1);
                    case "/api/distributed/tasks/announce" ->
                        Map.of("goal_id", "g1", "tasks", java.util.List.of(Map.of("description", "Count one")));
                    case "/api/distributed/hosts/register" -> Map.of("host_id", "h1");
                    case "/api/models/onboard" -> Map.of("model", "no repository");
                    case "/api/models/switch" -> Map.of("from", "one", "model", "other");
                    case "/api/tools/lifecycle/{id}/priority" -> Map.of("priority", "idle");
                    case "/api/gpu/leases" -> Map.of("tool", "whisper");
                    case "/api/voice/speak" -> Map.of("text", "hello");
                    case "/api/gpu/leases/{id}/activate", "/api/gpu/leases/{id}/renew" -> Map.of("fencingToken", 1);
                    case "/api/guardrails/estop" -> Map.of("reason", "a drill");
                    case "/api/security/watchdog/revive" -> Map.of("name", "schedules");
                    case "/api/security/quarantine" -> Map.of("subject", "mole", "level", 1, "reason", "a drill");
                    case "/api/security/quarantine/review" -> Map.of("subject", "mole", "notes", "looked at");
                    case "/api/security/quarantine/rehabilitate" -> Map.of("subject", "mole");
                    case "/api/auth/tokens" -> Map.of("subject", "ann", "scope", "user");
                    case "/api/auth/refresh" -> Map.of("refresh_token", "hart_rt_none");
                    case "/api/auth/revoke" -> Map.of("subject", "ann");
                    case "/runs/{id}/answer" -> Map.of("question", "action_1.1", "value", "Oslo");
                    case "/runs/{id}/resolve" -> Map.of("action", "action_1", "decision", "GIVE_UP");
                    default -> Map.of("action", "action_1");
                });
    }
}
