package dev.hart.core.recipe;

import dev.hart.error.RecipeInvalidException;
import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.guard.Verdict;
import dev.hart.ledger.CanonicalJson;
import dev.hart.recipe.Problem;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.security.Guardrails;
import java.util.List;
import java.util.function.Supplier;

/** What a recipe that was made elsewhere must fulfil before it is kept here: this node's tools, their effects, and its guardrails. */
final class BundleRules {
    private final ToolRules tools;
    private final Supplier<Guardrails> gate;

    BundleRules(ToolRules tools, Supplier<Guardrails> gate) {
        this.tools = tools;
        this.gate = gate;
    }

    /**
     * Adds everything that is wrong with a recipe.
     *
     * @param completed the recipe with what the recipes that it runs say here
     */
    void check(RecipeVersion version, Recipe completed, List<Problem> problems) {
        Recipe recipe = version.recipe();
        try {
            Recipe here = tools.complete(completed);
            if (!RecipeDocument.contentHash(here).equals(version.contentHash())) {
                problems.add(new Problem(
                        version.label(),
                        "TOOLS_DIFFER",
                        "a tool, or a recipe inside, has a higher effect here than the recipe says, or the recipe names no version of it:"
                                + " save the recipe by hand to accept that"));
            }
        } catch (RecipeInvalidException e) {
            e.problems()
                    .forEach(p -> problems.add(new Problem(version.label() + " " + p.path(), p.code(), p.message())));
        }
        if (RecipeDocument.holdsSecret(recipe)) {
            problems.add(new Problem(version.label(), "HOLDS_SECRET", "a recipe never holds a secret; take it out"));
        }
        Subject words = Subject.text(CanonicalJson.write(RecipeDocument.content(recipe)), Provenance.PEER);
        if (gate.get().check(Rail.PLAN, words) instanceof Verdict.Refused refused) {
            problems.add(new Problem(
                    version.label(),
                    "GUARDRAIL_REFUSED",
                    "rule " + refused.rule() + " refuses it: " + refused.reason()));
        }
    }
}
