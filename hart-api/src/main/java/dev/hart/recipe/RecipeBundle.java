package dev.hart.recipe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Recipes that are carried from one node to another, in one signed text of the format {@code hart.bundle/1}. See
 * {@link dev.hart.Recipes#exportBundle}.
 *
 * @param keyId names the key that signed
 * @param publicKey the 32 bytes of the Ed25519 key that signed, as 64 hex digits. Anyone can make a whole bundle with a key of
 *     their own: compare it with what the sender has told you by another way
 * @param recipes as they were at the sender, without the runs that they were learned from
 */
public record RecipeBundle(String keyId, String publicKey, List<RecipeVersion> recipes, String text) {
    public RecipeBundle {
        recipes = List.copyOf(recipes);
    }

    /**
     * Writes it to a new file.
     *
     * @throws java.nio.file.FileAlreadyExistsException when the file is there already
     * @throws IOException when it cannot be written
     */
    public void writeTo(Path file) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE_NEW);
    }
}
