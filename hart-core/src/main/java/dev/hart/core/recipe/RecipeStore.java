package dev.hart.core.recipe;

import dev.hart.HartClock;
import dev.hart.Recipes;
import dev.hart.core.schedule.ScheduleTable;
import dev.hart.core.schedule.ScheduledPart;
import dev.hart.core.signing.SigningKey;
import dev.hart.error.InputInvalidException;
import dev.hart.error.RecipeCorruptException;
import dev.hart.error.RecipeInvalidException;
import dev.hart.error.RecipeNotFoundException;
import dev.hart.ledger.CanonicalJson;
import dev.hart.recipe.ActionExperience;
import dev.hart.recipe.Experience;
import dev.hart.recipe.ImportedDraft;
import dev.hart.recipe.JavaSource;
import dev.hart.recipe.MatchResult;
import dev.hart.recipe.Problem;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBundle;
import dev.hart.recipe.RecipeDiff;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.RecipeVersion.Status;
import dev.hart.recipe.StepKind;
import dev.hart.security.Guardrails;
import dev.hart.spi.SentenceEmbedder;
import dev.hart.spi.Signer;
import dev.hart.store.Dialect;
import dev.hart.store.Store;
import dev.hart.store.Transaction;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The recipes in the database. Thread-safe; the index for matching is read again when another process has added to it. */
public final class RecipeStore implements Recipes {
    private static final String COLUMNS =
            "recipe_id, version, parent_version, content_hash, status, learned_by, created_at, content";
    private static final int MAX_INTENT_FREE_NAMES = 1_000;

    private final Store store;
    private final ToolRules rules;
    private final HartClock clock;
    private final Supplier<String> ids;
    private final BundleRules bundleRules;
    private final Supplier<Signer> signer;
    private final RecipeIndex index;
    private final ReentrantLock indexing = new ReentrantLock();
    /** The number of the newest row that the index has. */
    private volatile long indexedUpTo;

    /**
     * A store of recipes.
     *
     * @param ids gives a new UUIDv7 each time
     * @param gate checks recipes that come from elsewhere
     * @param signer signs bundles
     * @param embedder asked at most once, when there is a recipe that needs one; null for matching by the words alone
     */
    public RecipeStore(
            Store store,
            ToolRules rules,
            InputCheck inputs,
            HartClock clock,
            Supplier<String> ids,
            Supplier<Guardrails> gate,
            Supplier<Signer> signer,
            Supplier<@Nullable SentenceEmbedder> embedder) {
        this.store = store;
        this.rules = rules;
        this.clock = clock;
        this.ids = ids;
        this.bundleRules = new BundleRules(rules, gate);
        this.signer = signer;
        this.index = new RecipeIndex(inputs, () -> {
            SentenceEmbedder found = embedder.get();
            return found == null ? null : new StoredVectors(store, found);
        });
        store.migrate("recipe", RecipeStore.class);
    }

    @Override
    public RecipeVersion save(Recipe recipe) {
        RecipeVersion stored =
                store.read(tx -> Optional.ofNullable(named(tx, recipe.name()))).orElse(null);
        Recipe complete = complete(recipe, stored == null ? null : stored.recipeId());
        if (stored != null
                && stored.status() == Status.TRAINED
                && stored.contentHash().equals(RecipeDocument.contentHash(complete))) {
            return stored;
        }
        return store.write(tx -> {
            lock(tx);
            return insert(tx, complete, null, Status.TRAINED);
        });
    }

    @Override
    public RecipeVersion saveDraft(Recipe recipe) {
        return store.write(tx -> {
            lock(tx);
            return insert(tx, recipe, null, Status.DRAFT);
        });
    }

    @Override
    public List<RecipeVersion> drafts() {
        return list().stream()
                .filter(version -> version.status() == Status.DRAFT)
                .toList();
    }

    @Override
    public ImportedDraft importReference(Path folder, String promptId) {
        ReferenceRecipe.Read read = ReferenceRecipe.read(folder, promptId);
        return new ImportedDraft(saveDraft(read.recipe()), read.notes());
    }

