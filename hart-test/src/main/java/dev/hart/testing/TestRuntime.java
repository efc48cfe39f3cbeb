package dev.hart.testing;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.RunEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
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
    private final FakeClock clock = FakeClock.create();
    private final ScriptedModel model = ScriptedModel.on(clock);
    private final Deque<RunEvent> newest = new ArrayDeque<>();
    private @Nullable Hart hart;

    private TestRuntime(Path folder, Path workspace, boolean durable, boolean withModel) {
        this.folder = folder;
        this.workspace = workspace;
        this.durable = durable;
        this.withModel = withModel;
    }

    static TestRuntime open(boolean durable, boolean withModel) {
        try {
            Path folder = Files.createTempDirectory("hart-test-").toRealPath();
            return new TestRuntime(folder, Files.createDirectory(folder.resolve("workspace")), durable, withModel);
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
     */
    void close(String test, @Nullable Throwable failure) {
        try {
            if (hart != null) {
                hart.close();
            }
            if (failure == null) {
                model.assertUsedUp();
            } else if (!(failure instanceof TestAbortedException)) {
                System.err.print(timeline(test));
            }
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
        return newest.isEmpty()
                ? test + " failed before a run began\n"
                : "What happened in the runs of " + test + ":\n" + RunText.timeline(List.copyOf(newest));
    }

    private void delete() {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                    if (e != null) {
                        throw e;
                    }
                    Files.delete(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the test's folder " + folder + " cannot be deleted: is a file still open?", e);
        }
    }
}
