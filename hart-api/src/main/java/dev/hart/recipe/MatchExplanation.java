package dev.hart.recipe;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * Why a request was matched as it was.
 *
 * @param request its text as it was read: runs of white space are one blank, end punctuation is gone
 * @param reason one sentence: why this recipe, or why none
 * @param ranking the recipes that came nearest, best first; empty when a template or equal words decided
 * @param sources which words each input came from, in the order of the request
 */
public record MatchExplanation(String request, String reason, List<Ranked> ranking, List<Source> sources) {
    public MatchExplanation {
        ranking = List.copyOf(ranking);
        sources = List.copyOf(sources);
    }

    /**
     * One of the recipes that came nearest.
     *
     * @param score the probability that it is the right one, 0 to 1
     * @param nearest its example that is most like the request
     */
    public record Ranked(RecipeVersion recipe, BigDecimal score, String nearest) {}

    /**
     * Where an input was found.
     *
     * @param words of the request
     * @param start of their first character in {@link #request}
     * @param end behind their last character
     */
    public record Source(String input, String words, int start, int end) {}

    /** The recipe that came second. */
    public Optional<Ranked> runnerUp() {
        return ranking.size() < 2 ? Optional.empty() : Optional.of(ranking.get(1));
    }

    /** All of it in a few lines. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(reason);
        for (Source source : sources) {
            text.append("\n  ")
                    .append(source.input())
                    .append(" = \"")
                    .append(source.words())
                    .append("\", characters ")
                    .append(source.start())
                    .append(" to ")
                    .append(source.end());
        }
        for (Ranked ranked : ranking) {
            text.append("\n  ")
                    .append(ranked.score())
                    .append("  ")
                    .append(ranked.recipe().label())
                    .append(", nearest example \"")
                    .append(ranked.nearest())
                    .append('"');
        }
        return text.toString();
    }
}
