package dev.hart.testing;

import dev.hart.Spark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What came of the cases of an {@link Evaluation}.
 *
 * @param results in the order of the data set
 */
public record EvaluationReport(List<Result> results) {
    public EvaluationReport {
        results = List.copyOf(results);
    }

    /**
     * What came of a case.
     *
     * @param outcome {@code SUCCEEDED}, or the code of what went wrong, such as {@code FILE_NOT_FOUND}
     * @param why what was expected, and what came; empty when it is right
     * @param millis of real time, from the request to the end
     * @param tokens in and out
     */
    public record Result(
            String id,
            String outcome,
            boolean correct,
            String why,
            long millis,
            int modelCalls,
            long tokens,
            Spark cost) {}

    /** How many cases are right. */
    public int correct() {
        return (int) results.stream().filter(Result::correct).count();
    }

    /** The share of cases that are right, 0 to 1. */
    public double accuracy() {
        return (double) correct() / results.size();
    }

    /** Of all cases. */
    public int modelCalls() {
        return results.stream().mapToInt(Result::modelCalls).sum();
    }

    /** Of all cases, in and out. */
    public long tokens() {
        return results.stream().mapToLong(Result::tokens).sum();
    }

    /** Of all cases. */
    public Spark cost() {
        return results.stream().map(Result::cost).reduce(Spark.ZERO, Spark::plus);
    }

    /** Of all cases, in milliseconds. */
    public long millis() {
        return results.stream().mapToLong(Result::millis).sum();
    }

    /** A table in Markdown with a line for each case and one for all, and below it what is wrong. */
    public String toMarkdown() {
        StringBuilder text = new StringBuilder("""
                | case | outcome | correct | ms | model calls | tokens | Spark |
                |---|---|---|---:|---:|---:|---:|
                """);
        for (Result result : results) {
            text.append("| %s | %s | %s | %d | %d | %d | %s |\n"
                    .formatted(
                            cell(result.id()),
                            cell(result.outcome()),
                            result.correct() ? "yes" : "**no**",
                            result.millis(),
                            result.modelCalls(),
                            result.tokens(),
                            result.cost()));
        }
        text.append(String.format(
                Locale.ROOT,
                "| all %d | | %d, %.1f %% | %d | %d | %d | %s |\n",
                results.size(),
                correct(),
                100 * accuracy(),
                millis(),
                modelCalls(),
                tokens(),
                cost()));
        String wrong = wrong();
        return wrong.isEmpty()
                ? text.toString()
                : text.append('\n').append(wrong).toString();
    }

    /** A line for each case that is wrong. */
    String wrong() {
        StringBuilder text = new StringBuilder();
        results.stream()
                .filter(result -> !result.correct())
                .forEach(result -> text.append("- %s: %s\n".formatted(result.id(), result.why())));
        return text.toString();
    }

    /**
     * Writes the table to a file, in UTF-8.
     *
     * @throws IOException when that fails
     */
    public void writeMarkdown(Path file) throws IOException {
        Files.writeString(file, toMarkdown());
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace('\n', ' ');
    }
}
