package dev.hart.recipe;

import java.util.List;

/**
 * A draft made from files of the reference, see {@link dev.hart.Recipes#importReference}.
 *
 * @param notes what is left to do, and what was not taken over
 */
public record ImportedDraft(RecipeVersion draft, List<String> notes) {
    public ImportedDraft {
        notes = List.copyOf(notes);
    }
}
