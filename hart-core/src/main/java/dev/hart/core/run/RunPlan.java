package dev.hart.core.run;

import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.core.model.ModelCall;
import dev.hart.core.plan.Draft.Taken;
import dev.hart.core.rollout.Trial;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run sets out to do; RUN_STARTED holds it.
 *
 * @param recipe what is executed: the stored one, a part of it in a scheduled run, or the planner's draft with literal
 *     arguments
 * @param version the stored recipe of a REUSE run; null in a CREATE run, and in the rerun of one that taught nothing
 * @param taken what the planner took from the request; only in a CREATE run
 * @param planning the model calls that planning took
 * @param startedAt when the request came, planning included
 * @param notes for the report
 * @param origin where a RERUN comes from; null in other runs
 * @param outer the run that has the SUBRECIPE step which this run carries out; null for a run of its own
 * @param trial what it is to the rollout of its recipe; null when it is nothing to one
 * @param gathering what it has asked for, or asks, before there is a plan; null when it never did
 * @param untrusted what of it comes from others than its caller and a stored recipe
 */
public record RunPlan(
        Mode mode,
        String request,
        Recipe recipe,
        @Nullable RecipeVersion version,
        Inputs inputs,
        List<Taken> taken,
        List<ModelCall> planning,
        Instant startedAt,
        List<String> notes,
        @Nullable Origin origin,
        @Nullable String outer,
        @Nullable Trial trial,
        @Nullable Gathering gathering,
        Untrusted untrusted) {
    public RunPlan {
        taken = List.copyOf(taken);
        planning = List.copyOf(planning);
        notes = List.copyOf(notes);
    }

    /** A plan that no rollout has chosen. */
    public RunPlan(
            Mode mode,
            String request,
            Recipe recipe,
            @Nullable RecipeVersion version,
            Inputs inputs,
            List<Taken> taken,
            List<ModelCall> planning,
            Instant startedAt,
            List<String> notes,
            @Nullable Origin origin,
            @Nullable String outer) {
        this(
                mode,
                request,
                recipe,
                version,
                inputs,
                taken,
                planning,
                startedAt,
                notes,
                origin,
                outer,
                null,
                null,
                Untrusted.NOTHING);
    }

    /** The same plan as part of a rollout. */
    RunPlan tried(@Nullable Trial trial, @Nullable String note) {
        List<String> noted = new ArrayList<>(notes);
        if (note != null) {
            noted.add(note);
        }
        return new RunPlan(
                mode, request, recipe, version, inputs, taken, planning, startedAt, noted, origin, outer, trial,
                gathering, untrusted);
    }

    /** The same plan, of which this comes from others. */
    RunPlan with(Untrusted parts) {
        return new RunPlan(
                mode, request, recipe, version, inputs, taken, planning, startedAt, notes, origin, outer, trial,
                gathering, parts);
    }

    /** The plan as a verifier has changed it. */
    RunPlan with(Recipe changed, List<Taken> from) {
        return new RunPlan(
                mode, request, changed, version, inputs, from, planning, startedAt, notes, origin, outer, trial,
                gathering, untrusted);
    }

    /** The plan as far as it is known after an answer. */
    RunPlan gathered(Recipe next, List<Taken> from, Gathering known) {
        return new RunPlan(
                mode,
                known.gathered().text(),
                next,
                version,
                inputs,
                from,
                planning,
                startedAt,
                notes,
                origin,
                outer,
                trial,
                known,
                untrusted);
    }

    /** Whether what is carried out is a question about what is to be done, and not yet that. */
    boolean isAsking() {
        return gathering != null && gathering.asked() != null;
    }
}
