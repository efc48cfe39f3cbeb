package dev.hart.server;

import dev.hart.tool.Param;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Whether the server lives, and what it is. */
final class StatusRoutes {
    private static final String MODEL_VARIABLE = "HART_MODEL";

    private final Supplier<Map<String, Object>> openApi;

    StatusRoutes(Supplier<Map<String, Object>> openApi) {
        this.openApi = openApi;
    }

    record Health(String status) {}

    /** The reference's names; everything behind {@code status} is shown to callers with a credential only. */
    record Status(
            String response,
            String status,
            Optional<String> version,
            @Param(name = "llm_backend") Optional<Backend> llmBackend,
            @Param(name = "node_tier") Optional<String> nodeTier,
            @Param(name = "hevolve_core_healthy") Optional<Boolean> coreHealthy,
            @Param(name = "learning_active") Optional<Boolean> learningActive) {}

    record Backend(
            String type, @Param(name = "display_name") String displayName, String model, String mode) {
        static Backend fromEnvironment() {
            String model = System.getenv(MODEL_VARIABLE);
            return model == null || model.isBlank()
                    ? new Backend("embedded", "Embedded planner", "none", "local")
                    : new Backend("openai-compatible", model, model, "remote");
        }
    }

    void describe(RouteTable table) {
        table.get("/health")
                .summary("Whether the server lives")
                .answers(200, Health.class)
                .handle(Access.PUBLIC, call -> Reply.ok(new Health("alive")));
        table.get("/status")
                .summary("What is running; details for known callers only")
                .answers(200, Status.class)
                .handle(Access.PUBLIC, call -> Reply.ok(status(call.caller().isOwner())));
        table.get("/openapi.json")
                .summary("This interface as an OpenAPI 3.1 document")
                .answers(200, RouteTable.JSON, Map.of("type", "object"))
                .handle(Access.PUBLIC, call -> Reply.ok(openApi.get()));
    }

    private static Status status(boolean details) {
        if (!details) {
            return new Status(
                    "Working...",
                    "running",
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }
        return new Status(
                "Working...",
                "running",
                Optional.of(Version.current()),
                Optional.of(Backend.fromEnvironment()),
                Optional.of("flat"),
                Optional.of(true),
                Optional.of(true));
    }
}
