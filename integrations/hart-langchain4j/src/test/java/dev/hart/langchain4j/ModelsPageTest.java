package dev.hart.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.Spark;
import dev.hart.model.LanguageModel;
import dev.hart.model.Message.UserMessage;
import dev.hart.model.ModelPrice;
import dev.hart.model.ModelRequest;
import dev.hart.model.TokenCount;
import dev.hart.testing.Listings;
import dev.hart.testing.OpenAiWireServer;
import dev.hart.testing.OpenAiWireServer.Reply;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listings of docs/models.md, as they run against a server that speaks the wire format. */
class ModelsPageTest {
    private static final String PLAN = """
            {"name": "total-of-column", "actions": [
              {"name": "total", "description": "Add up the amounts", "kind": "TOOL", "tool": "csv.sum",
               "args": {"path": "sales.csv", "column": "amount"}}],
             "answers": ["total"], "cannot": []}""";

    private final OpenAiWireServer server = OpenAiWireServer.start();

    @TempDir
    Path folder;

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aModelPlansOnceAndIsNotAskedAgain() throws IOException {
        Files.writeString(folder.resolve("sales.csv"), "item,amount\ntea,12.50\npot,30\n");
        Files.writeString(folder.resolve("march.csv"), "item,amount\ncup,7.25\n");
        server.otherwise(request -> request.body().toString().contains("You check whether")
                ? Reply.text("{\"status\": \"completed\", \"message\": \"\"}")
                : new Reply.Answer(PLAN, List.of(), "stop", new TokenCount(1_200, 300)));
        String baseUrl = server.baseUrl().toString();
        String key = "sk-test";

        // tag::by-code[]
        OpenAiChatModel openAi = OpenAiChatModel.builder()
                .baseUrl(baseUrl)
                .apiKey(key)
                .modelName("gpt-4o-mini")
                .maxRetries(0)
                .build();
        LanguageModel model = LangChain4jModels.chat(openAi)
                .priced(new ModelPrice(new BigDecimal("0.00015"), new BigDecimal("0.0006")));
        HartBuilder builder = Hart.configure().model(model);
        // end::by-code[]

        try (Hart hart = builder.workspace(folder).inMemory().create()) {
            Run first = hart.run("What do the figures under amount in sales.csv come to?");
            Run again = hart.run("What do the figures under amount in march.csv come to?");

            assertThat(first.mode()).isEqualTo(Mode.CREATE);
            assertThat(first.report().modelCalls()).isPositive();
            assertThat(first.report().cost()).isGreaterThan(Spark.ZERO);
            assertThat(again.mode()).isEqualTo(Mode.REUSE);
            assertThat(again.report().modelCalls()).isZero();
            assertThat(again.output()).isEqualTo(new BigDecimal("7.25"));
        }
    }

    @Test
    void textComesPieceByPiece() {
        server.reply("A line of text that takes a while.");
        String baseUrl = server.baseUrl().toString();
        String key = "sk-test";
        List<String> pieces = new ArrayList<>();

        // tag::streaming[]
        OpenAiChatModel whole = OpenAiChatModel.builder()
                .baseUrl(baseUrl)
                .apiKey(key)
                .modelName("gpt-4o-mini")
                .maxRetries(0)
                .build();
        OpenAiStreamingChatModel inPieces = OpenAiStreamingChatModel.builder()
                .baseUrl(baseUrl)
                .apiKey(key)
                .modelName("gpt-4o-mini")
                .build();
        LanguageModel model = LangChain4jModels.chat(whole, inPieces);
        model.stream(ModelRequest.of(new UserMessage("Write a line.")), pieces::add);
        // end::streaming[]

        assertThat(String.join("", pieces)).isEqualTo("A line of text that takes a while.");
        assertThat(pieces).hasSizeGreaterThan(2);
    }

    @Test
    void theListingsOfThePageAreTheseLines() {
        Listings.of("docs/models.md").assertEqualToSources();
    }
}
