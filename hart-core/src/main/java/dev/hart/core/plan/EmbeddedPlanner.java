package dev.hart.core.plan;

import dev.hart.core.model.ModelCall;
import dev.hart.core.plan.Gathered.Given;
import dev.hart.core.plan.PlannedStep.Link;
import dev.hart.error.CannotPlanException;
import dev.hart.error.CannotPlanException.Missing;
import dev.hart.tool.ToolSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Plans without a model: in this process, offline, and the same plan for the same request and tools every time.
 *
 * <p>A request is split into clauses, one for each instruction. For each clause every tool's arguments are filled from the clause's
 * words ({@link Binder}), and the tool with the best evidence ({@link Match}, {@link Confidence}) is taken when it is above the
 * threshold of its effect and no required argument stays open. Arguments that no word fills take the result of an earlier step
 * ({@link Linker}). A clause for which no tool is sure enough is read together with the next one, and when that does not help either,
 * the request is refused: this planner never guesses.
 *
 * <p>It knows English only. Immutable and thread-safe.
 */
public final class EmbeddedPlanner implements Planner {
    private static final int MAX_REQUEST_CHARS = 4_000;
    private static final int MAX_TOOLS = 2_000;
    /** Tools whose arguments are tried for a clause: those whose words cover most of it. */
    private static final int SHORT_LIST = 12;

    private static final int MAX_ATTEMPTS = 200;
    private static final double FOR_EACH_ARGUMENT = 0.04;
    private static final double GOOD_EVIDENCE = 1.5;
    private static final double WITHOUT_ARGUMENT = -0.5;

    /** How well an argument is filled that a person was asked for. */
    private static final double GIVEN_SCORE = 4;
    /** Stands for a value that a person is still to give. */
    private static final Object SUPPOSED = new Object();

    @Override
    public Draft plan(String request, List<ToolSpec> tools) {
        return plan(new Gathered(request, List.of()), tools, false, call -> {});
    }

    @Override
    public Draft plan(Gathered gathered, List<ToolSpec> tools, boolean mayAsk, Consumer<ModelCall> spent) {
        String request = gathered.request();
        if (request.isBlank()) {
            throw new CannotPlanException(
                    "The request is empty. Say in a sentence what is to be done.", List.of(), null);
        }
        if (request.length() > MAX_REQUEST_CHARS || tools.size() > MAX_TOOLS) {
            throw new CannotPlanException(
                    "The embedded planner takes requests of at most %d characters and at most %d tools; got %d and %d. %s"
                            .formatted(
                                    MAX_REQUEST_CHARS, MAX_TOOLS, request.length(), tools.size(), Refusal.USE_A_MODEL),
                    List.of(),
                    null);
        }
        List<ToolProfile> profiles = tools.stream().map(ToolProfile::of).toList();
        Search search = new Search(Clauses.of(request), profiles, gathered, false);
        List<PlannedStep> steps = new ArrayList<>();
        if (!search.planFrom(0, steps)) {
            throw search.refusal.exception(missing(gathered, profiles));
        }
        Draft draft = new Drafting(Coordination.unfold(steps)).draft();
        return new Draft(
                draft.name(),
                draft.actions(),
                gathered.taken(draft.taken()),
                draft.answers(),
                draft.modelCalls(),
                draft.flows());
    }

    /** The values that would make the request a plan, were they given; empty when it would be none with them either. */
    private static List<Missing> missing(Gathered gathered, List<ToolProfile> profiles) {
        Search supposing = new Search(Clauses.of(gathered.request()), profiles, gathered, true);
        List<PlannedStep> steps = new ArrayList<>();
        if (!supposing.planFrom(0, steps)) {
            return List.of();
        }
        List<Missing> missing = new ArrayList<>();
        for (PlannedStep step : steps) {
            for (Candidate candidate : step.match().binding().filled()) {
                if (candidate.value() == SUPPOSED) {
                    missing.add(missing(step, candidate.parameter()));
                }
            }
        }
        return missing;
    }

