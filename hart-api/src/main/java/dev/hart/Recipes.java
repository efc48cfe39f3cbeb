package dev.hart;

import dev.hart.recipe.Drift;
import dev.hart.recipe.Experience;
import dev.hart.recipe.ImportedDraft;
import dev.hart.recipe.JavaSource;
import dev.hart.recipe.MatchResult;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBundle;
import dev.hart.recipe.RecipeDiff;
import dev.hart.recipe.RecipeGuard;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.Rollout;
import dev.hart.recipe.RolloutPlan;
import dev.hart.recipe.VersionStanding;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

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
     * The newest version of the recipe with that name or id. A version that has to prove itself first, or was rolled back, is
     * not it.
     *
     * @throws dev.hart.error.RecipeNotFoundException when there is none
     */
    RecipeVersion get(String nameOrId);

    /** One version of the recipe with that name or id. */
    RecipeVersion get(String nameOrId, int version);

    /** The newest version of every recipe, as {@link #get(String)} has it, newest first. */
    List<RecipeVersion> list();

    /** All versions of one recipe, newest first. */
    List<RecipeVersion> versions(String nameOrId);

    /**
     * The version that requests, {@link Hart#run(String, Inputs)} and schedules take: the newest trained one that has not to
     * prove itself first and was not rolled back.
     *
     * @throws dev.hart.error.RecipeNotFoundException when there is no recipe of that name or id, or only drafts
     */
    RecipeVersion current(String nameOrId);

    /** What each version of one recipe is to it, newest first. */
    List<VersionStanding> standings(String nameOrId);

    /**
     * Validates and stores like {@link #save}, but the next version does not take over: it is a candidate, to be tried with
     * {@link #rollout} or made the current one with {@link #promote}. The first version of a recipe takes over at once.
     *
     * @throws dev.hart.error.RecipeInvalidException with every problem; nothing is stored then
     */
    RecipeVersion propose(Recipe recipe);

    /**
     * Puts a guard beside a recipe, in the place of the one before. It judges every replay from then on, of whichever version,
     * and changes no version.
     *
     * @throws dev.hart.error.InputInvalidException when its check has a schema that is none, or names a judge that is not registered
     */
    void guard(String nameOrId, RecipeGuard guard);

    /** The guard of a recipe; empty when it has none. */
    Optional<RecipeGuard> guard(String nameOrId);

    /** Takes the guard of a recipe away, if there is one. A rollout that goes on keeps its plan. */
    void unguard(String nameOrId);

    /** The recipes whose current version drifts, see {@link RecipeGuard#drift}. */
    List<Drift> drifting();

    /**
     * Lets a version prove itself against the current one. It promotes itself, or rolls itself back, in the commit of the run that
     * decides; of several processes one decides. Runs of a named version are never part of it.
     *
     * @param candidate trained, and not the current version
     * @throws dev.hart.error.InputInvalidException when it is the current version or a draft, or a rollout of its recipe goes on
     */
    Rollout rollout(RecipeVersion candidate, RolloutPlan plan);

    /** The rollouts of all recipes, newest first; at most 200. */
    List<Rollout> rollouts();

    /** The rollouts of one recipe, newest first; at most 200. */
    List<Rollout> rollouts(String nameOrId);

    /**
     * Makes a trained version the current one, whatever a rollout says; one that goes on for it ends as promoted.
     *
     * @param why said where the decision is shown
     * @throws dev.hart.error.InputInvalidException when it is a draft
     */
    void promote(RecipeVersion version, String why);

    /**
     * Takes a version out: a rollout of it ends as rolled back, and when it is the current version, the one before it is so again.
     *
     * @param why said where the decision is shown
     * @throws dev.hart.error.InputInvalidException when it is a draft, or there is no other version to take its place
     */
    void rollBack(RecipeVersion version, String why);

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
