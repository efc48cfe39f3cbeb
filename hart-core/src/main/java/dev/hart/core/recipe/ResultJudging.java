package dev.hart.core.recipe;

import dev.hart.Inputs;
import dev.hart.ResultJudge;
import dev.hart.core.json.SchemaCheck;
import dev.hart.core.rollout.ResultComparison;
import dev.hart.error.InputInvalidException;
import dev.hart.recipe.ResultCheck;
import dev.hart.recipe.ResultCheck.Expected;
import dev.hart.security.SecretRedactor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds results against checks. Thread-safe. */
public final class ResultJudging {
    private static final Logger LOG = LoggerFactory.getLogger(ResultJudging.class);
    private static final int MOST = 20;
    private static final int LONGEST = 300;

    private final Supplier<SchemaCheck> schemas;
    private final Map<String, ResultJudge> judges;

    /** @param judges by name */
    public ResultJudging(Supplier<SchemaCheck> schemas, Map<String, ResultJudge> judges) {
        this.schemas = schemas;
        this.judges = judges;
    }

    /**
     * Refuses a check that could never be held against a result.
     *
     * @throws InputInvalidException naming what is wrong with it
     */
    void require(ResultCheck check) {
        if (check.outputs() != null) {
            try {
                schemas.get().problems(check.outputs(), Map.of());
            } catch (IllegalArgumentException e) {
                throw new InputInvalidException("check.outputs", "is no JSON Schema: " + e.getMessage());
            }
        }
        for (String judge : check.judges()) {
            if (!judges.containsKey(judge)) {
                throw new InputInvalidException(
                        "check.judges",
                        "names '" + judge + "', which is not registered; register it with HartBuilder.judge");
            }
        }
    }

    /** The name of a judge that the check needs and this process does not have; null when it has all. */
    @Nullable
    String missing(ResultCheck check) {
        return check.judges().stream()
                .filter(judge -> !judges.containsKey(judge))
                .findFirst()
                .orElse(null);
    }

    /** What is wrong with a result; empty when nothing is. Secrets are left out. */
    public List<String> problems(ResultCheck check, Inputs inputs, Map<String, @Nullable Object> outputs) {
        List<String> problems = new ArrayList<>();
        if (check.outputs() != null) {
            try {
                problems.addAll(schemas.get().problems(check.outputs(), outputs));
            } catch (IllegalArgumentException e) {
                problems.add("the check's schema cannot be used: " + e.getMessage());
            }
        }
        for (Expected expected : check.expected()) {
            if (expected.inputs() == null || expected.inputs().equals(inputs.values())) {
                Map<String, @Nullable Object> named = new LinkedHashMap<>(outputs);
                named.keySet().retainAll(expected.outputs().keySet());
                problems.addAll(ResultComparison.differences(check, expected.outputs(), named));
            }
        }
        for (String name : check.judges()) {
            problems.addAll(judged(name, inputs, outputs));
        }
        return readable(problems);
    }

    private List<String> judged(String name, Inputs inputs, Map<String, @Nullable Object> outputs) {
        ResultJudge judge = judges.get(name);
        if (judge == null) {
            return List.of();
        }
        try {
            return judge.problems(inputs, outputs);
        } catch (RuntimeException e) {
            LOG.warn("judge {} failed", name, e);
            return List.of("judge " + name + " failed: " + e);
        }
    }

    /** The problems as they are stored: not too many, not too long, without secrets. */
    public static List<String> readable(List<String> problems) {
        SecretRedactor redactor = new SecretRedactor();
        return problems.stream()
                .limit(MOST)
                .map(redactor::redact)
                .map(text -> text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…")
                .toList();
    }
}
