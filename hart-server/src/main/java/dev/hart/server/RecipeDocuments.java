package dev.hart.server;

import dev.hart.recipe.ActionExperience;
import dev.hart.recipe.Experience;
import dev.hart.recipe.RecipeDiff;
import dev.hart.server.Documents.RecipeRef;
import dev.hart.tool.Param;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
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

    /** What runs have shown about one version. */
    public record ExperienceDocument(RecipeRef recipe, List<ActionExperienceDocument> actions) {
        public static ExperienceDocument of(Experience experience) {
            return new ExperienceDocument(
                    RecipeRef.of(experience.recipe()),
                    experience.actions().stream()
                            .map(ActionExperienceDocument::of)
                            .toList());
        }
    }

    /** The same about one action; money in micro-Spark, as text. */
    public record ActionExperienceDocument(
            int flowId,
            int actionId,
            String name,
            long attempts,
            long successes,
            Optional<BigDecimal> successRate,
            long totalMs,
            long modelCalls,
            String costMicroSpark,
            List<String> deadEnds,
            List<ActionExperience.FallbackUse> fallbacks,
            List<ToolUseDocument> tools,
            String hints) {
        static ActionExperienceDocument of(ActionExperience action) {
            return new ActionExperienceDocument(
                    action.flowId(),
                    action.actionId(),
                    action.name(),
                    action.attempts(),
                    action.successes(),
                    action.successRate(),
                    action.time().toMillis(),
                    action.modelCalls(),
                    Long.toString(action.cost().micro()),
                    action.deadEnds(),
                    action.fallbacks(),
                    action.tools().entrySet().stream()
                            .map(use -> new ToolUseDocument(
                                    use.getKey(),
                                    use.getValue().calls(),
                                    use.getValue().successes(),
                                    use.getValue().time().toMillis()))
                            .toList(),
                    action.hints());
        }
    }

    /** Its calls of one tool. */
    public record ToolUseDocument(String tool, long calls, long successes, long totalMs) {}
}
