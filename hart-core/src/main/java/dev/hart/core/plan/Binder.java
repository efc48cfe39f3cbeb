package dev.hart.core.plan;

import dev.hart.core.plan.Parameter.Type;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Chooses which words of a clause fill which argument, so that no word is used twice and the sum of the scores is highest: a search
 * over the best candidates of each argument that gives up on branches which cannot win.
 */
final class Binder {
    private static final int CANDIDATES = 7;
    private static final int MAX_VISITS = 5_000;
    private static final double MISSING = -4;
    private static final double REQUIRED_FLOOR = 0;
    private static final double OPTIONAL_FLOOR = 2.4;
    private static final double OPTIONAL_NUMBER_FLOOR = 1.8;
    private static final double OPTIONAL_COST = 1;
    private static final double IN_ORDER = 0.35;
    private static final double SHARED_WORDS = -0.3;

    private final ToolProfile tool;
    private final List<List<Candidate>> choices = new ArrayList<>();
    private final double[] bestRest;
    private final @Nullable Candidate[] chosen;
    private @Nullable Candidate[] best = new Candidate[0];
    private double bestScore = Double.NEGATIVE_INFINITY;
    private int visits;

    private Binder(Clause clause, ToolProfile tool) {
        this.tool = tool;
        Affinity affinity = new Affinity(clause, tool);
        List<Parameter> parameters = tool.parameters();
        chosen = new @Nullable Candidate[parameters.size()];
        for (Parameter parameter : parameters) {
            double floor = parameter.required()
                    ? REQUIRED_FLOOR
                    : parameter.isNumeric() ? OPTIONAL_NUMBER_FLOOR : OPTIONAL_FLOOR;
            choices.add(affinity.candidates(parameter).stream()
                    .filter(candidate -> candidate.score() >= floor)
                    .limit(CANDIDATES)
                    .toList());
        }
        bestRest = new double[parameters.size() + 1];
        for (int i = parameters.size() - 1; i >= 0; i--) {
            List<Candidate> candidates = choices.get(i);
            double top = candidates.isEmpty() ? 0 : Math.max(0, worth(candidates.get(0)) + IN_ORDER);
            bestRest[i] = bestRest[i + 1] + top;
        }
    }

    static Binding bind(Clause clause, ToolProfile tool) {
        Binder binder = new Binder(clause, tool);
        binder.search(0, 0);
        return binder.binding();
    }

    private void search(int at, double score) {
        if (++visits > MAX_VISITS || score + bestRest[at] <= bestScore) {
            return;
        }
        if (at == chosen.length) {
            bestScore = score;
            best = chosen.clone();
            return;
        }
        for (Candidate candidate : choices.get(at)) {
            double extra = fits(candidate, at);
            if (!Double.isNaN(extra)) {
                chosen[at] = candidate;
                search(at + 1, score + worth(candidate) + extra);
            }
        }
        chosen[at] = null;
        search(at + 1, score + (tool.parameters().get(at).required() ? MISSING : 0));
    }

    /** Words go to a required argument rather than to an optional one when both fit. */
    private static double worth(Candidate candidate) {
        return candidate.score() - (candidate.parameter().required() ? 0 : OPTIONAL_COST);
    }

    /** What the candidate adds beside those chosen before; NaN when it cannot stand beside them. */
    private double fits(Candidate candidate, int at) {
        double extra = 0;
        for (int i = 0; i < at; i++) {
            Candidate other = chosen[i];
            if (other == null) {
                continue;
            }
            if (candidate.overlaps(other)) {
                boolean shared = (candidate.option() && other.contains(candidate))
                        || (other.option() && candidate.contains(other));
                if (!shared) {
                    return Double.NaN;
                }
                extra += SHARED_WORDS;
            }
            if (i == at - 1 && sameType(candidate.parameter(), other.parameter())) {
                extra += candidate.from() > other.from() ? IN_ORDER : 0;
            }
        }
        return extra;
    }

    private static boolean sameType(Parameter a, Parameter b) {
        return (a.isNumeric() && b.isNumeric()) || (a.type() == b.type() && a.list() == b.list());
    }

    private Binding binding() {
        List<Candidate> filled = new ArrayList<>();
        List<Parameter> missing = new ArrayList<>();
        for (int i = 0; i < chosen.length; i++) {
            Candidate candidate = i < best.length ? best[i] : null;
            Parameter parameter = tool.parameters().get(i);
            if (candidate != null) {
                filled.add(candidate);
            } else if (parameter.required()
                    && Affinity.defaultOf(parameter) == null
                    && parameter.type() != Type.BOOLEAN) {
                missing.add(parameter);
            }
        }
        return new Binding(List.copyOf(filled), List.copyOf(missing), bestScore);
    }
}
