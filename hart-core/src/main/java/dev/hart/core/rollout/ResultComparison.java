package dev.hart.core.rollout;

import dev.hart.ledger.CanonicalJson;
import dev.hart.recipe.ResultCheck;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compares two JSON values as a check says: numbers may be a little apart, and some places do not count. */
public final class ResultComparison {
    private static final int MOST = 20;
    private static final int LONGEST = 80;

    private final BigDecimal tolerance;
    private final BigDecimal relativeTolerance;
    private final List<List<String>> ignored;
    private final List<String> differences = new ArrayList<>();

    private ResultComparison(ResultCheck check) {
        this.tolerance = check.tolerance();
        this.relativeTolerance = check.relativeTolerance();
        this.ignored = check.ignored().stream().map(ResultComparison::path).toList();
    }

    /** Where a result is not what was expected, at most 20 places; empty when it is. */
    public static List<String> differences(ResultCheck check, @Nullable Object expected, @Nullable Object found) {
        ResultComparison comparison = new ResultComparison(check);
        comparison.compare(List.of(), expected, found);
        return comparison.differences;
    }

    private static List<String> path(String pointer) {
        List<String> path = new ArrayList<>();
        for (String part : pointer.substring(1).split("/", -1)) {
            path.add(part.replace("~1", "/").replace("~0", "~"));
        }
        return path;
    }

    private boolean isIgnored(List<String> path) {
        return ignored.stream().anyMatch(pattern -> fits(pattern, path));
    }

    private static boolean fits(List<String> pattern, List<String> path) {
        if (pattern.size() != path.size()) {
            return false;
        }
        for (int i = 0; i < path.size(); i++) {
            if (!pattern.get(i).equals("*") && !pattern.get(i).equals(path.get(i))) {
                return false;
            }
        }
        return true;
    }

    private void compare(List<String> path, @Nullable Object expected, @Nullable Object found) {
        if (differences.size() >= MOST || isIgnored(path)) {
            return;
        }
        if (expected instanceof Map<?, ?> left && found instanceof Map<?, ?> right) {
            Set<String> names = new LinkedHashSet<>();
            left.keySet().forEach(name -> names.add(String.valueOf(name)));
            right.keySet().forEach(name -> names.add(String.valueOf(name)));
            for (String name : names) {
                List<String> place = below(path, name);
                if (left.containsKey(name) && right.containsKey(name)) {
                    compare(place, left.get(name), right.get(name));
                } else if (!isIgnored(place)) {
                    differ(place, left.containsKey(name) ? "is missing" : "is not expected");
                }
            }
        } else if (expected instanceof List<?> left && found instanceof List<?> right) {
            for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
                compare(below(path, Integer.toString(i)), left.get(i), right.get(i));
            }
            if (left.size() != right.size()) {
                differ(path, "has " + right.size() + " items, not " + left.size());
            }
        } else if (!isSame(expected, found)) {
            differ(path, "is " + text(found) + ", not " + text(expected));
        }
    }

    private static List<String> below(List<String> path, String name) {
        List<String> place = new ArrayList<>(path);
        place.add(name);
        return place;
    }

    private boolean isSame(@Nullable Object expected, @Nullable Object found) {
        if (expected instanceof Number left && found instanceof Number right) {
            BigDecimal wanted = new BigDecimal(left.toString());
            BigDecimal apart = wanted.subtract(new BigDecimal(right.toString())).abs();
            return apart.compareTo(tolerance.add(relativeTolerance.multiply(wanted.abs()))) <= 0;
        }
        return expected == null ? found == null : expected.equals(found);
    }

    private void differ(List<String> path, String what) {
        StringBuilder pointer = new StringBuilder();
        path.forEach(part -> pointer.append('/').append(part.replace("~", "~0").replace("/", "~1")));
        if (differences.size() < MOST) {
            differences.add((path.isEmpty() ? "the result" : pointer) + " " + what);
        }
    }

    private static String text(@Nullable Object value) {
        String text = CanonicalJson.write(value);
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
    }
}
