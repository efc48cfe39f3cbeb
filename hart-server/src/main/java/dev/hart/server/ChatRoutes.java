package dev.hart.server;

import dev.hart.Goal;
import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.Runs.Question;
import dev.hart.error.InputInvalidException;
import dev.hart.error.RecipeNotFoundException;
import dev.hart.recipe.MatchResult;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.security.access.RateLimiter;
import dev.hart.tool.Param;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code /chat} and {@code /prompts}, with the names that callers of the reference know. */
final class ChatRoutes {
    private static final Pattern PROMPT_ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final int MAX_PROMPT = 10_000;
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private final Hart hart;
    private final LiveRuns runs;
    private final RateLimiter limiter;

    ChatRoutes(Hart hart, LiveRuns runs, RateLimiter limiter) {
        this.hart = hart;
        this.runs = runs;
        this.limiter = limiter;
    }

    /** What {@code /chat} answers. */
    record ChatAnswer(
            String response,
            List<String> intent,
            @Param(name = "req_token_count") long reqTokenCount,
            @Param(name = "res_token_count") long resTokenCount,
            @Param(name = "history_request_id") String historyRequestId,
            @Param(name = "Agent_status") String agentStatus,
            @Param(name = "prompt_id") Optional<String> promptId,
            @Param(name = "run_id") String runId) {}

    /** One line of {@code /prompts}. */
    record PromptLine(
            @Param(name = "prompt_id") String promptId,
            String name,
            String prompt,
            @Param(name = "agent_name") String agentName,
            @Param(name = "is_active") boolean isActive,
            @Param(name = "user_id") String userId,
            @Param(name = "has_recipe") boolean hasRecipe,
            @Param(name = "flow_count") int flowCount,
            String source) {}

    void describe(RouteTable table) {
        table.post("/chat")
                .summary("Does what a prompt asks and answers with the result")
                .takes(chatSchema())
                .answers(200, ChatAnswer.class)
                .refuses(400, "invalid_request", "INPUT_INVALID")
                .refuses(403, "GUARDRAIL_REFUSED")
                .refuses(422, "CANNOT_PLAN")
                .refuses(429, "rate_limited")
                .refuses(503, "too_many_runs")
                .refuses(504, "still_running")
                .handle(Access.USER, this::chat);
        table.get("/prompts")
                .summary("The stored recipes, as agents that can be asked")
                .query("user_id", "who asks; required", Map.of("type", "string"))
                .answersListOf(PromptLine.class)
                .refuses(400, "invalid_query")
                .handle(Access.USER, this::prompts);
    }

    private Reply chat(Call call) {
        Limits.require(limiter, "chat", call.caller().name(), "Rate limit exceeded (30/min). Please wait.");
        Map<String, @Nullable Object> body = call.body();
        String prompt = text(body, "prompt").or(() -> text(body, "input_text")).orElse("");
        List<String> missing = new ArrayList<>();
        if (text(body, "user_id").isEmpty()) {
            missing.add("user_id");
        }
        if (!body.containsKey("prompt_id")) {
            missing.add("prompt_id (null for no agent)");
        }
        if (prompt.isBlank()) {
            missing.add("prompt");
        }
        if (!missing.isEmpty()) {
            throw new Refused(400, "invalid_request", "missing: " + String.join(", ", missing));
        }
        if (prompt.length() > MAX_PROMPT) {
            throw new Refused(400, "invalid_request", "prompt may have at most " + MAX_PROMPT + " characters");
        }
        Optional<String> promptId = text(body, "prompt_id").filter(id -> !id.equals("0"));
        if (body.get("prompt_id") != null
                && !PROMPT_ID.matcher(text(body, "prompt_id").orElse("")).matches()) {
            throw new Refused(
                    400, "invalid_request", "prompt_id has letters, digits, '_' and '-', 1 to 64, or is null");
        }
        boolean assumes = flag(body, "autonomous");
        boolean anew = assumes || flag(body, "create_agent");
        Goal goal = assumes ? Goal.of(prompt).autonomous() : Goal.of(prompt).interactive();
        RunHandle handle = runs.start(prompt, () -> anew ? hart.start(goal) : start(promptId, prompt));
        return new Reply.Later(handle.future()
                .copy()
                .orTimeout(LONGEST_WAIT.toSeconds(), TimeUnit.SECONDS)
                .handle((run, failure) -> {
                    if (failure instanceof TimeoutException) {
                        throw new Refused(504, "still_running", "the run goes on: see GET /runs/" + handle.id());
                    }
                    if (failure != null) {
                        throw failure instanceof CompletionException e ? e : new CompletionException(failure);
                    }
                    return Reply.ok(answer(run, text(body, "request_id").orElse(handle.id())));
                }));
    }

