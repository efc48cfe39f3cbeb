package dev.hart.core.recipe;

import dev.hart.HartClock;
import dev.hart.Recipes;
import dev.hart.RunEvent;
import dev.hart.core.rollout.WithheldTable;
import dev.hart.core.schedule.ScheduledPart;
import dev.hart.core.signing.SigningKey;
import dev.hart.error.InputInvalidException;
import dev.hart.error.RecipeCorruptException;
import dev.hart.error.RecipeInvalidException;
import dev.hart.error.RecipeNotFoundException;
import dev.hart.ledger.CanonicalJson;
import dev.hart.recipe.ActionExperience;
import dev.hart.recipe.Drift;
import dev.hart.recipe.Experience;
import dev.hart.recipe.ImportedDraft;
import dev.hart.recipe.JavaSource;
import dev.hart.recipe.MatchResult;
import dev.hart.recipe.Problem;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBundle;
import dev.hart.recipe.RecipeDiff;
import dev.hart.recipe.RecipeGuard;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.RecipeVersion.Status;
import dev.hart.recipe.Rollout;
import dev.hart.recipe.RolloutPlan;
import dev.hart.recipe.StepKind;
import dev.hart.recipe.VersionStanding;
import dev.hart.recipe.VersionStanding.Standing;
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
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The recipes in the database. Thread-safe; the index for matching is read again when another process has added to it. */
public final class RecipeStore implements Recipes {
    private static final String COLUMNS =
            "recipe_id, version, parent_version, content_hash, status, learned_by, created_at, content";
    private static final String BY_VERSION = "WHERE recipe_id = ? AND version = ?";
    private static final int MAX_INTENT_FREE_NAMES = 1_000;

    private final Store store;
    private final ToolRules rules;
    private final HartClock clock;
    private final Supplier<String> ids;
    private final BundleRules bundleRules;
    private final Supplier<Signer> signer;
    private final RecipeIndex index;
    private final RecipeRollouts choices;
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
     * @param listeners are told when the current version of a recipe changes
     * @param judging holds results against checks
     */
    public RecipeStore(
            Store store,
            ToolRules rules,
            InputCheck inputs,
            HartClock clock,
            Supplier<String> ids,
            Supplier<Guardrails> gate,
            Supplier<Signer> signer,
            Supplier<@Nullable SentenceEmbedder> embedder,
            List<Consumer<RunEvent>> listeners,
            ResultJudging judging) {
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
        this.choices = new RecipeRollouts(store, clock, ids, listeners, judging);
        store.migrate("recipe", RecipeStore.class);
    }

    /** Which version of a recipe is taken, and how that changes. */
    public RecipeRollouts choices() {
        return choices;
    }

    @Override
    public RecipeVersion save(Recipe recipe) {
        return save(recipe, false);
    }

    @Override
    public RecipeVersion propose(Recipe recipe) {
        return save(recipe, true);
    }

    private RecipeVersion save(Recipe recipe, boolean proposed) {
        RecipeVersion stored =
                store.read(tx -> Optional.ofNullable(named(tx, recipe.name()))).orElse(null);
        Recipe complete = complete(recipe, stored == null ? null : stored.recipeId());
        if (stored != null
                && stored.status() == Status.TRAINED
                && stored.contentHash().equals(RecipeDocument.contentHash(complete))) {
            return stored;
        }
        List<RolloutNews> news = new ArrayList<>();
        RecipeVersion saved = store.write(tx -> {
            news.clear();
            lock(tx);
            return insert(tx, complete, null, Status.TRAINED, proposed, null, news);
        });
        choices.announce("", news);
        return saved;
    }

