package dev.hart.recipe;

/**
 * Something wrong with a recipe.
 *
 * @param path where, such as {@code flows[0].actions[2].steps[1].args.q}
 * @param code stable, such as {@code UNKNOWN_PLACEHOLDER}
 * @param message what is wrong and what to do
 */
public record Problem(String path, String code, String message) {
    @Override
    public String toString() {
        return path + ": " + message + " (" + code + ")";
    }
}
