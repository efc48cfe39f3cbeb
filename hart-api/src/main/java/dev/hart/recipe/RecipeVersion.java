package dev.hart.recipe;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A stored recipe: immutable content with an identity.
 *
 * @param recipeId UUIDv7, the same for all versions
 * @param version from 1
 * @param parentVersion the version it was made from; null for the first
 * @param contentHash {@code sha256:} and the hex hash of the canonical content
 * @param learnedBy the run that learned it; null when it was written by hand
 */
public record RecipeVersion(
        String recipeId,
        int version,
        @Nullable Integer parentVersion,
        String contentHash,
        Instant createdAt,
        Status status,
        @Nullable String learnedBy,
        Recipe recipe) {

    /** Only TRAINED versions are matched to requests. */
    public enum Status {
        DRAFT,
        TRAINED
    }

    /** {@code name@version}, as people write it. */
    public String label() {
        return recipe.name() + "@" + version;
    }
}
