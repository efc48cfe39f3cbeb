package dev.hart.core.recipe;

import dev.hart.recipe.RecipeDiff;
import dev.hart.recipe.RecipeDiff.Change;
import dev.hart.recipe.RecipeDiff.Kind;
import dev.hart.recipe.RecipeVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares the documents of two recipes, whatever parts they have. The lists of flows, actions and steps are matched by the
 * numbers of their items, lists of plain values by the values, every other list by place.
 */
final class DocumentDiff {
    /** A list whose items have a number of their own, and the lists of that kind in each item. */
    private record Numbered(String number, Map<String, Numbered> inside) {}

    private static final Map<String, Numbered> STEPS = Map.of("steps", new Numbered("index", Map.of()));
    private static final Map<String, Numbered> ROOT =
            Map.of("flows", new Numbered("flowId", Map.of("actions", new Numbered("actionId", STEPS))));

    private final List<Change> changes = new ArrayList<>();

    private DocumentDiff() {}

    static RecipeDiff of(RecipeVersion from, RecipeVersion to) {
        DocumentDiff diff = new DocumentDiff();
        diff.objects("", RecipeDocument.hashedContent(from.recipe()), RecipeDocument.hashedContent(to.recipe()), ROOT);
        return new RecipeDiff(from, to, diff.changes);
    }

    private void objects(String path, Map<?, ?> before, Map<?, ?> after, Map<String, Numbered> lists) {
        Set<Object> names = new LinkedHashSet<>(before.keySet());
        names.addAll(after.keySet());
        for (Object name : names) {
            String place = path.isEmpty() ? String.valueOf(name) : path + "." + name;
            if (!after.containsKey(name)) {
                changes.add(new Change(place, Kind.REMOVED, before.get(name), null));
            } else if (!before.containsKey(name)) {
                changes.add(new Change(place, Kind.ADDED, null, after.get(name)));
            } else {
                values(place, before.get(name), after.get(name), lists.get(String.valueOf(name)));
            }
        }
    }

    private void values(String path, @Nullable Object before, @Nullable Object after, @Nullable Numbered list) {
        if (Objects.equals(before, after)) {
            return;
        }
        if (before instanceof Map<?, ?> a && after instanceof Map<?, ?> b) {
            objects(path, a, b, Map.of());
        } else if (before instanceof List<?> a && after instanceof List<?> b) {
            if (list != null) {
                numbered(path, a, b, list);
            } else if (isPlain(a) && isPlain(b)) {
                plain(path, a, b);
            } else {
                byPlace(path, a, b);
            }
        } else {
            changes.add(new Change(path, Kind.CHANGED, before, after));
        }
    }

    private void numbered(String path, List<?> before, List<?> after, Numbered list) {
        Map<Object, Map<?, ?>> old = byNumber(before, list.number());
        Map<Object, Map<?, ?>> now = byNumber(after, list.number());
        old.forEach((number, item) -> {
            Map<?, ?> other = now.get(number);
            if (other == null) {
                changes.add(new Change(path + "." + number, Kind.REMOVED, item, null));
            } else {
                objects(path + "." + number, item, other, list.inside());
            }
        });
        now.forEach((number, item) -> {
            if (!old.containsKey(number)) {
                changes.add(new Change(path + "." + number, Kind.ADDED, null, item));
            }
        });
        List<Object> stayed = old.keySet().stream().filter(now::containsKey).toList();
        List<Object> order = now.keySet().stream().filter(old::containsKey).toList();
        if (!stayed.equals(order)) {
            changes.add(new Change(path, Kind.CHANGED, stayed, order));
        }
    }

    private static Map<Object, Map<?, ?>> byNumber(List<?> items, String number) {
        Map<Object, Map<?, ?>> byNumber = new LinkedHashMap<>();
        for (Object item : items) {
            Map<?, ?> fields = (Map<?, ?>) item;
            byNumber.put(Objects.requireNonNull(fields.get(number)), fields);
        }
        return byNumber;
    }

    private static boolean isPlain(List<?> items) {
        return items.stream().noneMatch(item -> item instanceof Map || item instanceof List);
    }

    private void plain(String path, List<?> before, List<?> after) {
        List<@Nullable Object> removed = new ArrayList<>(before);
        after.forEach(removed::remove);
        List<@Nullable Object> added = new ArrayList<>(after);
        before.forEach(added::remove);
        removed.forEach(value -> changes.add(new Change(path, Kind.REMOVED, value, null)));
        added.forEach(value -> changes.add(new Change(path, Kind.ADDED, null, value)));
        if (removed.isEmpty() && added.isEmpty()) {
            changes.add(new Change(path, Kind.CHANGED, before, after));
        }
    }

    private void byPlace(String path, List<?> before, List<?> after) {
        for (int i = 0; i < Math.max(before.size(), after.size()); i++) {
            String place = path + "." + i;
            if (i >= after.size()) {
                changes.add(new Change(place, Kind.REMOVED, before.get(i), null));
            } else if (i >= before.size()) {
                changes.add(new Change(place, Kind.ADDED, null, after.get(i)));
            } else {
                values(place, before.get(i), after.get(i), null);
            }
        }
    }
}
