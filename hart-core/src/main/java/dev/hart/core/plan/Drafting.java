package dev.hart.core.plan;

import dev.hart.core.plan.Draft.DraftAction;
import dev.hart.core.plan.Draft.Taken;
import dev.hart.core.plan.PlannedStep.Link;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Writes the {@link Draft} of planned steps: names, arguments, what was taken from the request, and what answers it. */
final class Drafting {
    private static final int MAX_NAME_WORDS = 6;
    /** Words with a meaning of their own in placeholders. */
    private static final Set<String> RESERVED = Set.of("inputs", "steps", "run", "clock");

    private final List<PlannedStep> steps;
    private final List<String> names = new ArrayList<>();

    Drafting(List<PlannedStep> steps) {
        this.steps = steps;
    }

    Draft draft() {
        nameActions();
        List<DraftAction> actions = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            PlannedStep step = steps.get(i);
            actions.add(new DraftAction(
                    names.get(i),
                    step.clause().text(),
                    StepKind.TOOL,
                    step.match().tool().spec().name(),
                    arguments(step)));
        }
        return new Draft(recipeName(), actions, taken(), answers(), List.of());
    }

    private Map<String, @Nullable Object> arguments(PlannedStep step) {
        Map<String, @Nullable Object> arguments = new LinkedHashMap<>();
        for (Parameter parameter : step.match().tool().parameters()) {
            Object value = value(step, parameter);
            if (value != null) {
                put(arguments, parameter.path(), value);
            }
        }
        return arguments;
    }

    private @Nullable Object value(PlannedStep step, Parameter parameter) {
        for (Candidate candidate : step.match().binding().filled()) {
            if (candidate.parameter().equals(parameter)) {
                return candidate.value();
            }
        }
        Link link = step.links().get(parameter);
        if (link != null) {
            String field = link.field().isEmpty() ? "" : "." + link.field();
            return "{{" + names.get(link.step()) + field + "}}";
        }
        if (!parameter.required()) {
            return null;
        }
        Object byDefault = Affinity.defaultOf(parameter);
        return byDefault == null && parameter.type() == Parameter.Type.BOOLEAN ? Boolean.FALSE : byDefault;
    }

    @SuppressWarnings("unchecked") // only put() makes the inner maps
    private static void put(Map<String, @Nullable Object> arguments, List<String> path, Object value) {
        Map<String, @Nullable Object> at = arguments;
        for (String part : path.subList(0, path.size() - 1)) {
            at = (Map<String, @Nullable Object>)
                    at.computeIfAbsent(part, key -> new LinkedHashMap<String, @Nullable Object>());
        }
        at.put(path.get(path.size() - 1), value);
    }

    /** A step whose result a later one refers to by a noun is named by it, "the total"; the others by their tool. */
    private void nameActions() {
        Map<Integer, String> nouns = new HashMap<>();
        for (PlannedStep step : steps) {
            for (Link link : step.links().values()) {
                for (int token : new TreeSet<>(step.references())) {
                    Token word = step.clause().token(token);
                    if (!Lexicon.english().isAnaphor(word.lower())
                            && word.lower().matches("[a-z][a-z0-9_]*")) {
                        nouns.putIfAbsent(link.step(), word.lower());
                    }
                }
            }
        }
        for (int i = 0; i < steps.size(); i++) {
            String tool = steps.get(i).match().tool().spec().name();
            names.add(unique(nouns.getOrDefault(i, lastPart(tool)), new HashSet<>(names)));
        }
    }

    private static String lastPart(String tool) {
        String part = tool.substring(tool.lastIndexOf('.') + 1).replaceAll("[^A-Za-z0-9_]", "_");
        return part.matches("[A-Za-z].*") ? part : "step_" + part;
    }

    private static String unique(String name, Set<String> taken) {
        String free = name;
        for (int n = 2; taken.contains(free) || RESERVED.contains(free); n++) {
            free = name + n;
        }
        return free;
    }

    private List<Taken> taken() {
        Map<String, Integer> uses = new HashMap<>();
        for (PlannedStep step : steps) {
            for (Candidate candidate : step.match().binding().filled()) {
                uses.merge(candidate.parameter().name(), 1, Integer::sum);
            }
        }
        List<Taken> taken = new ArrayList<>();
        Set<String> inputs = new HashSet<>();
        Set<Integer> starts = new HashSet<>();
        for (PlannedStep step : steps) {
            for (Candidate candidate : step.match().binding().filled()) {
                if (candidate.from() == candidate.to() || !starts.add(candidate.start())) {
                    continue;
                }
                String name = candidate.parameter().name();
                String tool = lastPart(step.match().tool().spec().name());
                String input = unique(uses.getOrDefault(name, 1) > 1 ? tool + "_" + name : name, inputs);
                inputs.add(input);
                taken.add(new Taken(
                        input,
                        candidate.value(),
                        candidate.start(),
                        candidate.end(),
                        candidate.parameter().schema()));
            }
        }
        return taken;
    }

    /** The results that no later step reads; a last step that only puts results somewhere answers with what it reads. */
    private List<String> answers() {
        Set<Integer> read = new HashSet<>();
        steps.forEach(step -> step.links().values().forEach(link -> read.add(link.step())));
        PlannedStep last = steps.get(steps.size() - 1);
        boolean writes = last.match().tool().spec().effect() != Effect.READ
                && !last.links().isEmpty();
        Set<Integer> answering = new TreeSet<>();
        for (int i = 0; i < steps.size(); i++) {
            if (!read.contains(i) && !(writes && i == steps.size() - 1)) {
                answering.add(i);
            }
        }
        if (writes) {
            last.links().values().forEach(link -> answering.add(link.step()));
        }
        return answering.stream().map(names::get).toList();
    }

    private String recipeName() {
        Set<Integer> used = new HashSet<>();
        for (PlannedStep step : steps) {
            for (int i = step.clause().begin(); i < step.clause().end(); i++) {
                if (step.match().binding().uses(i)) {
                    used.add(i);
                }
            }
        }
        List<Token> tokens = steps.get(0).clause().tokens();
        List<String> words = new ArrayList<>();
        for (int i = 0; i < tokens.size() && words.size() < MAX_NAME_WORDS; i++) {
            Token token = tokens.get(i);
            if (token.isWord()
                    && !used.contains(i)
                    && !Lexicon.english().isStop(token.lower())
                    && token.lower().matches("[a-z0-9-]+")) {
                words.add(token.lower());
            }
        }
        return words.isEmpty() ? lastPart(steps.get(0).match().tool().spec().name()) : String.join("-", words);
    }
}