    private static Missing missing(PlannedStep step, Parameter parameter) {
        String part = step.clause().text();
        String tool = step.match().tool().spec().name();
        String argument = String.join(".", parameter.path());
        Object description = parameter.schema().get("description");
        return new Missing(
                part,
                tool,
                argument,
                "\"%s\" needs %s for %s%s. What is it?"
                        .formatted(
                                part,
                                argument,
                                tool,
                                description instanceof String text && !text.isBlank() ? " (" + text.strip() + ")" : ""),
                parameter.schema());
    }

    /** The search of one request for a way to read its clauses so that each has a sure tool. */
    private static final class Search {
        private final List<Clause> clauses;
        private final List<ToolProfile> tools;
        private final Gathered gathered;
        private final boolean supposing;
        private final Refusal refusal = new Refusal();
        private int attempts;

        /** @param supposing whether required arguments that nothing fills are taken as filled */
        Search(List<Clause> clauses, List<ToolProfile> tools, Gathered gathered, boolean supposing) {
            this.clauses = clauses;
            this.tools = tools;
            this.gathered = gathered;
            this.supposing = supposing;
        }

        /** Plans the clauses from the given one on; where a clause alone has no sure tool, it is joined with the next ones. */
        boolean planFrom(int first, List<PlannedStep> steps) {
            if (first == clauses.size()) {
                return !steps.isEmpty();
            }
            Clause clause = clauses.get(first);
            for (int last = first; last < clauses.size() && ++attempts <= MAX_ATTEMPTS; last++) {
                boolean inOrder = last == first || clauses.get(last).begin() >= clause.end();
                clause = last == first
                        ? clause
                        : inOrder
                                ? clause.with(clauses.get(last))
                                : clauses.get(last).with(clause);
                PlannedStep step = best(clause, steps);
                if (step == null || !step.isSure() || drops(clauses.subList(first, last + 1), step)) {
                    refusal.note(clause, step);
                    continue;
                }
                steps.add(step);
                if (planFrom(last + 1, steps)) {
                    return true;
                }
                steps.remove(steps.size() - 1);
            }
            return false;
        }

        /** Whether one of the joined instructions asks for something that the step does not do: it must not be lost. */
        private static boolean drops(List<Clause> joined, PlannedStep step) {
            return joined.size() > 1
                    && joined.stream()
                            .anyMatch(clause -> Match.verb(clause, step.match().tool()) == 0
                                    && IntStream.range(clause.begin(), clause.end())
                                            .noneMatch(step.match().binding()::uses));
        }

        private @Nullable PlannedStep best(Clause clause, List<PlannedStep> earlier) {
            List<PlannedStep> steps = shortList(clause).stream()
                    .map(tool -> step(clause, tool, earlier))
                    .toList();
            double verb = steps.stream()
                    .mapToDouble(step -> step.match().verb())
                    .max()
                    .orElse(0);
            return steps.stream()
                    .filter(step ->
                            verb < 1 || step.match().verb() == verb) // asked to write, no tool that reads will do
                    .max(Comparator.comparingDouble(Search::rank)
                            .thenComparing(step -> step.match().tool().spec().name(), Comparator.reverseOrder()))
                    .orElse(null);
        }

        /** Of two tools that are as sure, the one that makes more of the words is meant. */
        private static double rank(PlannedStep step) {
            double filled = FOR_EACH_ARGUMENT
                    * step.match().binding().filled().stream()
                            .filter(candidate -> candidate.score() >= GOOD_EVIDENCE)
                            .count();
            boolean open = !step.missing().isEmpty()
                    || step.match().binding().filled().stream().anyMatch(candidate -> candidate.value() == SUPPOSED);
            return step.confidence() + filled + (open ? WITHOUT_ARGUMENT : 0);
        }

