package dev.hart.core.recipe;

import dev.hart.HartClock;
import dev.hart.Recipes;
import dev.hart.error.RecipeCorruptException;
import dev.hart.error.RecipeInvalidException;
import dev.hart.error.RecipeNotFoundException;
import dev.hart.ledger.CanonicalJson;
import dev.hart.recipe.MatchResult;
import dev.hart.recipe.Problem;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.RecipeVersion.Status;
import dev.hart.spi.SentenceEmbedder;
import dev.hart.store.Dialect;
import dev.hart.store.Store;
import dev.hart.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
    private final RecipeIndex index;
    private final ReentrantLock indexing = new ReentrantLock();
    /** The number of the newest row that the index has. */
    private volatile long indexedUpTo;

    /**
     * A store of recipes.
     *
     * @param ids gives a new UUIDv7 each time
     * @param embedder asked at most once, when there is a recipe that needs one; null for matching by the words alone
     */
    public RecipeStore(
            Store store,
            ToolRules rules,
            InputCheck inputs,
            HartClock clock,
            Supplier<String> ids,
            Supplier<@Nullable SentenceEmbedder> embedder) {
        this.store = store;
        this.rules = rules;
        this.clock = clock;
        this.ids = ids;
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
        if (stored != null && stored.contentHash().equals(RecipeDocument.contentHash(complete))) {
            return stored;
        }
        return store.write(tx -> {
            lock(tx);
            return insert(tx, complete, null);
        });
    }

    /** The recipe with what its tools and the recipes that it runs say filled in; every problem is named at once. */
    private Recipe complete(Recipe recipe, @Nullable String ownId) {
        SubrecipeRules subrecipes = new SubrecipeRules(this::find, ownId);
        Recipe withRecipes = subrecipes.complete(recipe);
        if (subrecipes.problems().isEmpty()) {
            return rules.complete(withRecipes);
        }
        List<Problem> problems = new ArrayList<>(subrecipes.problems());
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
        return versions(newest.recipeId()).stream()
                .filter(found -> found.version() == version)
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
                    base + "-" + n, recipe.goal(), recipe.intents(), recipe.inputs(), recipe.outputs(), recipe.flows());
        }
        return insert(tx, recipe, runId);
    }

    /**
     * Saves a recipe that a run mended as the next version of the one it ran; null when there is a newer one already.
     *
     * @param ran the version that was run, which stays as it is
     */
    public @Nullable RecipeVersion saveMended(Transaction tx, Recipe mended, RecipeVersion ran) throws SQLException {
        lock(tx);
        RecipeVersion newest = named(tx, mended.name());
        return newest != null && newest.version() == ran.version()
                ? insert(tx, rules.complete(mended), ran.learnedBy())
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

    private RecipeVersion insert(Transaction tx, Recipe recipe, @Nullable String learnedBy) throws SQLException {
        String hash = RecipeDocument.contentHash(recipe);
        RecipeVersion newest = named(tx, recipe.name());
        if (newest != null && newest.contentHash().equals(hash)) {
            return newest;
        }
        RecipeVersion version = new RecipeVersion(
                newest == null ? ids.get() : newest.recipeId(),
                newest == null ? 1 : newest.version() + 1,
                newest == null ? null : newest.version(),
                hash,
                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                Status.TRAINED,
                learnedBy,
                recipe);
        PreparedStatement insert =
                tx.prepare("INSERT INTO recipe (name, " + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
        insert.setString(1, recipe.name());
        insert.setString(2, version.recipeId());
        insert.setInt(3, version.version());
        insert.setObject(4, version.parentVersion(), Types.INTEGER);
        insert.setString(5, hash);
        insert.setString(6, version.status().name());
        insert.setString(7, learnedBy);
        insert.setLong(8, version.createdAt().toEpochMilli());
        insert.setString(9, CanonicalJson.write(RecipeDocument.content(recipe)));
        insert.executeUpdate();
        return version;
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
        return versions(nameOrId).stream()
                .filter(found -> found.version() == version)
                .findFirst()
                .orElseThrow(() -> notFound("recipe '" + nameOrId + "' version " + version));
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
                            + " FROM recipe other WHERE other.recipe_id = recipe.recipe_id) ORDER BY no"));
            for (RecipeVersion recipe : saved) {
                if (recipe.status() == Status.TRAINED) {
                    index.put(recipe);
                } else {
                    index.remove(recipe.recipeId());
                }
            }
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
    public String toJson(RecipeVersion recipe) {
        return CanonicalJson.write(RecipeDocument.of(recipe));
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
