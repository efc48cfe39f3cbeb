package dev.hart.core.run;

import dev.hart.core.model.LenientJson;
import dev.hart.core.model.ModelCall;
import dev.hart.core.model.ModelCaller;
import dev.hart.core.tool.CallableTool;
import dev.hart.error.GuardrailRefusedException;
import dev.hart.error.HaltedException;
import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.ledger.CanonicalJson;
import dev.hart.model.Message;
import dev.hart.model.ModelException;
import dev.hart.model.ModelRequest;
import dev.hart.recipe.Step;
import dev.hart.recipe.StepKind;
import dev.hart.security.UntrustedText;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolContext;
import dev.hart.tool.ToolResult;
import dev.hart.tool.ToolSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Performs one attempt of a TOOL or MODEL step: gate, check of the arguments, the call, gate, check of the result. Keeps no
 * state; thread-safe.
 */
final class StepRunner {
    /** Longest time of a MODEL step that sets none. */
    private static final Duration MODEL_TIMEOUT = Duration.ofSeconds(60);

    private static final Logger LOG = LoggerFactory.getLogger(StepRunner.class);

    private final RunContext context;

    StepRunner(RunContext context) {
        this.context = context;
    }

    /** The longest time for one attempt. */
    Duration timeout(Step step) {
        if (step.timeout() != null) {
            return step.timeout();
        }
        CallableTool tool = step.tool() == null ? null : context.tools().tool(step.tool());
        return tool == null ? MODEL_TIMEOUT : tool.spec().timeout();
    }

    /** One attempt. Whatever goes wrong is in the outcome. */
    StepCall.Outcome perform(String runId, StepCall call) throws InterruptedException {
        long start = System.nanoTime();
        List<ModelCall> modelCalls = new ArrayList<>();
        Attempt attempt;
        try {
            context.halt().requireRunning();
            attempt = call.step().kind() == StepKind.MODEL ? askModel(call, modelCalls) : callTool(runId, call);
        } catch (HaltedException e) {
            LOG.debug("run {}: {} was not called", runId, call.actionName(), e);
            return new StepCall.Suspended(call);
        } catch (GuardrailRefusedException e) {
            attempt = new Attempt.Bad(e.code(), String.valueOf(e.getMessage()), false);
        } catch (ModelException e) {
            attempt = new Attempt.Bad(e.code(), String.valueOf(e.getMessage()), e.retryable());
        } catch (RuntimeException e) {
            LOG.error("run {}: {} failed", runId, call.actionName(), e);
            attempt = new Attempt.Bad("STEP_FAILED", call.actionName() + " failed: " + e, false);
        }
        long millis = (System.nanoTime() - start) / 1_000_000;
        if (attempt instanceof Attempt.Good good) {
            List<String> problems = expectationProblems(call.step(), good.value());
            if (problems.isEmpty()) {
                return new StepCall.Finished(call, good.value(), millis, modelCalls, null, good.flagged());
            }
            attempt = new Attempt.Bad(
                    "EXPECTATION_FAILED",
                    "the result of %s is not what the recipe expects: %s"
                            .formatted(call.actionName(), String.join("; ", problems)),
                    call.step().effect().compareTo(Effect.WRITE) < 0);
        }
        if (attempt instanceof Attempt.Unapproved unapproved) {
            return new StepCall.Unapproved(call, unapproved.reasons(), millis);
        }
        Attempt.Bad bad = (Attempt.Bad) attempt;
        return new StepCall.Failed(call, bad.code(), bad.message(), bad.retryable(), false, millis, modelCalls, null);
    }

    private sealed interface Attempt {
        record Good(@Nullable Object value, Set<String> flagged) implements Attempt {}

        record Unapproved(List<String> reasons) implements Attempt {}

        record Bad(String code, String message, boolean retryable) implements Attempt {}
    }

    /** What is wrong with a step's result; a schema that cannot be used is a problem too. */
    List<String> expectationProblems(Step step, @Nullable Object value) {
        return step.expect() == null ? List.of() : problems(step.expect(), value);
    }

