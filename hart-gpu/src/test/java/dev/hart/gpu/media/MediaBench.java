package dev.hart.gpu.media;

import dev.hart.gpu.Gpus;
import dev.hart.gpu.KeptJournal;
import dev.hart.gpu.MovedClock;
import dev.hart.gpu.OpenedGpus;
import dev.hart.gpu.ScriptedProbe;
import dev.hart.gpu.ScriptedProcesses;
import dev.hart.gpu.catalogue.ModelCatalogue;
import dev.hart.gpu.model.MachineLoad;
import dev.hart.gpu.model.Models;
import dev.hart.gpu.sidecar.SidecarSpec;
import dev.hart.gpu.sidecar.Sidecars;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/** A machine, its life cycle and tools in processes of their own, on a clock that a test moves. */
final class MediaBench implements AutoCloseable {
    final MovedClock clock = new MovedClock();
    final KeptJournal journal = new KeptJournal();
    final ScriptedProbe probe;
    final ModelCatalogue catalogue = ModelCatalogue.builtIn();
    final Path folder;
    final Gpus gpus;
    final Models models;
    final Sidecars sidecars;

    MediaBench(Path folder, ScriptedProbe probe) throws InterruptedException {
        this.folder = folder;
        this.probe = probe;
        gpus = OpenedGpus.of(probe, clock, journal, new ScriptedProcesses());
        models = Models.configure(gpus)
                .clock(clock)
                .machine(() -> MachineLoad.of(10, 10, 100L << 30))
                .withoutBackgroundThread()
                .open();
        sidecars = Sidecars.configure().clock(clock).withoutBackgroundThread().open();
    }

    MediaAgent agent() {
        return agent(builder -> builder);
    }

    MediaAgent agent(UnaryOperator<MediaAgent.Builder> differently) {
        return differently
                .apply(MediaAgent.configure(folder.resolve("made"), catalogue, gpus, models, sidecars)
                        .clock(clock)
                        .askEvery(Duration.ofMillis(5))
                        .mostBytes(100_000)
                        .keepFree(0)
                        .withoutBackgroundThread())
                .open();
    }

    /** A {@link MediaChild}. */
    SidecarSpec tool(String name) {
        return SidecarSpec.known(
                name,
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "-cp",
                        classes(),
                        MediaChild.class.getName(),
                        files(name).toString()));
    }

    /** Where that tool keeps what it makes, and notes what it is asked for. */
    Path files(String tool) {
        return folder.resolve("files-of-" + tool);
    }

    private static String classes() {
        String file = MediaChild.class.getName().replace('.', '/') + ".class";
        String own = Path.of(URI.create(MediaChild.class.getResource("/" + file).toString()))
                .toString();
        return own.substring(0, own.length() - file.length());
    }

    @Override
    public void close() {
        models.close();
        sidecars.close();
        gpus.close();
    }
}