    /** The recipe with what its tools and the recipes that it runs say filled in; every problem is named at once. */
    private Recipe complete(Recipe recipe, @Nullable String ownId) {
        SubrecipeRules subrecipes = new SubrecipeRules(this::find, ownId);
        Recipe withRecipes = subrecipes.complete(recipe);
        List<Problem> problems = new ArrayList<>(subrecipes.problems());
        problems.addAll(ScheduledPart.problems(recipe));
        if (problems.isEmpty()) {
            return rules.complete(withRecipes);
        }
        try {
            rules.complete(recipe);
        } catch (RecipeInvalidException e) {
            problems.addAll(e.problems());
        }
        throw new RecipeInvalidException(recipe.name(), problems);
    }

    private @Nullable RecipeVersion find(String nameOrId, @Nullable Integer version) {
        RecipeVersion newest = newest(nameOrId);
        if (newest == null || version == null || newest.version() == version) {
            return newest;
        }
        return store.read(tx -> query(tx, "WHERE recipe_id = ? AND version = " + version, newest.recipeId())).stream()
                .findFirst()
                .orElse(null);
    }

    /**
     * Saves what a run learned, in the transaction that ends the run. A recipe of the same name that serves other requests
     * keeps its name; the new one gets a number behind its own.
     */
    public RecipeVersion saveLearned(Transaction tx, Recipe learned, String runId) throws SQLException {
        Recipe recipe = rules.complete(learned);
        lock(tx);
        for (int n = 2; n <= MAX_INTENT_FREE_NAMES; n++) {
            RecipeVersion taken = named(tx, recipe.name());
            if (taken == null || taken.recipe().intents().equals(recipe.intents())) {
                break;
            }
            String base = learned.name().substring(0, Math.min(learned.name().length(), 58));
            recipe = new Recipe(
                    base + "-" + n,
                    recipe.goal(),
                    recipe.intents(),
                    recipe.inputs(),
                    recipe.outputs(),
                    recipe.flows(),
                    recipe.schedules());
        }
        return insert(tx, recipe, runId, Status.TRAINED);
    }

    /** The newest versions of recipes that were learned, newest first; at most 200. */
    public List<RecipeVersion> learned() {
        return store.read(tx -> query(tx, """
            WHERE learned_by IS NOT NULL AND status = 'TRAINED' AND version =
            (SELECT max(other.version) FROM recipe other WHERE other.recipe_id = recipe.recipe_id)
            ORDER BY no DESC LIMIT 200\
            """));
    }

    /**
     * Saves the next version of a recipe: one that two runs taught together, or that a run mended.
     *
     * @return null when the recipe has got another version meanwhile; nothing is saved then
     */
    public @Nullable RecipeVersion saveNext(Transaction tx, RecipeVersion base, Recipe next, @Nullable String learnedBy)
            throws SQLException {
        Recipe recipe = rules.complete(next);
        lock(tx);
        RecipeVersion newest = named(tx, base.recipe().name());
        return newest != null && newest.version() == base.version()
                ? insert(tx, recipe, learnedBy, Status.TRAINED)
                : null;
    }

    /**
     * Keeps other writers of recipes out until the commit, as SQLite does anyway: so versions follow each other, and numbers
     * appear in their order, by which the index is known to be current.
     */
    private static void lock(Transaction tx) throws SQLException {
        if (tx.dialect() == Dialect.POSTGRESQL) {
            tx.prepare("LOCK TABLE recipe IN SHARE ROW EXCLUSIVE MODE").execute();
        }
    }

    private RecipeVersion insert(Transaction tx, Recipe recipe, @Nullable String learnedBy, Status status)
            throws SQLException {
        String hash = RecipeDocument.contentHash(recipe);
        RecipeVersion newest = named(tx, recipe.name());
        if (newest != null && newest.contentHash().equals(hash)) {
            return status == Status.TRAINED && newest.status() == Status.DRAFT ? train(tx, newest) : newest;
        }
        RecipeVersion version = new RecipeVersion(
                newest == null ? ids.get() : newest.recipeId(),
                newest == null ? 1 : newest.version() + 1,
                newest == null ? null : newest.version(),
                hash,
                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                status,
                learnedBy,
                recipe);
        insert(tx, version, false);
        return version;
    }

