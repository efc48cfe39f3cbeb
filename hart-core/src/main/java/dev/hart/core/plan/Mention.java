package dev.hart.core.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Words of a request that could be the value of an argument.
 *
 * @param from first token of the request
 * @param to behind the last token
 * @param start where the words that make the value begin in the request, in chars
 * @param value JSON value; of a date a {@link Dates.Date}; of a list its {@code items} tell
 * @param dimension of a number: what its unit measures, such as {@code length/time}; empty without one
 * @param unit of a number: its first unit's word; empty without one
 * @param items of a list: its parts; empty for the other kinds
 */
record Mention(
        Kind kind,
        int from,
        int to,
        int start,
        int end,
        Object value,
        String dimension,
        String unit,
        List<Mention> items) {

    enum Kind {
        NUMBER,
        DATE,
        TIME,
        PATH,
        URL,
        EMAIL,
        QUOTED,
        EXPRESSION,
        BRACKET,
        /** Capitalised words. */
        NAME,
        /** Other words that belong together. */
        PHRASE,
        /** Several of one kind: "A, B and C", "from 1 to 5". */
        LIST
    }

    static Mention of(Kind kind, int from, int to, int start, int end, Object value) {
        return new Mention(kind, from, to, start, end, value, "", "", List.of());
    }

    static Mention list(List<Mention> items) {
        Mention first = items.get(0);
        Mention last = items.get(items.size() - 1);
        List<Object> values = items.stream().map(Mention::value).toList();
        return new Mention(Kind.LIST, first.from, last.to, first.start, last.end, values, "", "", items);
    }

    boolean overlaps(Mention other) {
        return from < other.to && other.from < to;
    }

    String text() {
        return value.toString();
    }

    /** The list's kind of items; null when this is no list. */
    @Nullable
    Kind itemKind() {
        return items.isEmpty() ? null : items.get(0).kind;
    }
}