        private PlannedStep step(Clause clause, ToolProfile tool, List<PlannedStep> earlier) {
            Linker linker = new Linker(clause, earlier);
            Map<Integer, Integer> references = linker.references();
            Binding binding = given(repeated(Binder.bind(clause, tool), tool, earlier), clause, tool);
            Map<Parameter, Link> links = new HashMap<>();
            if (!earlier.isEmpty()) {
                for (Parameter open : binding.missing()) {
                    linker.link(open, references).ifPresent(link -> links.put(open, link));
                }
            }
            Set<Integer> used = links.isEmpty() ? Set.of() : new HashSet<>(references.keySet());
            Binding linked = new Binding(
                    binding.filled(),
                    binding.missing().stream()
                            .filter(p -> !links.containsKey(p))
                            .toList(),
                    binding.score());
            if (supposing) {
                linked = supposed(linked, clause);
            }
            return new PlannedStep(clause, Match.of(clause, tool, linked, used, links.size()), Map.copyOf(links), used);
        }

        /** What came with the request, or a person was asked for and gave, fills its argument. */
        private Binding given(Binding binding, Clause clause, ToolProfile tool) {
            Binding filled = binding;
            for (Parameter open : tool.parameters()) {
                if (binding.fills(open)) {
                    continue;
                }
                Given given = gathered.given(clause.text(), tool.spec().name(), String.join(".", open.path()));
                Object value = given == null ? null : given.value();
                if (value != null) {
                    // A value is never a placeholder.
                    filled = filled(
                            filled, open, value instanceof String text ? text.replace("{{", "\\{{") : value, clause);
                }
            }
            return filled;
        }

        private static Binding supposed(Binding binding, Clause clause) {
            Binding filled = binding;
            for (Parameter open : binding.missing()) {
                filled = filled(filled, open, SUPPOSED, clause);
            }
            return filled;
        }

        /** The binding with a value that uses no words of the clause. */
        private static Binding filled(Binding binding, Parameter open, Object value, Clause clause) {
            List<Candidate> filled = new ArrayList<>(binding.filled());
            int at = clause.begin();
            filled.add(new Candidate(open, value, at, at, 0, 0, GIVEN_SCORE, false));
            return new Binding(
                    filled,
                    binding.missing().stream()
                            .filter(other -> !other.equals(open))
                            .toList(),
                    binding.score() + GIVEN_SCORE);
        }

        /** What an instruction for the tool of the step before leaves out stays as it was: "… and also for 2018". */
        private static Binding repeated(Binding binding, ToolProfile tool, List<PlannedStep> earlier) {
            if (earlier.isEmpty()
                    || binding.filled().isEmpty()
                    || !earlier.get(earlier.size() - 1).match().tool().equals(tool)) {
                return binding;
            }
            List<Candidate> filled = new ArrayList<>(binding.filled());
            for (Candidate before :
                    earlier.get(earlier.size() - 1).match().binding().filled()) {
                if (binding.missing().contains(before.parameter())) {
                    filled.add(before);
                }
            }
            List<Parameter> missing = binding.missing().stream()
                    .filter(open -> filled.stream()
                            .noneMatch(candidate -> candidate.parameter().equals(open)))
                    .toList();
            return new Binding(filled, missing, binding.score());
        }

        private List<ToolProfile> shortList(Clause clause) {
            if (tools.size() <= SHORT_LIST) {
                return tools;
            }
            Set<String> topic = clause.topic();
            Map<ToolProfile, Double> scores = new HashMap<>();
            for (ToolProfile tool : tools) {
                scores.put(tool, Match.wordScore(clause, topic, tool));
            }
            return tools.stream()
                    .sorted(Comparator.comparingDouble((ToolProfile tool) -> -scores.getOrDefault(tool, 0.0))
                            .thenComparing(tool -> tool.spec().name()))
                    .limit(SHORT_LIST)
                    .toList();
        }
    }
}
