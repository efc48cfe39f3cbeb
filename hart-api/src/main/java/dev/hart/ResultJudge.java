package dev.hart;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Judges the result of a replay in Java, for what no schema says. Registered under a name with {@link HartBuilder#judge} and
 * named by {@link dev.hart.recipe.ResultCheck#judgedBy}. Called once a run has ended, on its thread; must be thread-safe, and
 * calls no tool and no model.
 */
@FunctionalInterface
public interface ResultJudge {
    /**
     * What is wrong with a result; empty when nothing is. A judge that throws finds what it throws wrong.
     *
     * @param inputs that the recipe ran with
     * @param outputs all outputs by name, as JSON values
     */
    List<String> problems(Inputs inputs, Map<String, @Nullable Object> outputs);
}
