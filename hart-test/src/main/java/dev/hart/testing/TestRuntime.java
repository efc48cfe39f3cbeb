package dev.hart.testing;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.RunEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/** The folder, clock, model and runtime of one test. */
final class TestRuntime {
    private static final int MAX_EVENTS = 5_000;

    private final Path folder;
    private final Path workspace;
    private final boolean durable;
    private final boolean withModel;
    private final @Nullable TestRecording recording;
    private final @Nullable Faults faults;
    private final FakeClock clock = FakeClock.create();
    private final ScriptedModel model = ScriptedModel.on(clock);
    private final Deque<RunEvent> newest = new ArrayDeque<>();
    private @Nullable Hart hart;

    private TestRuntime(
            Path folder,
            Path workspace,
            boolean durable,
            boolean withModel,
            @Nullable TestRecording recording,
            @Nullable Long faultSeed) {
        this.folder = folder;
        this.workspace = workspace;
        this.durable = durable;
        this.withModel = withModel;
        this.recording = recording;
        this.faults = faultSeed == null ? null : Faults.on(clock, faultSeed);
    }

    /**
     * Opens the folder of a test.
     *
     * @param faultSeed null for a test that injects no faults
     */
    static TestRuntime open(
            boolean durable, boolean withModel, @Nullable TestRecording recording, @Nullable Long faultSeed) {
        try {
            Path folder = Files.createTempDirectory("hart-test-").toRealPath();
            Path workspace = Files.createDirectory(folder.resolve("workspace"));
            return new TestRuntime(folder, workspace, durable, withModel, recording, faultSeed);
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary folder for the test", e);
        }
    }

    FakeClock clock() {
        return clock;
    }

    ScriptedModel model() {
        return model;
    }

    /** Null unless the test takes them. */
    @Nullable
    Faults faults() {
        return faults;
    }

    /** Null unless the test is annotated with {@link Recorded}. */
    @Nullable
    TestRecording recording() {
        return recording;
    }

    Path workspace() {
        return workspace;
    }

    HartBuilder builder() {
        HartBuilder builder = Hart.configure().workspace(workspace).clock(clock).onEvent(this::keep);
        if (durable) {
            builder.dataDirectory(folder.resolve("data"));
        } else {
            builder.inMemory();
        }
        if (faults != null) {
            builder.intercept(faults);
        }
        if (recording != null) {
            recording.wire(builder);
            return builder;
        }
        return withModel ? builder.model(model) : builder.withoutModel();
    }

    Hart hart() {
        if (hart == null) {
            hart = builder().create();
        }
        return hart;
    }

    /**
     * Ends the test: closes the runtime, prints what happened when the test failed, and checks the script when it did not.
     *
     * @param failure why the test failed; null when it passed
     * @return what became of its recording; null when there is nothing to tell
     */
    @Nullable
    String close(String test, @Nullable Throwable failure) {
        try {
            if (hart != null) {
                hart.close();
            }
            if (failure == null) {
                model.assertUsedUp();
                if (faults != null) {
                    faults.assertUsedUp();
                }
            } else if (!(failure instanceof TestAbortedException)) {
                System.err.print(timeline(test));
            }
            return recording == null ? null : recording.close(failure == null);
        } finally {
            delete();
        }
    }

    private synchronized void keep(RunEvent event) {
        if (newest.size() == MAX_EVENTS) {
            newest.removeFirst();
        }
        newest.addLast(event);
    }

    private synchronized String timeline(String test) {
        String runs = newest.isEmpty()
                ? test + " failed before a run began\n"
                : "What happened in the runs of " + test + ":\n" + RunText.timeline(List.copyOf(newest));
        return faults == null || faults.injected().isEmpty()
                ? runs
                : "%sFaults of seed %d, which -Dhart.seed=%d repeats:\n  %s\n"
                        .formatted(runs, faults.seed(), faults.seed(), String.join("\n  ", faults.injected()));
    }

    private void delete() {
        try {
            Folders.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the test's folder " + folder + " cannot be deleted: is a file still open?", e);
        }
    }
}