    @Override
    public RecipeVersion saveDraft(Recipe recipe) {
        return store.write(tx -> {
            lock(tx);
            return insert(tx, recipe, null, Status.DRAFT, false, null, new ArrayList<>());
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
        return store.read(tx -> query(tx, BY_VERSION, newest.recipeId(), version)).stream()
                .findFirst()
                .orElse(null);
    }

    /** A version that is known to be there. */
    static RecipeVersion version(Transaction tx, String recipeId, int version) throws SQLException {
        List<RecipeVersion> found = query(tx, BY_VERSION, recipeId, version);
        if (found.isEmpty()) {
            throw notFound("recipe '" + recipeId + "' version " + version);
        }
        return found.get(0);
    }

    /** The trained versions that are newer than one. */
    static List<RecipeVersion> trainedAfter(Transaction tx, RecipeVersion version) throws SQLException {
        return query(
                tx,
                "WHERE recipe_id = ? AND version > ? AND status = 'TRAINED'",
                version.recipeId(),
                version.version());
    }

    /**
     * Saves what a run learned, in the transaction that ends the run. A recipe of the same name that serves other requests
     * keeps its name; the new one gets a number behind its own.
     *
     * @param news takes what to tell once the commit is durable
     */
    public RecipeVersion saveLearned(Transaction tx, Recipe learned, String runId, List<RolloutNews> news)
            throws SQLException {
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
        return insert(tx, recipe, runId, Status.TRAINED, false, null, news);
    }

    /** The current versions of recipes that were learned, newest first; at most 200. */
    public List<RecipeVersion> learned() {
        return store.read(tx -> query(
                tx,
                "WHERE learned_by IS NOT NULL AND " + WithheldTable.IS_CURRENT
                        + " AND version = (SELECT max(other.version) FROM recipe other"
                        + " WHERE other.recipe_id = recipe.recipe_id AND other.status = 'DRAFT' OR other.no = recipe.no)"
                        + " ORDER BY no DESC LIMIT 200"));
    }

    /**
     * Saves the next version of a recipe: one that two runs taught together, or that a run mended.
     *
     * @param news takes what to tell once the commit is durable
     * @return null when the recipe has got another version meanwhile, one waits for its decision, or this one was rolled back;
     *     nothing is saved then
     */
    public @Nullable RecipeVersion saveNext(
            Transaction tx, RecipeVersion base, Recipe next, @Nullable String learnedBy, List<RolloutNews> news)
            throws SQLException {
        Recipe recipe = rules.complete(next);
        lock(tx);
        RecipeVersion newest = newest(tx, base.recipe().name());
        if (newest == null
                || newest.version() != base.version()
                || !RecipeRollouts.isOpen(tx, base.recipeId())
                || hasContent(trainedAfter(tx, base), RecipeDocument.contentHash(recipe))) {
            return null;
        }
        return insert(tx, recipe, learnedBy, Status.TRAINED, false, base.version(), news);
    }

    private static boolean hasContent(List<RecipeVersion> versions, String hash) {
        return versions.stream().anyMatch(version -> version.contentHash().equals(hash));
    }

    /**
     * Keeps other writers of recipes out until the commit, as SQLite does anyway: so versions follow each other, and numbers
     * appear in their order, by which the index is known to be current.
     */
    static void lock(Transaction tx) throws SQLException {
        if (tx.dialect() == Dialect.POSTGRESQL) {
            tx.prepare("LOCK TABLE recipe IN SHARE ROW EXCLUSIVE MODE").execute();
        }
    }

    /**
     * Stores a recipe as the next version of its name, unless that is what the newest or the current version is already.
     *
     * @param parent the version that it was made from; null for the newest
     */
    private RecipeVersion insert(
            Transaction tx,
            Recipe recipe,
            @Nullable String learnedBy,
            Status status,
            boolean proposed,
            @Nullable Integer parent,
            List<RolloutNews> news)
            throws SQLException {
        String hash = RecipeDocument.contentHash(recipe);
        RecipeVersion newest = named(tx, recipe.name());
        if (newest != null && newest.contentHash().equals(hash)) {
            return status == Status.TRAINED && newest.status() == Status.DRAFT
                    ? train(tx, newest, proposed, news)
                    : newest;
        }
        RecipeVersion taken = newest == null ? null : newest(tx, recipe.name());
        if (taken != null
                && taken.status() == Status.TRAINED
                && taken.contentHash().equals(hash)) {
            return taken;
        }
        RecipeVersion version = new RecipeVersion(
                newest == null ? ids.get() : newest.recipeId(),
                newest == null ? 1 : newest.version() + 1,
                newest == null ? null : parent == null ? (Integer) newest.version() : parent,
                hash,
                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                status,
                learnedBy,
                recipe);
        insert(tx, version, proposed, false, news);
        return version;
    }

    /** The draft as a trained version; its row gets a new number, by which the indexes of all processes find it. */
    private RecipeVersion train(Transaction tx, RecipeVersion draft, boolean proposed, List<RolloutNews> news)
            throws SQLException {
        delete(tx, draft);
        RecipeVersion trained = new RecipeVersion(
                draft.recipeId(),
                draft.version(),
                draft.parentVersion(),
                draft.contentHash(),
                draft.createdAt(),
                Status.TRAINED,
                draft.learnedBy(),
                draft.recipe());
        insert(tx, trained, proposed, false, news);
        return trained;
    }

    /** Gives the row of a version a new number, by which the indexes of all processes find it. */
    static void renumber(Transaction tx, RecipeVersion version) throws SQLException {
        delete(tx, version);
        insertRow(tx, version);
    }

    private static void delete(Transaction tx, RecipeVersion version) throws SQLException {
        PreparedStatement delete = tx.prepare("DELETE FROM recipe WHERE recipe_id = ? AND version = ?");
        delete.setString(1, version.recipeId());
        delete.setInt(2, version.version());
        delete.executeUpdate();
    }

    /**
     * @param proposed whether it is a candidate, whatever the recipe's guard says
     * @param foreign whether it was made elsewhere: its schedules wait until somebody here lets them run
     */
    private void insert(
            Transaction tx, RecipeVersion version, boolean proposed, boolean foreign, List<RolloutNews> news)
            throws SQLException {
        RecipeVersion before = version.status() == Status.TRAINED && version.version() > 1
                ? RecipeRollouts.current(tx, version.recipeId())
                : null;
        insertRow(tx, version);
        if (version.status() == Status.TRAINED) {
            choices.saved(tx, version, before, proposed, foreign, news);
        }
    }

    private static void insertRow(Transaction tx, RecipeVersion version) throws SQLException {
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
    }

    private @Nullable RecipeVersion newest(String nameOrId) {
        return store.read(tx -> Optional.ofNullable(newest(tx, nameOrId))).orElse(null);
    }

    /** The newest version that is not withheld. */
    private static @Nullable RecipeVersion newest(Transaction tx, String nameOrId) throws SQLException {
        List<RecipeVersion> found = query(
                tx,
                "WHERE (name = ? OR recipe_id = ?) AND " + WithheldTable.IS_NOT_WITHHELD
                        + " ORDER BY name = ? DESC, version DESC LIMIT 1",
                nameOrId,
                nameOrId,
                nameOrId);
        return found.isEmpty() ? null : found.get(0);
    }

    /** The newest version of all. */
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
            WHERE version = (SELECT max(other.version) FROM recipe other WHERE other.recipe_id = recipe.recipe_id
            AND NOT EXISTS (SELECT 1 FROM recipe_withheld
            WHERE recipe_withheld.recipe_id = other.recipe_id AND recipe_withheld.version = other.version))
            ORDER BY no DESC\
            """);
    }

    @Override
    public RecipeVersion current(String nameOrId) {
        RecipeVersion newest = get(nameOrId);
        if (newest.status() == Status.TRAINED) {
            return newest;
        }
        return store.read(tx -> Optional.ofNullable(RecipeRollouts.current(tx, newest.recipeId())))
                .orElseThrow(() -> notFound("trained version of recipe '" + nameOrId + "'"));
    }

    @Override
    public List<VersionStanding> standings(String nameOrId) {
        RecipeVersion of = get(nameOrId);
        return store.read(tx -> {
            RecipeVersion current = RecipeRollouts.current(tx, of.recipeId());
            Map<Integer, WithheldTable.Row> withheld = WithheldTable.of(tx, of.recipeId());
            List<VersionStanding> standings = new ArrayList<>();
            for (RecipeVersion version : query(tx, "WHERE recipe_id = ? ORDER BY version DESC", of.recipeId())) {
                WithheldTable.Row row = withheld.get(version.version());
                Standing standing = row != null
                        ? row.standing()
                        : version.status() == Status.DRAFT
                                ? Standing.DRAFT
                                : current != null && current.version() == version.version()
                                        ? Standing.CURRENT
                                        : Standing.EARLIER;
                standings.add(
                        new VersionStanding(version.version(), standing, row == null ? List.of() : row.reasons()));
            }
            return standings;
        });
    }

    @Override
    public void guard(String nameOrId, RecipeGuard guard) {
        choices.guard(get(nameOrId), guard);
    }

    @Override
    public Optional<RecipeGuard> guard(String nameOrId) {
        return Optional.ofNullable(choices.guard(get(nameOrId).recipeId()));
    }

    @Override
    public void unguard(String nameOrId) {
        choices.guard(get(nameOrId), null);
    }

    @Override
    public List<Drift> drifting() {
        return choices.drifting();
    }

    @Override
    public Rollout rollout(RecipeVersion candidate, RolloutPlan plan) {
        return choices.begin(candidate, plan);
    }

    @Override
    public List<Rollout> rollouts(String nameOrId) {
        return choices.list(get(nameOrId).recipeId());
    }

    @Override
    public List<Rollout> rollouts() {
        return choices.list(null);
    }

    @Override
    public void promote(RecipeVersion version, String why) {
        choices.promote(version, why);
    }

    @Override
    public void rollBack(RecipeVersion version, String why) {
        choices.rollBack(version, why);
    }

    @Override
    public List<RecipeVersion> versions(String nameOrId) {
        RecipeVersion newest = get(nameOrId);
        return store.read(tx -> query(tx, "WHERE recipe_id = ? ORDER BY version DESC", newest.recipeId()));
    }

    /** The runs that taught the stored versions. */
    public Set<String> teachers() {
        return store.read(OldVersions::teachers);
    }

    /** Deletes versions behind the newest ones that are neither used by these runs nor needed here; returns them. */
    public List<RecipeVersion> deleteBehind(String recipeId, int newest, Set<Integer> used) {
        return store.write(tx -> {
            lock(tx);
            return OldVersions.delete(tx, recipeId, newest, used);
        });
    }

    static List<RecipeVersion> query(Transaction tx, String where, Object... values) throws SQLException {
        PreparedStatement select = tx.prepare("SELECT " + COLUMNS + " FROM recipe " + where);
        for (int i = 0; i < values.length; i++) {
            select.setObject(i + 1, values[i]);
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
                    tx, "WHERE no > ? AND no <= ? AND " + WithheldTable.IS_CURRENT + " ORDER BY no", upTo, newest));
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
        List<RolloutNews> news = new ArrayList<>();
        List<RecipeVersion> stored = store.write(tx -> {
            news.clear();
            lock(tx);
            List<Problem> all = new ArrayList<>(problems);
            List<RecipeVersion> kept = new ArrayList<>();
            for (RecipeVersion recipe : bundle.recipes()) {
                RecipeVersion here = take(tx, recipe, all);
                if (here == null) {
                    insert(tx, recipe, false, true, news);
                }
                kept.add(here == null ? recipe : here);
            }
            if (!all.isEmpty()) {
                throw new RecipeInvalidException("bundle", all);
            }
            return kept;
        });
        choices.announce("", news);
        return stored;
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
