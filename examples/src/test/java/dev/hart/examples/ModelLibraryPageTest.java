package dev.hart.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.gpu.catalogue.ModelBackend;
import dev.hart.gpu.catalogue.ModelEntry;
import dev.hart.gpu.catalogue.ModelSource;
import dev.hart.gpu.catalogue.ModelType;
import dev.hart.gpu.library.ModelLibrary;
import dev.hart.gpu.model.ModelUse;
import dev.hart.gpu.runtime.LoadedModel;
import dev.hart.gpu.runtime.TextModel;
import dev.hart.gpu.runtime.TextRequest;
import dev.hart.tinymodel.TinyModel;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listing about the library of docs/gpu.md, with the project's own small model. */
class ModelLibraryPageTest {
    @Test
    void aModelIsRegisteredFetchedLoadedAndUsed(@TempDir Path folder) throws Exception {
        TinyModel.Task task = TinyModel.heldOutTasks().get(0);
        String prompt = task.prompt();
        ModelEntry entry = ModelEntry.of("llm-hart-tiny", "HART tiny", ModelType.LLM)
                .source(ModelSource.CLASSPATH)
                .files(Map.of("model", "hart-tiny/hart-tiny.gguf"))
                .backend(ModelBackend.LLAMA_CPP)
                .supportsGpu(false)
                .ramBytes(64L << 20)
                .build();
        try (Hart hart = Hart.configure()
                .workspace(folder)
                .dataDirectory(folder.resolve("data"))
                .withoutModel()
                .create()) {
            // tag::library[]
            ModelLibrary library = hart.unwrap(ModelLibrary.class);
            library.catalogue().register(entry);
            library.fetch(entry.id(), progress -> {}).await();
            try (ModelUse<LoadedModel> use = library.model(entry.id()).model().use()) { // loads it when it is not
                TextModel model = (TextModel) use.get();
                System.out.println(
                        model.generate(TextRequest.of(prompt).maxTokens(100)).text());
            }
            // end::library[]
            try (ModelUse<LoadedModel> use = library.model(entry.id()).model().use()) {
                TextModel model = (TextModel) use.get();
                assertThat(model.generate(TextRequest.of(prompt).maxTokens(100))
                                .text()
                                .strip())
                        .isEqualTo(task.answer().strip());
            }
        }
    }
}
