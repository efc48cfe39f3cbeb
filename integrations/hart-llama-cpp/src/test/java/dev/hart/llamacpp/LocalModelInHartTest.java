package dev.hart.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.gpu.runtime.LoadOptions;
import dev.hart.gpu.runtime.LocalLanguageModel;
import dev.hart.gpu.runtime.ModelRuntime;
import dev.hart.gpu.runtime.TextAnswer;
import dev.hart.gpu.runtime.TextModel;
import dev.hart.gpu.runtime.TextRequest;
import dev.hart.gpu.runtime.Weights;
import dev.hart.model.LanguageModel;
import dev.hart.model.Message.UserMessage;
import dev.hart.model.ModelException;
import dev.hart.model.ModelException.Kind;
import dev.hart.model.ModelRequest;
import dev.hart.recipe.Recipe;
import dev.hart.spi.LanguageModelProvider.Settings;
import dev.hart.tinymodel.TinyModel;
import dev.hart.tinymodel.TinyModel.Task;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A GGUF file as the model of HART. */
@Timeout(120)
class LocalModelInHartTest {
    private static final Task TASK = TinyModel.heldOutTasks().get(1);

    @Test
    void aModelStepOfARecipeRunsOnTheFile(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("hart-tiny.gguf");
        try (InputStream in = TinyModel.gguf().openStream()) {
            Files.copy(in, file);
        }
        LanguageModel model = new LlamaCppModelProvider().create(new Settings(file.toString(), null, null));
        assertThat(model.name()).isEqualTo("llama.cpp/hart-tiny.gguf");
        try (Hart hart = Hart.configure().inMemory().model(model).create()) {
            Recipe recipe = Recipe.named("steps")
                    .input("task", String.class)
                    .action("write", a -> a.model("{{inputs.task}}"))
                    .output("write", String.class)
                    .build();
            Run run = hart.run(recipe, Inputs.of("task", TASK.task()));
            assertThat(run.output(String.class)).isEqualTo(TASK.answer());
        } finally {
            ((LocalLanguageModel) model).close();
        }
    }

    @Test
    void anEngineIsFoundByItsNameAndWritesPieceByPiece() {
        String task = TASK.task();
        StringBuilder written = new StringBuilder();
        // tag::engine[]
        ModelRuntime engine = ModelRuntime.named("llama.cpp");
        try (TextModel model = (TextModel) engine.load(Weights.resource(TinyModel.gguf()), LoadOptions.onCpu())) {
            String prompt = model.promptOf(List.of(new UserMessage(task)));
            TextAnswer answer = model.generate(TextRequest.of(prompt).maxTokens(80), piece -> {
                written.append(piece);
                return true; // false ends the answer
            });
            System.out.println(answer.end() + " after " + answer.tokens() + " tokens");
        }
        // end::engine[]
        assertThat(written).hasToString(TASK.answer());
    }

    @Test
    void anAnswerThatWasCutOffIsNoReply() {
        TextModel text = new LlamaCppRuntime().load(Weights.resource(TinyModel.gguf()), LoadOptions.onCpu());
        try (LocalLanguageModel model = LocalLanguageModel.of(text)) {
            ModelRequest request = ModelRequest.of(new UserMessage(TASK.task()));
            assertThat(model.complete(request).text()).isEqualTo(TASK.answer());
            ModelRequest tooShort = new ModelRequest(request.messages(), List.of(), null, 5, 0.0, request.timeout());
            assertThatThrownBy(() -> model.complete(tooShort))
                    .isInstanceOfSatisfying(
                            ModelException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INCOMPLETE))
                    .hasMessageContaining("was cut off after 5 tokens");
        }
        assertThatThrownBy(() -> text.countTokens("a")).hasMessage("model hart-tiny is closed");
    }

    @Test
    void theProviderTakesFilesOnlyAndRefusesAMissingOne() {
        LlamaCppModelProvider provider = new LlamaCppModelProvider();
        assertThat(provider.accepts(new Settings("/models/some.gguf", null, null)))
                .isTrue();
        assertThat(provider.accepts(new Settings("gpt-4o-mini", null, null))).isFalse();
        assertThat(provider.accepts(new Settings("some.gguf", URI.create("http://localhost:8080/v1"), null)))
                .isFalse();
        assertThatThrownBy(() -> provider.create(new Settings("/nowhere/some.gguf", null, null)))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("/nowhere/some.gguf, and there is none");
    }
}
