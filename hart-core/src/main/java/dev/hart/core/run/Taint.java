package dev.hart.core.run;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who had a hand in a value beside the caller and the recipe. Follows it from the result of a step into the arguments of others.
 * Immutable.
 *
 * @param from the tools, models and plans whose words may be in it; empty for a value to be trusted
 * @param rules that the gate flagged such words by; empty when it found nothing
 */
record Taint(Set<String> from, Set<String> rules) {
    static final Taint NONE = new Taint(Set.of(), Set.of());

    /** What a plan is called in {@code from} that a model made after it had read results. */
    static final String PLAN = "a plan made after results were read";

    static final String MODEL = "the model";

    Taint {
        from = Set.copyOf(from);
        rules = Set.copyOf(rules);
    }

    static Taint of(String source, Collection<String> rules) {
        return new Taint(Set.of(source), Set.copyOf(rules));
    }

    boolean isTrusted() {
        return from.isEmpty();
    }

    boolean isSuspicious() {
        return !rules.isEmpty();
    }

    Taint plus(Taint other) {
        if (other.equals(NONE)) {
            return this;
        }
        return equals(NONE) ? other : new Taint(union(from, other.from), union(rules, other.rules));
    }

    /** Of a value that holds no words: a number, true or false, or nothing. */
    Taint withoutWords() {
        return rules.isEmpty() ? this : new Taint(from, Set.of());
    }

    static Taint all(Collection<Taint> taints) {
        return taints.stream().reduce(NONE, Taint::plus);
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> both = new TreeSet<>(one);
        both.addAll(other);
        return both;
    }

    /** Its sources in words, in order. */
    String sources() {
        return String.join(", ", new TreeSet<>(from));
    }

    /** Its rules in order. */
    String ruleIds() {
        return String.join(", ", new TreeSet<>(rules));
    }

    Map<String, @Nullable Object> json() {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("from", List.copyOf(new TreeSet<>(from)));
        json.put("rules", List.copyOf(new TreeSet<>(rules)));
        return json;
    }

    static Taint read(Map<String, @Nullable Object> json) {
        Payload payload = new Payload(json);
        return new Taint(Set.copyOf(payload.texts("from")), Set.copyOf(payload.texts("rules")));
    }
}
