package dev.hart.core.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.hart.core.plan.Draft.DraftAction;
import dev.hart.core.plan.Draft.Taken;
import dev.hart.error.CannotPlanException;
import dev.hart.recipe.StepKind;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the embedded planner makes of requests for the built-in tools. */
class EmbeddedPlannerTest {
    private static final String TOTAL =
            "Add up column amount of examples/data/sales.csv and write the total to build/total.txt";

    private final Planner planner = new EmbeddedPlanner();
    private final List<ToolSpec> tools = Specs.builtIn();

    @Test
    void aRequestBecomesOneActionForEachInstruction() {
        Draft draft = planner.plan(TOTAL, tools);

        assertThat(draft.actions()).extracting(DraftAction::tool).containsExactly("csv.sum", "file.write");
        assertThat(draft.actions()).extracting(DraftAction::kind).containsOnly(StepKind.TOOL);
        assertThat(draft.actions().get(0).args())
                .isEqualTo(Map.of("path", "examples/data/sales.csv", "column", "amount"));
        assertThat(draft.actions().get(0).description()).isEqualTo("Add up column amount of examples/data/sales.csv");
        assertThat(draft.modelCalls()).isEmpty();
    }

    @Test
    void aResultThatIsCalledByItsNounGoesToTheLaterActionUnderThatName() {
        Draft draft = planner.plan(TOTAL, tools);

        assertThat(draft.actions().get(0).name()).isEqualTo("total");
        assertThat(draft.actions().get(1).args()).isEqualTo(Map.of("path", "build/total.txt", "text", "{{total}}"));
    }

    @Test
    void whatIsWrittenLastIsTheAnswer() {
        assertThat(planner.plan(TOTAL, tools).answers()).containsExactly("total");
    }

    @Test
    void whatCameFromTheRequestIsTakenWithItsPlaceThere() {
        Draft draft = planner.plan(TOTAL, tools);

        assertThat(draft.taken())
                .extracting(Taken::input, Taken::value)
                .containsExactly(
                        tuple("sum_path", "examples/data/sales.csv"),
                        tuple("column", "amount"),
                        tuple("write_path", "build/total.txt"));
        assertThat(draft.taken())
                .allSatisfy(taken ->
                        assertThat(TOTAL.substring(taken.start(), taken.end())).isEqualTo(taken.value()));
    }

    @Test
    void theRecipeIsNamedByTheWordsThatWereNotTaken() {
        assertThat(planner.plan(TOTAL, tools).name()).isEqualTo("add-column-write-total");
    }

