package dev.hart.core.plan;

import dev.hart.core.json.JsonText;
import dev.hart.core.json.SchemaCheck;
import dev.hart.core.model.LenientJson;
import dev.hart.core.model.LenientJson.Reading;
import dev.hart.core.model.LenientJson.Repair;
import dev.hart.core.model.ModelCall;
import dev.hart.core.model.ModelCaller;
import dev.hart.core.plan.ModelPlannerCheck.Plan;
import dev.hart.error.CannotPlanException;
import dev.hart.error.CannotPlanException.Missing;
import dev.hart.model.Message;
import dev.hart.model.Message.AssistantMessage;
import dev.hart.model.Message.UserMessage;
import dev.hart.model.ModelException;
import dev.hart.model.ModelRequest;
import dev.hart.tool.ToolSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plans with a language model. The model answers with a plan as JSON; the plan is checked against the registered tools and
 * their schemas, and when something is wrong with it the list of problems goes back to the model, at most twice.
 *
 * <p>Thread-safe when its caller is.
 */
public final class ModelPlanner implements Planner {
    private static final Logger LOG = LoggerFactory.getLogger(ModelPlanner.class);
    private static final int MAX_REPAIRS = 2;
    private static final int MAX_REQUEST_CHARS = 20_000;
    private static final int MAX_ANSWER_CHARS = 100_000;
    private static final int MAX_TOKENS = 4_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final ModelCaller caller;
    private final SchemaCheck schemas;

    public ModelPlanner(ModelCaller caller, SchemaCheck schemas) {
        this.caller = caller;
        this.schemas = schemas;
    }

    /** @throws dev.hart.error.GuardrailRefusedException when the gate refuses the model's answer */
    @Override
    public Draft plan(String request, List<ToolSpec> tools) {
        return plan(request, tools, false, call -> {});
    }

    /** @throws dev.hart.error.GuardrailRefusedException when the gate refuses the model's answer */
    @Override
    public Draft plan(Gathered request, List<ToolSpec> tools, boolean mayAsk, Consumer<ModelCall> spent) {
        return plan(request.text(), tools, mayAsk, spent);
    }

    private Draft plan(String request, List<ToolSpec> tools, boolean mayAsk, Consumer<ModelCall> spent) {
        if (request.length() > MAX_REQUEST_CHARS) {
            throw new CannotPlanException(
                    "the request has " + request.length() + " characters; say it in at most " + MAX_REQUEST_CHARS
                            + ", and put long texts into a file",
                    List.of(),
                    null);
        }
        List<ModelCall> calls = new ArrayList<>();
        ModelPlannerCheck check = new ModelPlannerCheck(tools, schemas);
        List<Message> opening = ModelPlannerPrompt.opening(request, tools, mayAsk);
        List<Message> messages = opening;
        List<String> problems = List.of();
        boolean waited = false;
        for (int round = 0; round <= MAX_REPAIRS; round++) {
            String answer = ask(messages, mayAsk, call -> {
                calls.add(call);
                spent.accept(call);
            });
            problems = new ArrayList<>();
            Plan plan = read(answer, check, mayAsk, problems);
            if (plan != null) {
                refuseWhatNoToolCanDo(plan, request);
                return ModelPlannerInputs.draft(request, plan, tools, calls);
            }
            boolean waits = problems.stream().anyMatch(problem -> problem.startsWith(ModelPlannerFlows.CYCLE));
            if (waits && waited) {
                throw unusable(problems, "no order of flows, although it was asked again");
            }
            waited |= waits;
            LOG.debug("Plan of model {} has {} problems in round {}", caller.model(), problems.size(), round);
            messages = new ArrayList<>(opening);
            if (!answer.isBlank()) {
                messages.add(new AssistantMessage(answer, List.of()));
            }
            messages.add(new UserMessage(ModelPlannerPrompt.repair(problems)));
        }
        throw unusable(problems, "no valid plan in " + (MAX_REPAIRS + 1) + " answers");
    }

    private String ask(List<Message> messages, boolean mayAsk, Consumer<ModelCall> spent) {
        Map<String, @Nullable Object> form = mayAsk ? ModelPlannerQuestions.PLAN : ModelPlannerPrompt.PLAN;
        ModelRequest request = new ModelRequest(messages, List.of(), form, MAX_TOKENS, 0.0, TIMEOUT);
        String answer = caller.call("plan", request, spent).text();
        return answer.length() <= MAX_ANSWER_CHARS ? answer : answer.substring(0, MAX_ANSWER_CHARS);
    }

    /** The plan, or null and what is wrong with it. */
    private @Nullable Plan read(String answer, ModelPlannerCheck check, boolean mayAsk, List<String> problems) {
        Reading reading = LenientJson.read(answer).orElse(null);
        if (reading == null || !(reading.value() instanceof Map<?, ?> object)) {
            problems.add("the answer is not one JSON object");
            return null;
        }
        if (reading.repairs().contains(Repair.MISSING_CLOSER)) {
            problems.add("the answer broke off before its end; give a shorter plan");
            return null;
        }
        if (mayAsk) {
            List<Missing> missing = ModelPlannerQuestions.read(object, schemas, problems);
            if (!problems.isEmpty()) {
                return null;
            }
            if (!missing.isEmpty()) {
                throw new CannotPlanException(
                        "model " + caller.model() + " needs to know more: "
                                + missing.stream().map(Missing::question).collect(Collectors.joining(" ")),
                        List.of(),
                        missing,
                        null);
            }
        }
        return check.check(object, problems);
    }

    private void refuseWhatNoToolCanDo(Plan plan, String request) {
        if (!plan.cannot().isEmpty()) {
            List<String> parts = plan.cannot().stream()
                    .filter(part -> !part.isBlank() && request.contains(part))
                    .toList();
            throw new CannotPlanException(
                    "model " + caller.model() + " found no way to do this with the registered tools: "
                            + JsonText.of(plan.cannot()) + "; register a tool that can, or ask without it",
                    parts,
                    null);
        }
    }

    private CannotPlanException unusable(List<String> problems, String what) {
        String message = "model " + caller.model() + " gave " + what
                + "; say the request in other words, register the tools it needs, or use a stronger model."
                + " Problems of the last answer: " + String.join("; ", problems);
        return new CannotPlanException(
                message, List.of(), new ModelException(ModelException.Kind.UNREADABLE, String.join("; ", problems)));
    }
}
