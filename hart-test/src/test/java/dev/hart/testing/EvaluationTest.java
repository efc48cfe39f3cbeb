package dev.hart.testing;

import static dev.hart.testing.HartAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Spark;
import dev.hart.error.CannotPlanException;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.model.ModelPrice;
import dev.hart.recipe.Recipe;
import dev.hart.testing.EvaluationReport.Result;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTest {
    private static final Recipe READ = Recipe.named("read")
            .input("file", String.class)
            .action("text", a -> a.tool("file.read").with("path", "{{inputs.file}}"))
            .output("text", String.class)
            .build();

    private static final Recipe ASK = Recipe.named("ask")
            .input("question", String.class)
            .action("answer", a -> a.model("{{inputs.question}}"))
            .output("answer", String.class)
            .build();

    private static final EvaluationReport MIXED = new EvaluationReport(List.of(
            new Result("a|b", "SUCCEEDED", true, "", 12, 1, 100, new Spark(600_000)),
            new Result("c", "FILE_NOT_FOUND", false, "expected 4, got FILE_NOT_FOUND", 3, 0, 0, Spark.ZERO),
            new Result("d", "SUCCEEDED", false, "expected 4, got 5", 5, 2, 20, new Spark(100_000))));

    @TempDir
    Path folder;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @Test
    @HartTest
    void eachCaseIsRunAndCompared(Hart hart, Path workspace) throws IOException {
        Files.writeString(workspace.resolve("a.txt"), "tea");
        AtomicLong nanos = new AtomicLong();
        EvaluationReport report = Evaluation.of(List.of(
                        EvaluationCase.of("right", "a.txt", "tea"),
                        EvaluationCase.of("any", "a.txt", null),
                        EvaluationCase.of("wrong", "a.txt", "pot"),
                        EvaluationCase.of("fails", "b.txt", "tea"),
                        new EvaluationCase("fails-rightly", "b.txt", null, "FILE_NOT_FOUND", Map.of()),
                        new EvaluationCase("should-fail", "a.txt", null, "FILE_NOT_FOUND", Map.of())))
                .clock(() -> nanos.getAndAdd(7_000_000))
                .run(one -> hart.run(READ, Inputs.of("file", one.request())));

        assertThat(report.results())
                .containsExactly(
                        new Result("right", "SUCCEEDED", true, "", 7, 0, 0, Spark.ZERO),
                        new Result("any", "SUCCEEDED", true, "", 7, 0, 0, Spark.ZERO),
                        new Result("wrong", "SUCCEEDED", false, "expected \"pot\", got \"tea\"", 7, 0, 0, Spark.ZERO),
                        new Result(
                                "fails",
                                "FILE_NOT_FOUND",
                                false,
                                "expected \"tea\", got FILE_NOT_FOUND",
                                7,
                                0,
                                0,
                                Spark.ZERO),
                        new Result("fails-rightly", "FILE_NOT_FOUND", true, "", 7, 0, 0, Spark.ZERO),
                        new Result(
                                "should-fail",
                                "SUCCEEDED",
                                false,
                                "expected FILE_NOT_FOUND, got \"tea\"",
                                7,
                                0,
                                0,
                                Spark.ZERO));
    }

    @Test
    @HartTest
    void modelCallsTokensAndMoneyAreCounted(Hart hart, ScriptedModel model) {
        model.price(new ModelPrice(new BigDecimal("0.01"), new BigDecimal("0.02")))
                .otherwise(request -> "a lamp!!");

        EvaluationReport report = Evaluation.of(List.of(
                        EvaluationCase.of("1", "What is it?!", "a lamp!!"), EvaluationCase.of("2", "Why?", "so")))
                .run(one -> hart.run(ASK, Inputs.of("question", one.request())));

        assertThat(report.modelCalls()).isEqualTo(2);
        // 3 + 2 and 1 + 2 tokens: 0.00007 and 0.00005 USD, at 100 Spark a USD
        assertThat(report.tokens()).isEqualTo(8);
        assertThat(report.cost()).isEqualTo(new Spark(12_000));
        assertThat(report.accuracy()).isEqualTo(0.5);
    }

    @Test
    void whatAProgramThrowsIsTheFailureOfItsCaseWhenItIsOurs() {
        Evaluation evaluation = Evaluation.of(List.of(
                EvaluationCase.of("1", "dance", 4), new EvaluationCase("2", "dance", null, "CANNOT_PLAN", Map.of())));

        assertThat(evaluation
                        .run(one -> {
                            throw new CannotPlanException("no tool dances", List.of(), null);
                        })
                        .results())
                .extracting(Result::outcome, Result::correct)
                .containsExactly(tuple("CANNOT_PLAN", false), tuple("CANNOT_PLAN", true));
        assertThatThrownBy(() -> evaluation.run(one -> {
                    throw new IllegalStateException("a bug");
                }))
                .hasMessage("a bug");
    }

    @Test
    @HartTest
    void anotherJudgeDecidesAboutRunsThatSucceed(Hart hart, Path workspace) throws IOException {
        Files.writeString(workspace.resolve("a.txt"), "Tea");

        assertThat(Evaluation.of(
                                List.of(EvaluationCase.of("1", "a.txt", "tea"), EvaluationCase.of("2", "b.txt", "tea")))
                        .correctWhen((one, run) -> run.output(String.class).equalsIgnoreCase((String) one.expected()))
                        .run(one -> hart.run(READ, Inputs.of("file", one.request()))))
                .isCorrectFor("1")
                .hasAccuracyOfAtLeast(0.5);
    }

    @Test
    void casesComeFromJsonLines() throws IOException {
        Path file = file("cases.jsonl", """
                {"id": "sum", "request": "Add up", "expected": 42.50, "city": "Oslo", "hard": true}

                {"request": "Read", "expectedFailure": "FILE_NOT_FOUND"}
                """);

        assertThat(Evaluation.ofJsonLines(file).cases())
                .containsExactly(
                        new EvaluationCase(
                                "sum", "Add up", new BigDecimal("42.5"), null, Map.of("city", "Oslo", "hard", true)),
                        new EvaluationCase("3", "Read", null, "FILE_NOT_FOUND", Map.of()));
    }

    @Test
    void casesComeFromCsv() throws IOException {
        Path file = file("cases.csv", """
                id,request,expected,city
                sum,"Add up, please",42,Oslo
                word,Say it,"a ""lamp\""",
                list,List it,"[1,2]",Bonn
                any,Do it,,
                """);

        assertThat(Evaluation.ofCsv(file).cases())
                .containsExactly(
                        new EvaluationCase("sum", "Add up, please", 42, null, Map.of("city", "Oslo")),
                        new EvaluationCase("word", "Say it", "a \"lamp\"", null, Map.of()),
                        new EvaluationCase("list", "List it", List.of(1, 2), null, Map.of("city", "Bonn")),
                        new EvaluationCase("any", "Do it", null, null, Map.of()));
    }

    @Test
    void aLineThatIsNoCaseIsNamed() throws IOException {
        Path noJson = file("a.jsonl", "{\"request\": \"Read\"}\n[1]\n");
        assertThatExceptionOfType(InvalidConfigurationException.class)
                .isThrownBy(() -> Evaluation.ofJsonLines(noJson))
                .withMessage("line 2 of the data set %s is no case: it is no JSON object", noJson);
        Path noText = file("b.jsonl", "{\"request\": 7}\n");
        assertThatExceptionOfType(InvalidConfigurationException.class)
                .isThrownBy(() -> Evaluation.ofJsonLines(noText))
                .withMessage("line 1 of the data set %s is no case: its request is no text: 7", noText);
        Path both = file("c.csv", "id,expected,expectedFailure\na,1,TIMEOUT\n");
        assertThatExceptionOfType(InvalidConfigurationException.class)
                .isThrownBy(() -> Evaluation.ofCsv(both))
                .withMessage(
                        "line 2 of the data set %s is no case: case a expects an output and a failure; it can have one of them",
                        both);
    }

    @Test
    void aDataSetHasOneToTenThousandCasesWithIdsOfTheirOwn() {
        EvaluationCase one = EvaluationCase.of("a", "x", 1);
        assertThatExceptionOfType(InvalidConfigurationException.class)
                .isThrownBy(() -> Evaluation.of(List.of(one, one)))
                .withMessage("two cases have the id a");
        assertThatExceptionOfType(InvalidConfigurationException.class)
                .isThrownBy(() -> Evaluation.of(List.of()))
                .withMessage("the data set has no cases");
        assertThat(Evaluation.of(many(10_000)).cases()).hasSize(10_000);
        assertThatExceptionOfType(InvalidConfigurationException.class)
                .isThrownBy(() -> Evaluation.of(many(10_001)))
                .withMessage("a data set has at most 10000 cases: split it");
        assertThatIllegalArgumentException().isThrownBy(() -> EvaluationCase.of(" ", "x", 1));
    }

    private static List<EvaluationCase> many(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> EvaluationCase.of("case " + i, "x", 1))
                .toList();
    }

    @Test
    void theTableHasALineForEachCaseAndOneForAll() throws IOException {
        Path file = folder.resolve("report.md");
        MIXED.writeMarkdown(file);

        assertThat(Files.readString(file)).isEqualTo("""
                | case | outcome | correct | ms | model calls | tokens | Spark |
                |---|---|---|---:|---:|---:|---:|
                | a\\|b | SUCCEEDED | yes | 12 | 1 | 100 | 0.6 |
                | c | FILE_NOT_FOUND | **no** | 3 | 0 | 0 | 0 |
                | d | SUCCEEDED | **no** | 5 | 2 | 20 | 0.1 |
                | all 3 | | 1, 33.3 % | 20 | 3 | 120 | 0.7 |

                - c: expected 4, got FILE_NOT_FOUND
                - d: expected 4, got 5
                """);
    }

    @Test
    void assertionsPassUpToTheirLimitAndShowTheTableBeyondIt() {
        assertThat(MIXED)
                .hasAccuracyOfAtLeast(1.0 / 3)
                .costAtMost(new Spark(700_000))
                .madeAtMostModelCalls(3)
                .isCorrectFor("a|b");

        assertFails(
                () -> assertThat(MIXED).hasAccuracyOfAtLeast(0.34),
                "Expected at least 34.0 % of the cases to be right, but 1 of 3 are, 33.3 %\n| case | outcome |");
        assertFails(() -> assertThat(MIXED).isAllCorrect(), "Expected every case to be right, but 1 of 3 are\n");
        assertFails(
                () -> assertThat(MIXED).isCorrectFor("a|b", "d", "e"),
                "Expected the cases [a|b, d, e] to be right, but [d, e] are not\n");
        assertFails(
                () -> assertThat(MIXED).costAtMost(new Spark(699_999)),
                "Expected a cost of at most 0.699999 Spark, but it is 0.7\n");
        assertFails(
                () -> assertThat(MIXED).madeAtMostModelCalls(2), "Expected at most 2 model calls, but there were 3\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> assertThat(MIXED).hasAccuracyOfAtLeast(75))
                .withMessage("an accuracy is 0 to 1, was 75.0");
    }

    private static void assertFails(ThrowingCallable assertion, String beginning) {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(assertion)
                .withMessageStartingWith(beginning)
                .withMessageEndingWith("- d: expected 4, got 5");
    }
}
