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
    /** How many READ actions of a run are open at a time when their order is shuffled, on any machine. */
    private static final int SHUFFLED_ACTIONS = 8;

    private final Path folder;
    private final Path workspace;
    private final Settings settings;
    private final FakeClock clock = FakeClock.create();
    private final ScriptedModel model = ScriptedModel.on(clock);
    private final @Nullable Faults faults;
    private final @Nullable SeededOrder order;
    private final Deque<RunEvent> newest = new ArrayDeque<>();
    private @Nullable Hart hart;

    /**
     * What a test wants.
     *
     * @param recording null unless the test is annotated with {@link Recorded}
     * @param shuffled whether its steps are performed in the order of the seed
     */
    record Settings(
            boolean durable,
            boolean withModel,
            boolean withFaults,
            @Nullable TestRecording recording,
            boolean shuffled,
            long seed) {}

    private TestRuntime(Path folder, Path workspace, Settings settings) {
        this.folder = folder;
        this.workspace = workspace;
        this.settings = settings;
        this.faults = settings.withFaults() ? Faults.on(clock, settings.seed()) : null;
        this.order = settings.shuffled() ? SeededOrder.of(settings.seed()) : null;
    }

    /** Makes the folder of a test. */
    static TestRuntime open(Settings settings) {
        try {
            Path folder = Files.createTempDirectory("hart-test-").toRealPath();
            return new TestRuntime(folder, Files.createDirectory(folder.resolve("workspace")), settings);
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
        return settings.recording();
    }

    Path workspace() {
        return workspace;
    }

    HartBuilder builder() {
        HartBuilder builder = Hart.configure().workspace(workspace).clock(clock).onEvent(this::keep);
        if (settings.durable()) {
            builder.dataDirectory(folder.resolve("data"));
        } else {
            builder.inMemory();
        }
        if (faults != null) {
            builder.intercept(faults);
        }
        if (order != null) {
            builder.scheduler(order).parallelism(SHUFFLED_ACTIONS);
        }
        TestRecording recording = settings.recording();
        if (recording != null) {
            recording.wire(builder);
            return builder;
        }
        return settings.withModel() ? builder.model(model) : builder.withoutModel();
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
            TestRecording recording = settings.recording();
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
        StringBuilder text = new StringBuilder(
                newest.isEmpty()
                        ? test + " failed before a run began\n"
                        : "What happened in the runs of " + test + ":\n" + RunText.timeline(List.copyOf(newest)));
        String repeat = "of seed %d, which -Dhart.seed=%<d repeats:".formatted(settings.seed());
        if (order != null) {
            text.append("Steps in the order %s %s\n".formatted(repeat, String.join(", ", order.performed())));
        }
        if (faults != null && !faults.injected().isEmpty()) {
            text.append("Faults %s\n".formatted(repeat));
            faults.injected().forEach(fault -> text.append("  ").append(fault).append('\n'));
        }
        return text.toString();
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
