package dev.hart.testing;

import static java.util.Objects.requireNonNull;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.hart.Hart;
import dev.hart.Run;
import dev.hart.RunState;
import dev.hart.Spark;
import dev.hart.error.HartException;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.json.Json;
import dev.hart.testing.EvaluationReport.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs the cases of a data set, one after another, and tells how many came out right and what they cost.
 *
 * <p>A case is right when its run succeeds with the output that it expects, where numbers are equal when their values are, or
 * fails with the code that it expects; one that expects nothing is right when its run succeeds. {@link #correctWhen} judges in
 * another way. Immutable; a data set has at most 10,000 cases.
 */
public final class Evaluation {
    private static final int MAX_CASES = 10_000;

    private final List<EvaluationCase> cases;
    private final BiPredicate<EvaluationCase, Run> judge;
    private final LongSupplier nanoTime;

    private Evaluation(List<EvaluationCase> cases, BiPredicate<EvaluationCase, Run> judge, LongSupplier nanoTime) {
        this.cases = cases;
        this.judge = judge;
        this.nanoTime = nanoTime;
    }

    /**
     * An evaluation of these cases.
     *
     * @throws InvalidConfigurationException when there are none or too many, or two have one id
     */
    public static Evaluation of(Iterable<EvaluationCase> cases) {
        List<EvaluationCase> all = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (EvaluationCase one : cases) {
            if (!ids.add(one.id())) {
                throw new InvalidConfigurationException("two cases have the id " + one.id());
            }
            if (all.size() == MAX_CASES) {
                throw new InvalidConfigurationException(
                        "a data set has at most %d cases: split it".formatted(MAX_CASES));
            }
            all.add(one);
        }
        if (all.isEmpty()) {
            throw new InvalidConfigurationException("the data set has no cases");
        }
        return new Evaluation(List.copyOf(all), Evaluation::isAsExpected, System::nanoTime);
    }

    /**
     * The cases of a file with a JSON object on each line: {@code id} (the line's number unless given), {@code request}, {@code
     * expected}, {@code expectedFailure}; everything else is the case's data. Empty lines do not count.
     *
     * @throws InvalidConfigurationException when a line is no case; it names the line
     */
    public static Evaluation ofJsonLines(Path file) {
        List<EvaluationCase> cases = new ArrayList<>();
        int number = 0;
        for (String line : lines(file)) {
            number++;
            if (!line.isBlank()) {
                try {
                    if (!(JsonText.parse(line) instanceof Map<?, ?> json)) {
                        throw new IllegalArgumentException("it is no JSON object");
                    }
                    cases.add(read(json, number));
                } catch (IllegalArgumentException e) {
                    throw unusable(file, number, e);
                }
            }
        }
        return of(cases);
    }

    /**
     * The cases of a CSV file in UTF-8 whose first line names the columns, with the same names as in {@link #ofJsonLines}. An
     * expected value that reads as JSON is that, such as {@code 42.5} or {@code ["a"]}, any other one is a text; an empty field
     * is left out.
     *
     * @throws InvalidConfigurationException when a line is no case; it names the line
     */
    public static Evaluation ofCsv(Path file) {
        List<EvaluationCase> cases = new ArrayList<>();
        try (CsvReader<NamedCsvRecord> records = CsvReader.builder().ofNamedCsvRecord(file)) {
            for (NamedCsvRecord record : records) {
                Map<String, @Nullable Object> json = new LinkedHashMap<>();
                record.getFieldsAsMap().forEach((name, value) -> {
                    if (!value.isEmpty()) {
                        json.put(name, name.equals("expected") ? jsonOrText(value) : value);
                    }
                });
                try {
                    cases.add(read(json, cases.size() + 1));
                } catch (IllegalArgumentException e) {
                    throw unusable(file, record.getStartingLineNumber(), e);
                }
            }
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        return of(cases);
    }

    private static @Nullable Object jsonOrText(String value) {
        try {
            return JsonText.parse(value);
        } catch (IllegalArgumentException e) {
            return value;
        }
    }

    private static EvaluationCase read(Map<?, ?> json, int number) {
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        json.forEach((name, value) -> data.put((String) name, value));
        Object id = data.remove("id");
        Object request = data.remove("request");
        Object expected = data.remove("expected");
        Object failure = data.remove("expectedFailure");
        if (request != null && !(request instanceof String)) {
            throw new IllegalArgumentException("its request is no text: " + JsonText.compact(request));
        }
        if (failure != null && !(failure instanceof String)) {
            throw new IllegalArgumentException("its expectedFailure is no text: " + JsonText.compact(failure));
        }
        return new EvaluationCase(
                id == null ? String.valueOf(number) : String.valueOf(id),
                request == null ? "" : (String) request,
                expected,
                (String) failure,
                data);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static UncheckedIOException unreadable(Path file, IOException cause) {
        return new UncheckedIOException("the data set " + file + " cannot be read", cause);
    }

    private static InvalidConfigurationException unusable(Path file, long line, IllegalArgumentException cause) {
        return new InvalidConfigurationException(
                "line %d of the data set %s is no case: %s".formatted(line, file, cause.getMessage()), cause);
    }

    /** The same with another judgement about runs that succeeded, in the place of the comparison with what is expected. */
    public Evaluation correctWhen(BiPredicate<EvaluationCase, Run> correct) {
        return new Evaluation(cases, requireNonNull(correct), nanoTime);
    }

    Evaluation clock(LongSupplier nanos) {
        return new Evaluation(cases, judge, nanos);
    }

    /** The cases, in the order of the data set. */
    public List<EvaluationCase> cases() {
        return cases;
    }

    /** Asks a runtime the request of each case. */
    public EvaluationReport run(Hart hart) {
        return run(one -> hart.run(one.request()));
    }

    /**
     * Runs each case with a program of yours.
     *
     * @param program makes a run of a case; a {@link HartException} that it throws is the case's failure, anything else it
     *     throws ends the evaluation
     */
    public EvaluationReport run(Function<EvaluationCase, Run> program) {
        return new EvaluationReport(
                cases.stream().map(one -> result(one, program)).toList());
    }

    private Result result(EvaluationCase one, Function<EvaluationCase, Run> program) {
        long start = nanoTime.getAsLong();
        try {
            Run run = program.apply(one);
            return judged(one, run, millisSince(start));
        } catch (HartException e) {
            boolean right = e.code().equals(one.expectedFailure());
            return new Result(
                    one.id(), e.code(), right, right ? "" : wrong(one, e.code()), millisSince(start), 0, 0, Spark.ZERO);
        }
    }

    private Result judged(EvaluationCase one, Run run, long millis) {
        boolean succeeded = run.state() == RunState.SUCCEEDED;
        String outcome = succeeded
                ? run.state().name()
                : run.failure().map(HartException::code).orElse(run.state().name());
        boolean right = succeeded
                ? one.expectedFailure() == null && judge.test(one, run)
                : outcome.equals(one.expectedFailure());
        String got = succeeded ? JsonText.compact(Json.valueOf(run.output())) : outcome;
        return new Result(
                one.id(),
                outcome,
                right,
                right ? "" : wrong(one, got),
                millis,
                run.report().modelCalls(),
                run.report().tokens().total(),
                run.report().cost());
    }

    private static String wrong(EvaluationCase one, String got) {
        String expected = one.expectedFailure() != null
                ? one.expectedFailure()
                : one.expected() == null ? "a right output" : JsonText.compact(one.expected());
        return "expected %s, got %s".formatted(expected, got);
    }

    private static boolean isAsExpected(EvaluationCase one, Run run) {
        return one.expected() == null || Objects.equals(one.expected(), Json.valueOf(run.output()));
    }

    private long millisSince(long start) {
        return (nanoTime.getAsLong() - start) / 1_000_000;
    }
}
