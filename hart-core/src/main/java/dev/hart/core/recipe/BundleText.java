package dev.hart.core.recipe;

import dev.hart.core.signing.SigningKey;
import dev.hart.error.RecipeCorruptException;
import dev.hart.error.RecipeInvalidException;
import dev.hart.error.UnsupportedSchemaException;
import dev.hart.ledger.CanonicalJson;
import dev.hart.recipe.Problem;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBundle;
import dev.hart.recipe.RecipeVersion;
import dev.hart.recipe.RecipeVersion.Status;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The text of a bundle: canonical JSON, so that every byte of it counts, whose field {@code signature} signs the canonical JSON of
 * all the others.
 */
final class BundleText {
    static final String SCHEMA = "hart.bundle/1";
    private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern KEY = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern SIGNATURE = Pattern.compile("[0-9a-f]{128}");

    private BundleText() {}

    static RecipeBundle sign(List<RecipeVersion> recipes, SigningKey key, Instant now) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("schema", SCHEMA);
        json.put("createdAt", now.toString());
        json.put("keyId", key.id());
        json.put("publicKey", key.hex());
        json.put("recipes", recipes.stream().map(BundleText::entry).toList());
        json.put("signature", key.sign(CanonicalJson.write(json).getBytes(StandardCharsets.UTF_8)));
        return read(CanonicalJson.write(json));
    }

    private static Map<String, @Nullable Object> entry(RecipeVersion recipe) {
        return Map.of(
                "recipe", RecipeDocument.of(recipe), "status", recipe.status().name());
    }

    /**
     * Reads a bundle that is whole.
     *
     * @throws RecipeCorruptException when it is none, or anything in it was changed after it was signed
     * @throws UnsupportedSchemaException when it is of a newer format
     * @throws RecipeInvalidException with every problem of its recipes
     */
    static RecipeBundle read(String text) {
        Map<String, @Nullable Object> json;
        try {
            json = new LinkedHashMap<>(CanonicalJson.readObject(text.stripTrailing()));
        } catch (IllegalArgumentException e) {
            throw new RecipeCorruptException("this is no bundle of recipes: " + e.getMessage(), e);
        }
        if (!SCHEMA.equals(json.get("schema"))
                && String.valueOf(json.get("schema")).startsWith("hart.bundle/")) {
            throw new UnsupportedSchemaException("the bundle is of format " + json.get("schema")
                    + ", this version reads " + SCHEMA + ": use a newer HART");
        }
        requireWhole(text, json);
        List<Problem> problems = new ArrayList<>();
        List<RecipeVersion> recipes = new ArrayList<>();
        List<?> entries = (List<?>) field(json, "recipes", List.class);
        for (int i = 0; i < entries.size(); i++) {
            String path = "recipes[" + i + "]";
            if (entries.get(i) instanceof Map<?, ?> entry) {
                RecipeVersion recipe = version(entry, path, problems);
                if (recipe != null) {
                    recipes.add(recipe);
                }
            } else {
                problems.add(new Problem(path, "UNREADABLE", "this is no stored recipe"));
            }
        }
        if (!problems.isEmpty()) {
            throw new RecipeInvalidException("bundle", problems);
        }
        return new RecipeBundle(
                (String) field(json, "keyId", String.class),
                (String) field(json, "publicKey", String.class),
                recipes,
                text);
    }

    private static void requireWhole(String text, Map<String, @Nullable Object> json) {
        String key = (String) field(json, "publicKey", String.class);
        String signature = (String) field(json, "signature", String.class);
        boolean written = KEY.matcher(key).matches()
                && SIGNATURE.matcher(signature).matches()
                && CanonicalJson.write(json).equals(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
        Map<String, @Nullable Object> signed = new LinkedHashMap<>(json);
        signed.remove("signature");
        if (!written
                || !SigningKey.verifies(key, CanonicalJson.write(signed).getBytes(StandardCharsets.UTF_8), signature)) {
            throw new RecipeCorruptException("the bundle does not fit its signature by key " + json.get("keyId")
                    + ": it was changed after it was signed; ask for it again");
        }
    }

    private static Object field(Map<?, ?> json, String name, Class<?> type) {
        Object value = json.get(name);
        if (!type.isInstance(value)) {
            throw new RecipeCorruptException(
                    "this is no bundle of recipes: its field '" + name + "' is missing or of another type");
        }
        return value;
    }

    private static @Nullable RecipeVersion version(Map<?, ?> entry, String path, List<Problem> problems) {
        try {
            Map<?, ?> document = (Map<?, ?>) field(entry, "recipe", Map.class);
            String id = (String) field(document, "recipeId", String.class);
            long number = (Long) field(document, "version", Long.class);
            Integer parent = document.get("parent") instanceof Map<?, ?> named
                    ? (Integer) Math.toIntExact((Long) field(named, "version", Long.class))
                    : null;
            if (!ID.matcher(id).matches()
                    || number < 1
                    || number > Integer.MAX_VALUE
                    || (parent != null && (parent < 1 || parent >= number))) {
                problems.add(new Problem(
                        path, "INVALID_IDENTITY", "the recipe's id, version or parent is none: " + id + ", " + number));
                return null;
            }
            Recipe recipe = RecipeDocument.read(document);
            return new RecipeVersion(
                    id,
                    (int) number,
                    parent,
                    (String) field(document, "contentHash", String.class),
                    Instant.parse((String) field(document, "createdAt", String.class)),
                    Status.valueOf((String) field(entry, "status", String.class)),
                    null,
                    recipe);
        } catch (RecipeInvalidException e) {
            e.problems().forEach(p -> problems.add(new Problem(path + "." + p.path(), p.code(), p.message())));
        } catch (RecipeCorruptException | UnsupportedSchemaException e) {
            problems.add(new Problem(path, e.code(), String.valueOf(e.getMessage())));
        } catch (ClassCastException | ArithmeticException | DateTimeException | IllegalArgumentException e) {
            problems.add(new Problem(path, "UNREADABLE", "this is no stored recipe: " + e.getMessage()));
        }
        return null;
    }
}
