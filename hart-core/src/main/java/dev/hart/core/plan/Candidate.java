package dev.hart.core.plan;

/**
 * One way to fill one argument.
 *
 * @param from first token that the value uses
 * @param to behind the last one; equal to {@code from} when the value uses no words of its own
 * @param start where the value's words begin in the request, in chars
 * @param option whether the value is one of those that the argument's description names
 */
record Candidate(
        Parameter parameter, Object value, int from, int to, int start, int end, double score, boolean option) {

    static Candidate of(Parameter parameter, Mention mention, Object value, double score) {
        return new Candidate(
                parameter, value, mention.from(), mention.to(), mention.start(), mention.end(), score, false);
    }

    boolean overlaps(Candidate other) {
        return from < other.to && other.from < to;
    }

    boolean contains(Candidate other) {
        return from <= other.from && other.to <= to && to - from > other.to - other.from;
    }
}