    List<String> problems(Map<String, @Nullable Object> schema, @Nullable Object value) {
        try {
            return context.schemas().problems(schema, value);
        } catch (IllegalArgumentException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }

    private Attempt callTool(String runId, StepCall call) throws InterruptedException {
        String name = Objects.requireNonNull(call.step().tool());
        CallableTool tool = context.tools().tool(name);
        if (tool == null) {
            return new Attempt.Bad(
                    "UNKNOWN_TOOL", "tool '" + name + "' is not registered; register it and resume", false);
        }
        ToolSpec spec = tool.spec();
        Map<String, @Nullable Object> args = withoutAbsent(spec, call.args());
        List<String> problems = context.schemas().problems(spec.inputSchema(), args);
        if (!problems.isEmpty()) {
            return new Attempt.Bad(
                    "ARGUMENTS_INVALID",
                    "tool " + name + " cannot take its arguments: " + String.join("; ", problems),
                    false);
        }
        ApprovalRules.Reading reading = new ApprovalRules(context).read(spec, call.step(), args, call.taints());
        if (reading.problem() != null) {
            return new Attempt.Bad("URL_NOT_PUBLIC", reading.problem(), false);
        }
        if (!reading.reasons().isEmpty() && !call.approved()) {
            return new Attempt.Unapproved(reading.reasons());
        }
        ToolContext toolContext = new ToolContext(
                runId,
                call.action().taskId(),
                call.key(),
                context.clock().instant().plus(timeout(call.step())),
                call.attempt());
        ToolResult<@Nullable Object> result = tool.call(args, toolContext);
        if (result instanceof ToolResult.Ok<@Nullable Object> ok) {
            Set<String> flagged = new TreeSet<>(reading.flags());
            context.gate()
                    .flags(Rail.TOOL_RESULT, new Subject(texts(ok.value()), Provenance.TOOL, spec, Map.of()))
                    .forEach(finding -> flagged.add(finding.rule()));
            return new Attempt.Good(ok.value(), flagged);
        }
        ToolResult.Failed<@Nullable Object> failed = (ToolResult.Failed<@Nullable Object>) result;
        boolean threw = failed.code().equals(CallableTool.UNDECLARED);
        boolean hasEffect = call.step().effect().compareTo(Effect.WRITE) >= 0;
        return new Attempt.Bad(failed.code(), failed.message(), failed.retryable() || (threw && !hasEffect));
    }

    /** The arguments without those that are null and may be left out: an optional input that was not given. */
    static Map<String, @Nullable Object> withoutAbsent(ToolSpec spec, Map<String, @Nullable Object> args) {
        if (!args.containsValue(null)) {
            return args;
        }
        List<?> required = spec.inputSchema().get("required") instanceof List<?> names ? names : List.of();
        Map<String, @Nullable Object> given = new LinkedHashMap<>(args);
        given.entrySet().removeIf(arg -> arg.getValue() == null && !required.contains(arg.getKey()));
        return given;
    }

    private Attempt askModel(StepCall call, List<ModelCall> modelCalls) {
        ModelCaller model = context.model();
        if (model == null) {
            return new Attempt.Bad(
                    "MODEL_MISSING",
                    call.actionName() + " needs a model: set HART_MODEL (and HART_MODEL_BASE_URL, HART_MODEL_API_KEY),"
                            + " or Hart.configure().model(…)",
                    false);
        }
        String prompt = textOf(call.args().get("prompt"));
        context.gate().require(Rail.PROMPT, Subject.text(prompt, Provenance.SYSTEM));
        Message.UserMessage asked = new Message.UserMessage(prompt);
        ModelRequest request = (UntrustedText.hasFence(prompt)
                        ? ModelRequest.of(new Message.SystemMessage(UntrustedText.NOTE), asked)
                        : ModelRequest.of(asked))
                .withTimeout(timeout(call.step()));
        Map<String, @Nullable Object> schema = schemaOf(call.args().get("schema"));
        if (schema != null) {
            request = request.withResponseSchema(schema);
        }
        String text = model.call("step", request, modelCalls::add).text();
        Set<String> flagged = new TreeSet<>();
        context.gate()
                .flags(Rail.RESPONSE, Subject.text(text, Provenance.TOOL))
                .forEach(finding -> flagged.add(finding.rule()));
        if (schema == null) {
            return new Attempt.Good(text, flagged);
        }
        Object value =
                LenientJson.readFirst(text).map(LenientJson.Reading::value).orElse(null);
        List<String> problems = value == null ? List.of("it is no JSON") : problems(schema, value);
        return problems.isEmpty()
                ? new Attempt.Good(value, flagged)
                : new Attempt.Bad(
                        "MODEL_UNREADABLE",
                        "the model's answer does not follow the schema: " + String.join("; ", problems),
                        true);
    }

    private static @Nullable Map<String, @Nullable Object> schemaOf(@Nullable Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            return null;
        }
        Map<String, @Nullable Object> schema = new LinkedHashMap<>();
        map.forEach((name, part) -> schema.put(String.valueOf(name), part));
        return schema;
    }

    private static String textOf(@Nullable Object value) {
        return value instanceof String text ? text : CanonicalJson.write(value);
    }

    /** All texts in a JSON value, one a line: what a guardrail reads. */
    static String texts(@Nullable Object value) {
        if (value instanceof String text) {
            return text;
        }
        StringBuilder texts = new StringBuilder();
        collect(value, texts);
        return texts.toString();
    }

    private static void collect(@Nullable Object value, StringBuilder texts) {
        if (value instanceof String text) {
            texts.append(text).append('\n');
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((name, part) -> {
                texts.append(name).append('\n');
                collect(part, texts);
            });
        } else if (value instanceof List<?> list) {
            list.forEach(part -> collect(part, texts));
        }
    }
}
