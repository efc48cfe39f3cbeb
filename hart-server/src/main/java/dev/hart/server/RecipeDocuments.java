package dev.hart.server;

import dev.hart.recipe.RecipeDiff;
import dev.hart.server.Documents.RecipeRef;
import dev.hart.tool.Param;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the routes and commands about stored recipes answer, as {@link Documents} are for runs. */
public final class RecipeDocuments {
    private RecipeDocuments() {}

    /** What differs between two versions. */
    public record DiffDocument(RecipeRef from, RecipeRef to, List<ChangeDocument> changes) {
        public static DiffDocument of(RecipeDiff diff) {
            return new DiffDocument(
                    RecipeRef.of(diff.from()),
                    RecipeRef.of(diff.to()),
                    diff.changes().stream().map(ChangeDocument::of).toList());
        }
    }

    /** One part that differs; without {@code old} when it was added, without {@code new} when it was removed. */
    public record ChangeDocument(
            String path,
            RecipeDiff.Kind change,
            @Param(name = "old", optional = true) @Nullable Object before,
            @Param(name = "new", optional = true) @Nullable Object after) {
        static ChangeDocument of(RecipeDiff.Change change) {
            return new ChangeDocument(change.path(), change.kind(), change.before(), change.after());
        }
    }
}
