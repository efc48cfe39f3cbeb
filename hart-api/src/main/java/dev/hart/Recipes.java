package dev.hart;

import dev.hart.recipe.Experience;
import dev.hart.recipe.ImportedDraft;
import dev.hart.recipe.JavaSource;
import dev.hart.recipe.MatchResult;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBundle;
import dev.hart.recipe.RecipeDiff;
import dev.hart.recipe.RecipeVersion;
import java.nio.file.Path;
import java.util.List;

/** The stored recipes. Versions are immutable. Thread-safe. */
public interface Recipes {

    /**
     * Validates and stores. A recipe whose content is already stored under its name gives the stored version back;
     * changed content becomes the next version.
     *
     * @throws dev.hart.error.RecipeInvalidException with every problem; nothing is stored then
     */
    RecipeVersion save(Recipe recipe);

    /**
     * Stores a recipe that is not complete yet as a {@linkplain RecipeVersion.Status#DRAFT draft}: its tools are not asked for,
     * and no request is matched to it. {@link #save} completes it: with other content as the next version, with the same content
     * the draft itself becomes trained once its tools and arguments are as they should be.
     */
    RecipeVersion saveDraft(Recipe recipe);

    /** The recipes whose newest version is a draft, newest first. */
    List<RecipeVersion> drafts();

    /**
     * Makes a draft of what the reference has stored of one agent: its definition, its flows and its actions, as far as there are
     * files of them.
     *
     * @param folder with the files {@code ID.json}, {@code ID_F_recipe.json} and {@code ID_F_A.json}
     * @param promptId the {@code ID}
     * @throws dev.hart.error.InputInvalidException when the id cannot be part of a file's name
     * @throws dev.hart.error.RecipeNotFoundException when there is no definition
     * @throws dev.hart.error.RecipeCorruptException when a file is not what the reference writes
     * @throws dev.hart.error.RecipeInvalidException with every rule that its actions break; nothing is stored then
     */
    ImportedDraft importReference(Path folder, String promptId);

    /**
     * The newest version of the recipe with that name or id.
     *
     * @throws dev.hart.error.RecipeNotFoundException when there is none
     */
    RecipeVersion get(String nameOrId);

    /** One version of the recipe with that name or id. */
    RecipeVersion get(String nameOrId, int version);

    /** The newest version of every recipe, newest first. */
    List<RecipeVersion> list();

    /** All versions of one recipe, newest first. */
    List<RecipeVersion> versions(String nameOrId);

    /** Which stored recipe does this request, with every input bound; runs nothing. */
    MatchResult match(String request);

    /** What runs have shown about one stored version: how often its actions ended well, how long they took, what went wrong. */
    Experience experience(RecipeVersion recipe);

    /** What differs between two versions, of one recipe or of two. */
    RecipeDiff diff(RecipeVersion from, RecipeVersion to);

    /**
     * These versions in one text that another node can import, signed with this node's key. A recipe keeps its id, its version
     * numbers and its parents, so give all {@link #versions} of it to carry its whole history, or one. The recipes that they
     * run go with them.
     *
     * @param recipes at least one
     * @throws dev.hart.error.RecipeInvalidException when one holds a secret
     */
    RecipeBundle exportBundle(List<RecipeVersion> recipes);

    /**
     * Reads a bundle and checks that nothing in it was changed after it was signed; stores nothing.
     *
     * @throws dev.hart.error.RecipeCorruptException when it is no bundle, or was changed
     * @throws dev.hart.error.UnsupportedSchemaException when it is of a newer format
     * @throws dev.hart.error.RecipeInvalidException with everything in its recipes that breaks a rule
     */
    RecipeBundle readBundle(String text);

    /**
     * Stores the recipes of a bundle, all of them or none: their signature must fit, their tools must be here in versions and with
     * effects that fit, this node's guardrails must allow them, and no other recipe may have their names. Versions that
     * are here already stay as they are. Trained versions are matched to requests at once.
     *
     * @return the stored versions, in the order of the bundle
     * @throws dev.hart.error.RecipeInvalidException with every problem; nothing is stored then
     * @throws dev.hart.error.RecipeCorruptException when it is no bundle, or was changed
     */
    List<RecipeVersion> importBundle(String text);

    /**
     * The same, only if it is signed by that key.
     *
     * @param publicKey the 32 bytes of the sender's Ed25519 key, as 64 hex digits
     * @throws dev.hart.error.RecipeCorruptException also when another key has signed
     */
    List<RecipeVersion> importBundle(String text, String publicKey);

    /** The recipe as a {@code hart.recipe/1} JSON document. */
    String toJson(RecipeVersion recipe);

    /**
     * A Java class that builds the recipe as a person would have written it, with a record for its inputs and methods that run
     * it. The recipe that the class builds has the content hash of this version, so saving it changes nothing.
     *
     * @param packageName such as {@code com.acme}; empty for none
     * @throws dev.hart.error.InputInvalidException when it is no name of a package
     */
    JavaSource toJava(RecipeVersion recipe, String packageName);

    /**
     * Reads a {@code hart.recipe/1} JSON document; stores nothing.
     *
     * @throws dev.hart.error.RecipeCorruptException when it cannot be read or its hash does not fit its content
     * @throws dev.hart.error.UnsupportedSchemaException when it is of a newer format
     */
    Recipe fromJson(String document);
}