    @Test
    void theSameRequestGivesTheSamePlan() {
        assertThat(planner.plan(TOTAL, tools)).isEqualTo(new EmbeddedPlanner().plan(TOTAL, tools));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sum the amount column in a.csv, then save the result as b.txt",
                "Sum up the column amount in the file a.csv and store the sum in the file b.txt",
                "Please add up column amount of a.csv and then write it into b.txt.",
                "After adding up column amount of a.csv, write the total to b.txt",
                "Write the total to b.txt after adding up column amount of a.csv",
                "Add up column amount of a.csv. Write the total to b.txt.",
                "Add up column amount of a.csv; save the total to b.txt",
                "What is the total of the column \"amount\" in a.csv? Write it to b.txt"
            })
    void aTaskCanBeSaidInManyWays(String request) {
        Draft draft = planner.plan(request, tools);

        assertThat(draft.actions()).extracting(DraftAction::tool).containsExactly("csv.sum", "file.write");
        assertThat(draft.actions().get(0).args()).isEqualTo(Map.of("path", "a.csv", "column", "amount"));
        assertThat(draft.actions().get(1).args())
                .isEqualTo(Map.of(
                        "path", "b.txt", "text", "{{" + draft.actions().get(0).name() + "}}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "What is the average of price in data/x.csv?  | csv.average    | {path=data/x.csv, column=price}",
                "What is the smallest amount in sales.csv?    | csv.min        | {path=sales.csv, column=amount}",
                "Find the largest value in column price of p.csv | csv.max     | {path=p.csv, column=price}",
                "How many rows has a.csv?                     | csv.count      | {path=a.csv}",
                "List the columns of a.csv                    | csv.columns    | {path=a.csv}",
                "Add up the column \"unit price\" of o.csv    | csv.sum        | {path=o.csv, column=unit price}",
                "Add up unit_price in o.csv                   | csv.sum        | {path=o.csv, column=unit_price}",
                "Add up amount by region in sales.csv         | csv.group_sum  | {path=sales.csv, column=amount, by=region}",
                "Read notes.txt                               | file.read      | {path=notes.txt}",
                "Copy notes.txt to backup/notes.txt           | file.copy      | {from=notes.txt, to=backup/notes.txt}",
                "List the files in reports/                   | file.list      | {path=reports/}",
                "Write \"hello world\" to greeting.txt        | file.write     | {path=greeting.txt, text=hello world}",
                "Calculate (12.50 + 3) * 4                    | math.evaluate  | {expression=(12.50 + 3) * 4}",
                "What is 12*7?                                | math.evaluate  | {expression=12*7}",
                "What weekday is March 1st, 2024?             | date.weekday   | {date=2024-03-01}",
                "Add 30 days to 2024-01-15                    | date.add       | {date=2024-01-15, amount=30, unit=DAYS}",
                "How many days are between 2024-01-01 and 5 March 2024? | date.between | {from=2024-01-01, to=2024-03-05, unit=DAYS}",
                "Count the words in \"the quick brown fox\"   | text.count_words | {text=the quick brown fox}",
                "Replace \"cat\" by \"dog\" in \"my cat\"     | text.replace   | {text=my cat, search=cat, replacement=dog}",
                "Download https://example.com/data.json       | http.get       | {url=https://example.com/data.json}",
                "Query shop.db with \"select count(*) from orders\" | sql.query | {path=shop.db, sql=select count(*) from orders}"
            })
    void oneInstructionBecomesOneCall(String request, String tool, String arguments) {
        Draft draft = planner.plan(request, tools);

        assertThat(draft.actions()).singleElement().satisfies(action -> {
            assertThat(action.tool()).isEqualTo(tool);
            assertThat(action.args()).hasToString(arguments);
        });
        assertThat(draft.answers()).containsExactly(draft.actions().get(0).name());
    }

    @Test
    void resultsGoThroughSeveralActions() {
        Draft draft = planner.plan("Read notes.txt, then count its words and write the count to count.txt", tools);

        assertThat(draft.actions())
                .extracting(
                        DraftAction::name,
                        DraftAction::tool,
                        action -> action.args().get("text"))
                .containsExactly(
                        tuple("read", "file.read", null),
                        tuple("count", "text.count_words", "{{read}}"),
                        tuple("write", "file.write", "{{count}}"));
    }

    @Test
    void whatIsListedIsDoneOneByOne() {
        Draft draft = planner.plan("Read a.txt and b.txt", tools);

        assertThat(draft.actions())
                .extracting(DraftAction::args)
                .containsExactly(Map.of("path", "a.txt"), Map.of("path", "b.txt"));
        assertThat(draft.actions()).extracting(DraftAction::name).containsExactly("read", "read2");
        assertThat(draft.answers()).containsExactly("read", "read2");
        assertThat(draft.taken()).extracting(Taken::input).doesNotHaveDuplicates();
    }

    @Test
    void independentQuestionsAreAllAnswered() {
        Draft draft =
                planner.plan("What is the total of amount in s.csv and what is the average of amount in s.csv?", tools);

        assertThat(draft.actions()).extracting(DraftAction::tool).containsExactly("csv.sum", "csv.average");
        assertThat(draft.answers()).containsExactly("sum", "average");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Book a flight to Paris",
                "Translate \"hello\" to French",
                "Delete everything in reports",
                "Who won the world cup?",
                "Make me a sandwich",
                "Compose a song about rain",
                "blah blah blah"
            })
    void whatNoToolDoesIsRefused(String request) {
        assertThatThrownBy(() -> planner.plan(request, tools)).isInstanceOf(CannotPlanException.class);
    }

    @Test
    void aRefusalNamesThePartTheNearestToolWhatIsMissingAndTheWayOut() {
        assertThatThrownBy(() -> planner.plan("Write the total to total.txt", tools))
                .hasMessage(
                        "Cannot plan \"Write the total to total.txt\": the nearest tool, file.write, needs text, which the"
                                + " words do not give. Say it in other words, register a tool that does it, or let a language model"
                                + " plan: set HART_MODEL, HART_MODEL_BASE_URL and HART_MODEL_API_KEY, or call"
                                + " Hart.configure().model(…).");
    }

    @Test
    void aPartThatIsNotUnderstoodIsNotDropped() {
        CannotPlanException refusal = catchThrowableOfType(
                CannotPlanException.class, () -> planner.plan("Read notes.txt and send it to bob@example.com", tools));

        assertThat(refusal.notUnderstood()).containsExactly("send it to bob@example.com");
    }

    @Test
    void askedToWriteItNeverReadsInstead() {
        assertThatThrownBy(() -> planner.plan("Append to log.txt", tools))
                .hasMessageContaining("file.append")
                .hasMessageContaining("needs text");
    }

    @Test
    void withoutToolsNothingCanBePlanned() {
        assertThatThrownBy(() -> planner.plan("Read notes.txt", List.of()))
                .isInstanceOf(CannotPlanException.class)
                .hasMessageStartingWith("Cannot plan \"Read notes.txt\": no tool is registered.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "\n"})
    void anEmptyRequestIsRefused(String request) {
        assertThatThrownBy(() -> planner.plan(request, tools))
                .isInstanceOf(CannotPlanException.class)
                .hasMessageStartingWith("The request is empty.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?!.",
                "((((",
                "{{{{[[",
                "'",
                "\"",
                "and and and",
                "then",
                "1",
                "%%% $$$",
                "💥 💥",
                "after adding"
            })
    void oddTextIsRefusedNotAnError(String request) {
        assertThatThrownBy(() -> planner.plan(request, tools)).isInstanceOf(CannotPlanException.class);
    }

    @Test
    void aRequestMayHaveFourThousandCharactersAndNoMore() {
        String words = "Read notes.txt" + " ".repeat(4_000 - "Read notes.txt".length());

        assertThat(planner.plan(words, tools).actions()).hasSize(1);
        assertThatThrownBy(() -> planner.plan(words + " ", tools))
                .hasMessageContaining("at most 4000 characters")
                .hasMessageContaining("got 4001");
    }

    @Test
    void theMoreAToolCanBreakTheSurerThePlannerMustBe() {
        ToolSpec harmless = closing(Effect.READ);
        ToolSpec destructive = closing(Effect.DESTRUCTIVE);

        assertThat(planner.plan("What about the account of Alice", List.of(harmless))
                        .actions())
                .hasSize(1);
        assertThatThrownBy(() -> planner.plan("What about the account of Alice", List.of(destructive)))
                .hasMessageContaining("The nearest is account.close")
                .hasMessageContaining("where a tool of effect DESTRUCTIVE needs 0.85");
        assertThat(planner.plan("Close the account of Alice", List.of(destructive))
                        .actions())
                .singleElement()
                .satisfies(action -> assertThat(action.args()).isEqualTo(Map.of("customer", "Alice")));
    }

    private static ToolSpec closing(Effect effect) {
        return Specs.tool(
                "account.close",
                "Close the account of a customer and erase its data.",
                effect,
                Specs.arguments("customer", "string", "Name of the customer"));
    }
}