    private RunHandle start(Optional<String> promptId, String prompt) {
        RecipeVersion version;
        try {
            version = promptId.isPresent() ? hart.recipes().get(promptId.get()) : null;
        } catch (RecipeNotFoundException e) {
            version = null;
        }
        return version == null ? hart.start(prompt) : hart.start(version.recipeId(), inputs(version, prompt));
    }

    /** What the prompt says about the inputs of the recipe that was asked for by name. */
    private Inputs inputs(RecipeVersion version, String prompt) {
        MatchResult match = hart.recipes().match(prompt);
        if (match instanceof MatchResult.Exact exact && isSame(version, exact.recipe())) {
            return exact.inputs();
        }
        if (match instanceof MatchResult.Match close && isSame(version, close.recipe())) {
            return close.inputs();
        }
        if (!version.recipe().inputNames().isEmpty()) {
            throw new InputInvalidException(
                    String.join(", ", version.recipe().inputNames()),
                    "is not clear from the prompt; ask like: "
                            + String.join(" | ", version.recipe().intents()));
        }
        return Inputs.none();
    }

    private static boolean isSame(RecipeVersion one, RecipeVersion other) {
        return one.recipeId().equals(other.recipeId());
    }

    private ChatAnswer answer(Run run, String requestId) {
        if (run.state() != RunState.SUCCEEDED && run.state() != RunState.PAUSED) {
            throw run.failure().orElseThrow();
        }
        boolean waits = run.state() == RunState.PAUSED;
        Optional<Recipe> recipe = run.recipe().map(RecipeVersion::recipe);
        return new ChatAnswer(
                waits ? waitsFor(run) : say(run.output()),
                recipe.map(Recipe::intents).orElse(List.of()),
                run.report().tokens().in(),
                run.report().tokens().out(),
                requestId,
                waits ? "Review Mode" : run.mode() == Mode.CREATE ? "Creation Mode" : "Reuse Mode",
                recipe.map(Recipe::name),
                run.id());
    }

    /** What it asks; else what it waits for. */
    private String waitsFor(Run run) {
        List<Question> questions = hart.runs().questions(run.id());
        return questions.isEmpty()
                ? run.failure().map(Throwable::getMessage).orElse("waits for a person")
                : questions.stream().map(Question::text).collect(Collectors.joining("\n"));
    }

    private static String say(@Nullable Object output) {
        return output instanceof String text ? text : JsonText.write(output);
    }

    private Reply prompts(Call call) {
        String userId = call.context().queryParam("user_id");
        if (userId == null || userId.isBlank()) {
            throw new Refused(400, "invalid_query", "user_id is missing");
        }
        return Reply.ok(hart.recipes().list().stream()
                .map(version -> line(version, userId))
                .toList());
    }

    private static PromptLine line(RecipeVersion version, String userId) {
        Recipe recipe = version.recipe();
        return new PromptLine(
                version.recipeId(),
                recipe.name(),
                recipe.goal(),
                "local."
                        + recipe.name()
                                .toLowerCase(Locale.ROOT)
                                .replace('_', '.')
                                .replace('-', '.'),
                version.status() == RecipeVersion.Status.TRAINED,
                userId,
                true,
                recipe.flows().size(),
                "local");
    }

    /** A field as text; numbers, too, are ids to callers of the reference. */
    private static Optional<String> text(Map<String, @Nullable Object> body, String field) {
        return Optional.ofNullable(body.get(field)).map(String::valueOf);
    }

    /** A field that callers of the reference give as a truth value or as its text. */
    private static boolean flag(Map<String, @Nullable Object> body, String field) {
        return text(body, field).filter("true"::equalsIgnoreCase).isPresent();
    }

    /** Required fields are checked by hand, so that all that are missing are named at once in the reference's words. */
    private static Map<String, @Nullable Object> chatSchema() {
        Map<String, @Nullable Object> properties = new LinkedHashMap<>();
        Map<String, @Nullable Object> id = Map.of("type", List.of("string", "integer"));
        properties.put("user_id", id);
        properties.put("prompt_id", Map.of("type", List.of("string", "integer", "null")));
        properties.put("prompt", Map.of("type", "string"));
        properties.put("input_text", Map.of("type", "string", "description", "another name of prompt"));
        properties.put("request_id", id);
        properties.put(
                "create_agent",
                Map.of("type", List.of("boolean", "string"), "description", "plan anew, and ask what is not said"));
        properties.put(
                "autonomous",
                Map.of(
                        "type",
                        List.of("boolean", "string"),
                        "description",
                        "plan anew; the model assumes what is not said"));
        return Map.of("type", "object", "properties", properties);
    }
}
