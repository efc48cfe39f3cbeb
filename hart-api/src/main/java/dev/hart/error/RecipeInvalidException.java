package dev.hart.error;

import dev.hart.recipe.Problem;
import java.util.List;
import java.util.stream.Collectors;

/** A recipe breaks a rule; the exception lists every problem. Nothing was saved or run. */
public final class RecipeInvalidException extends HartException {
    private static final long serialVersionUID = 1;
    private final transient List<Problem> problems;

    public RecipeInvalidException(String recipe, List<Problem> problems) {
        super(
                "RECIPE_INVALID",
                problems.stream()
                        .map(Problem::toString)
                        .collect(Collectors.joining("; ", "recipe '" + recipe + "': ", "")),
                null);
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }
}