    /** The draft as a trained version; its row gets a new number, by which the indexes of all processes find it. */
    private RecipeVersion train(Transaction tx, RecipeVersion draft) throws SQLException {
        PreparedStatement delete = tx.prepare("DELETE FROM recipe WHERE recipe_id = ? AND version = ?");
        delete.setString(1, draft.recipeId());
        delete.setInt(2, draft.version());
        delete.executeUpdate();
        RecipeVersion trained = new RecipeVersion(
                draft.recipeId(),
                draft.version(),
                draft.parentVersion(),
                draft.contentHash(),
                draft.createdAt(),
                Status.TRAINED,
                draft.learnedBy(),
                draft.recipe());
        insert(tx, trained, false);
        return trained;
    }

    /** @param foreign whether it was made elsewhere: its schedules wait until somebody here lets them run */
    private void insert(Transaction tx, RecipeVersion version, boolean foreign) throws SQLException {
        Recipe recipe = version.recipe();
        PreparedStatement insert =
                tx.prepare("INSERT INTO recipe (name, " + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
        insert.setString(1, recipe.name());
        insert.setString(2, version.recipeId());
        insert.setInt(3, version.version());
        insert.setObject(4, version.parentVersion(), Types.INTEGER);
        insert.setString(5, version.contentHash());
        insert.setString(6, version.status().name());
        insert.setString(7, version.learnedBy());
        insert.setLong(8, version.createdAt().toEpochMilli());
        insert.setString(9, CanonicalJson.write(RecipeDocument.content(recipe)));
        insert.executeUpdate();
        if (version.status() == Status.TRAINED && !hasNewerTrained(tx, version)) {
            ScheduleTable.register(tx, version, foreign, clock.instant());
        }
    }

    /** An older version may come later, in a bundle. */
    private static boolean hasNewerTrained(Transaction tx, RecipeVersion version) throws SQLException {
        PreparedStatement select =
                tx.prepare("SELECT 1 FROM recipe WHERE recipe_id = ? AND version > ? AND status = 'TRAINED' LIMIT 1");
        select.setString(1, version.recipeId());
        select.setInt(2, version.version());
        try (ResultSet row = select.executeQuery()) {
            return row.next();
        }
    }

    private @Nullable RecipeVersion newest(String nameOrId) {
        return store.read(tx -> Optional.ofNullable(newest(tx, nameOrId))).orElse(null);
    }

    private static @Nullable RecipeVersion newest(Transaction tx, String nameOrId) throws SQLException {
        List<RecipeVersion> found = query(
                tx,
                "WHERE name = ? OR recipe_id = ? ORDER BY name = ? DESC, version DESC LIMIT 1",
                nameOrId,
                nameOrId,
                nameOrId);
        return found.isEmpty() ? null : found.get(0);
    }

    private static @Nullable RecipeVersion named(Transaction tx, String name) throws SQLException {
        List<RecipeVersion> found = query(tx, "WHERE name = ? ORDER BY version DESC LIMIT 1", name);
        return found.isEmpty() ? null : found.get(0);
    }

    @Override
    public RecipeVersion get(String nameOrId) {
        RecipeVersion found = newest(nameOrId);
        if (found == null) {
            throw notFound("recipe '" + nameOrId + "'");
        }
        return found;
    }

    @Override
    public RecipeVersion get(String nameOrId, int version) {
        RecipeVersion found = find(nameOrId, version);
        if (found == null) {
            get(nameOrId); // says so when there is no such recipe at all
            throw notFound("recipe '" + nameOrId + "' version " + version);
        }
        return found;
    }

    private static RecipeNotFoundException notFound(String what) {
        return new RecipeNotFoundException("there is no " + what + "; Hart.recipes().list() shows those there are");
    }

    @Override
    public List<RecipeVersion> list() {
        return store.read(RecipeStore::newestOfEach);
    }

    private static List<RecipeVersion> newestOfEach(Transaction tx) throws SQLException {
        return query(tx, """
            WHERE version = (SELECT max(other.version) FROM recipe other WHERE other.recipe_id = recipe.recipe_id)
            ORDER BY no DESC\
            """);
    }

    @Override
    public List<RecipeVersion> versions(String nameOrId) {
        RecipeVersion newest = get(nameOrId);
        return store.read(tx -> query(tx, "WHERE recipe_id = ? ORDER BY version DESC", newest.recipeId()));
    }

    private static List<RecipeVersion> query(Transaction tx, String where, String... values) throws SQLException {
        PreparedStatement select = tx.prepare("SELECT " + COLUMNS + " FROM recipe " + where);
        for (int i = 0; i < values.length; i++) {
            select.setString(i + 1, values[i]);
        }
        List<RecipeVersion> found = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                found.add(read(rows));
            }
        }
        return found;
    }

    private static RecipeVersion read(ResultSet row) throws SQLException {
        int parent = row.getInt(3);
        Integer parentVersion = row.wasNull() ? null : parent;
        String hash = row.getString(4);
        Object content = CanonicalJson.read(row.getString(8));
        Recipe recipe = RecipeDocument.read(Objects.requireNonNull(content));
        if (!hash.equals(RecipeDocument.contentHash(recipe))) {
            throw new RecipeCorruptException(
                    "recipe '%s' version %d does not fit its hash %s: the database was changed by hand"
                            .formatted(recipe.name(), row.getInt(2), hash));
        }
        return new RecipeVersion(
                row.getString(1),
                row.getInt(2),
                parentVersion,
                hash,
                Instant.ofEpochMilli(row.getLong(7)),
                Status.valueOf(row.getString(5)),
                row.getString(6),
                recipe);
    }

    @Override
    public MatchResult match(String request) {
        return index().match(request);
    }

    /** The index with all recipes of this moment; only those that were saved since the last time are read. */
    private RecipeIndex index() {
        long newest = store.read(RecipeStore::newestNo);
        if (indexedUpTo >= newest) {
            return index;
        }
        indexing.lock();
        try {
            long upTo = indexedUpTo;
            List<RecipeVersion> saved = store.read(tx -> query(
                    tx,
                    "WHERE no > " + upTo + " AND no <= " + newest + " AND version = (SELECT max(other.version)"
                            + " FROM recipe other WHERE other.recipe_id = recipe.recipe_id"
                            + " AND other.status = 'TRAINED') ORDER BY no"));
            saved.forEach(index::put);
            indexedUpTo = Math.max(upTo, newest);
            return index;
        } finally {
            indexing.unlock();
        }
    }

    private static long newestNo(Transaction tx) throws SQLException {
        try (ResultSet row =
                tx.prepare("SELECT coalesce(max(no), 0) FROM recipe").executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    @Override
    public Experience experience(RecipeVersion recipe) {
        return store.read(tx -> ExperienceTable.of(tx, recipe));
    }

    /** Adds what a run has shown about the actions of a stored version, in the transaction that ends the run; call it last. */
    public void addExperience(Transaction tx, RecipeVersion recipe, List<ActionExperience> gained) throws SQLException {
        ExperienceTable.add(tx, recipe, gained);
    }

    @Override
    public RecipeDiff diff(RecipeVersion from, RecipeVersion to) {
        return DocumentDiff.of(from, to);
    }

    @Override
    public String toJson(RecipeVersion recipe) {
        return CanonicalJson.write(RecipeDocument.of(recipe));
    }

    @Override
    public JavaSource toJava(RecipeVersion recipe, String packageName) {
        return RecipeClass.of(recipe, packageName);
    }

    @Override
    public RecipeBundle exportBundle(List<RecipeVersion> recipes) {
        if (recipes.isEmpty()) {
            throw new InputInvalidException("recipes", "are none; a bundle needs at least one version of a recipe");
        }
        List<Problem> problems = new ArrayList<>();
        Set<RecipeVersion> all = new LinkedHashSet<>();
        recipes.forEach(recipe -> addWithInner(recipe, all));
        for (RecipeVersion recipe : all) {
            if (RecipeDocument.holdsSecret(recipe.recipe())) {
                problems.add(new Problem(recipe.label(), "HOLDS_SECRET", "a recipe never holds a secret; take it out"));
            }
        }
        if (!problems.isEmpty()) {
            throw new RecipeInvalidException("bundle", problems);
        }
        return BundleText.sign(
                List.copyOf(all), SigningKey.of(signer.get()), clock.instant().truncatedTo(ChronoUnit.MILLIS));
    }

    /** A recipe without those that it runs would be of no use. */
    private void addWithInner(RecipeVersion recipe, Set<RecipeVersion> all) {
        if (!all.add(recipe)) {
            return;
        }
        recipe.recipe()
                .actions()
                .flatMap(action -> action.allSteps())
                .filter(step -> step.kind() == StepKind.SUBRECIPE && step.args().get("version") instanceof Long)
                .forEach(step -> addWithInner(
                        get(
                                String.valueOf(step.args().get("recipeId")),
                                ((Long) Objects.requireNonNull(step.args().get("version"))).intValue()),
                        all));
    }

    @Override
    public RecipeBundle readBundle(String text) {
        return BundleText.read(text);
    }

    @Override
    public List<RecipeVersion> importBundle(String text) {
        return importBundle(BundleText.read(text));
    }

    @Override
    public List<RecipeVersion> importBundle(String text, String publicKey) {
        RecipeBundle bundle = BundleText.read(text);
        if (!bundle.publicKey().equals(publicKey)) {
            throw new RecipeCorruptException("the bundle is signed by key " + bundle.publicKey() + ", not by "
                    + publicKey + ": it does not come from whom it should");
        }
        return importBundle(bundle);
    }

    private List<RecipeVersion> importBundle(RecipeBundle bundle) {
        List<Problem> problems = new ArrayList<>();
        for (RecipeVersion recipe : bundle.recipes()) {
            SubrecipeRules subrecipes = new SubrecipeRules(
                    (id, version) -> bundle.recipes().stream()
                            .filter(other ->
                                    other.recipeId().equals(id) && (version == null || other.version() == version))
                            .findFirst()
                            .orElseGet(() -> find(id, version)),
                    recipe.recipeId());
            Recipe completed = subrecipes.complete(recipe.recipe());
            List<Problem> own = new ArrayList<>(subrecipes.problems());
            own.addAll(ScheduledPart.problems(recipe.recipe()));
            own.forEach(p -> problems.add(new Problem(recipe.label() + " " + p.path(), p.code(), p.message())));
            bundleRules.check(recipe, completed, problems);
        }
        return store.write(tx -> {
            lock(tx);
            List<Problem> all = new ArrayList<>(problems);
            List<RecipeVersion> kept = new ArrayList<>();
            for (RecipeVersion recipe : bundle.recipes()) {
                RecipeVersion stored = take(tx, recipe, all);
                if (stored == null) {
                    insert(tx, recipe, true);
                }
                kept.add(stored == null ? recipe : stored);
            }
            if (!all.isEmpty()) {
                throw new RecipeInvalidException("bundle", all);
            }
            return kept;
        });
    }

    /** The version that is here already, and null when it may be stored; what speaks against it is added to the problems. */
    private static @Nullable RecipeVersion take(Transaction tx, RecipeVersion recipe, List<Problem> problems)
            throws SQLException {
        String name = recipe.recipe().name();
        RecipeVersion holder = named(tx, name);
        if (holder != null && !holder.recipeId().equals(recipe.recipeId())) {
            problems.add(new Problem(
                    recipe.label(),
                    "NAME_TAKEN",
                    "another recipe here has the name '" + name + "'; its id is " + holder.recipeId()));
            return holder;
        }
        List<RecipeVersion> here = query(tx, "WHERE recipe_id = ? ORDER BY version DESC", recipe.recipeId());
        if (!here.isEmpty() && !here.get(0).recipe().name().equals(name)) {
            problems.add(new Problem(
                    recipe.label(),
                    "OTHER_NAME",
                    "this recipe is here by the name '" + here.get(0).recipe().name() + "'"));
            return here.get(0);
        }
        for (RecipeVersion other : here) {
            if (other.version() == recipe.version()) {
                if (!other.contentHash().equals(recipe.contentHash())) {
                    problems.add(new Problem(
                            recipe.label(),
                            "VERSION_DIFFERS",
                            "this version is here with other content, of hash " + other.contentHash()
                                    + "; export a later version instead"));
                }
                return other;
            }
        }
        return null;
    }

    @Override
    public Recipe fromJson(String document) {
        try {
            Object read = CanonicalJson.read(document);
            return RecipeDocument.read(read == null ? Map.of() : read);
        } catch (IllegalArgumentException e) {
            throw new RecipeCorruptException("the recipe document is not JSON: " + e.getMessage(), e);
        }
    }
}
