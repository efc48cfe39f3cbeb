package dev.hart.gpu.library;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.gpu.catalogue.GgufModel;
import dev.hart.gpu.catalogue.Headroom;
import dev.hart.gpu.catalogue.MachineTier;
import dev.hart.gpu.catalogue.RemoteFile;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Which of a repository's models is taken when nobody says which. */
class ModelLibraryTest {
    private static final long GIB = 1L << 30;
    private static final List<GgufModel> OFFERS =
            GgufModel.of(List.of(offer("m-Q8_0.gguf", 10 * GIB), offer("m-Q4_K_M.gguf", 5 * GIB)));

    private static RemoteFile offer(String path, long size) {
        return new RemoteFile("acme/m", path, OptionalLong.of(size), Optional.empty());
    }

    private static Optional<String> chosen(long gpuGib, long ramGib) {
        return ModelLibrary.best(OFFERS, new Headroom(gpuGib * GIB, ramGib * GIB, MachineTier.FULL), GIB)
                .map(model -> model.parts().get(0).path());
    }

    @Test
    void whatFitsTheGpuIsPreferredToABetterOneThatFitsOnlyMemory() {
        assertThat(chosen(8, 64)).contains("m-Q4_K_M.gguf");
        assertThat(chosen(16, 64)).contains("m-Q8_0.gguf");
    }

    @Test
    void whatFitsNoGpuGoesIntoMemoryAndWhatFitsNowhereIsNotTaken() {
        assertThat(chosen(0, 64)).contains("m-Q8_0.gguf");
        assertThat(chosen(4, 8)).contains("m-Q4_K_M.gguf");
        assertThat(chosen(4, 4)).isEmpty();
    }
}
