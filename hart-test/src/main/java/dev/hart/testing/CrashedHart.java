package dev.hart.testing;

import dev.hart.Goal;
import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Plan;
import dev.hart.Recipes;
import dev.hart.Rerun;
import dev.hart.Retention;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.Runs;
import dev.hart.Schedules;
import dev.hart.Tools;
import dev.hart.error.RunBusyException;
import dev.hart.error.RunTimeoutException;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The runtime that a scenario sees: the n-th run that it begins is the n-th that an earlier process began, taken up where that
 * one left it, if there was one. Not thread-safe.
 */
final class CrashedHart implements Hart {
    private final Hart original;
    private final List<String> earlier;
    private final CrashLog log;
    private final List<String> begun = new ArrayList<>();

    CrashedHart(Hart original, List<String> earlier, CrashLog log) {
        this.original = original;
        this.earlier = earlier;
        this.log = log;
    }

    /** The runs that the scenario began, each once it has ended or is paused. */
    List<Run> ends() {
        return begun.stream().map(this::awaited).toList();
    }

    private Run awaited(String id) {
        try (Stream<RunEvent> events = original.runs().events(id, 0)) {
            events.forEach(event -> {});
        }
        return original.runs().get(id);
    }

    private Run run(Supplier<Run> fresh) {
        int call = begun.size();
        if (call < earlier.size()) {
            String id = earlier.get(call);
            begun(call, id);
            return takenUp(id);
        }
        Run run = fresh.get();
        begun(call, run.id());
        return run;
    }

    private Run takenUp(String id) {
        try {
            return original.resume(id);
        } catch (RunBusyException e) {
            return awaited(id);
        }
    }

    private RunHandle start(Supplier<RunHandle> fresh) {
        int call = begun.size();
        if (call < earlier.size()) {
            String id = earlier.get(call);
            begun(call, id);
            return new TakenUp(id);
        }
        RunHandle handle = fresh.get();
        begun(call, handle.id());
        return handle;
    }

    private void begun(int call, String id) {
        begun.add(id);
        log.begun(call, id);
    }

    @Override
    public Run run(String request) {
        return run(() -> original.run(request));
    }

    @Override
    public Run learn(Goal goal) {
        return run(() -> original.learn(goal));
    }

    @Override
    public RunHandle start(Goal goal) {
        return start(() -> original.start(goal));
    }

    @Override
    public Run run(Recipe recipe, Inputs inputs) {
        return run(() -> original.run(recipe, inputs));
    }

    @Override
    public Run run(RecipeVersion recipe, Inputs inputs) {
        return run(() -> original.run(recipe, inputs));
    }

    @Override
    public Run run(String recipe, Inputs inputs) {
        return run(() -> original.run(recipe, inputs));
    }

    @Override
    public RunHandle start(String recipe, Inputs inputs) {
        return start(() -> original.start(recipe, inputs));
    }

    @Override
    public Plan dryRun(RecipeVersion recipe, Inputs inputs) {
        return original.dryRun(recipe, inputs);
    }

    @Override
    public RunHandle start(String request) {
        return start(() -> original.start(request));
    }

    @Override
    public RunHandle start(Recipe recipe, Inputs inputs) {
        return start(() -> original.start(recipe, inputs));
    }

    @Override
    public RunHandle start(RecipeVersion recipe, Inputs inputs) {
        return start(() -> original.start(recipe, inputs));
    }

    @Override
    public Run resume(String runId) {
        return original.resume(runId);
    }

    @Override
    public List<RunHandle> resume() {
        return original.resume();
    }

    @Override
    public Rerun rerun(String runId) {
        return new CrashedRerun(original.rerun(runId));
    }

    @Override
    public Tools tools() {
        return original.tools();
    }

    @Override
    public Recipes recipes() {
        return original.recipes();
    }

    @Override
    public Runs runs() {
        return original.runs();
    }

    @Override
    public Retention retention() {
        return original.retention();
    }

    @Override
    public Schedules schedules() {
        return original.schedules();
    }

    @Override
    public <T> T unwrap(Class<T> part) {
        return original.unwrap(part);
    }

    @Override
    public void close() {
        original.close();
    }

    private final class CrashedRerun implements Rerun {
        private final Rerun order;

        CrashedRerun(Rerun order) {
            this.order = order;
        }

        @Override
        public Rerun withInput(String name, @Nullable Object value) {
            return new CrashedRerun(order.withInput(name, value));
        }

        @Override
        public Rerun withResult(String name, @Nullable Object value) {
            return new CrashedRerun(order.withResult(name, value));
        }

        @Override
        public Rerun withRecipe(RecipeVersion recipe) {
            return new CrashedRerun(order.withRecipe(recipe));
        }

        @Override
        public Rerun from(long eventSeq) {
            return new CrashedRerun(order.from(eventSeq));
        }

        @Override
        public Run run() {
            return CrashedHart.this.run(order::run);
        }

        @Override
        public RunHandle start() {
            return CrashedHart.this.start(order::start);
        }
    }

    /** A run of an earlier process, taken up in the background. */
    private final class TakenUp implements RunHandle {
        private final String id;
        private final CompletableFuture<Run> future;

        TakenUp(String id) {
            this.id = id;
            this.future = CompletableFuture.supplyAsync(() -> takenUp(id));
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public RunState state() {
            return original.runs().find(id).orElseThrow().state();
        }

        @Override
        public CompletableFuture<Run> future() {
            return future.copy();
        }

        @Override
        public Run await() {
            return future.join();
        }

        @Override
        public Run await(Duration timeout) {
            try {
                return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                throw new RunTimeoutException("run " + id + " did not end within " + timeout);
            } catch (ExecutionException e) {
                throw e.getCause() instanceof RuntimeException cause
                        ? cause
                        : new IllegalStateException(Objects.requireNonNull(e.getCause()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for run " + id, e);
            }
        }

        @Override
        public void answer(String questionId, @Nullable Object value) {
            original.runs().answer(id, questionId, value);
        }

        @Override
        public void cancel() {
            original.runs().cancel(id);
        }

        @Override
        public Stream<RunEvent> events() {
            return original.runs().events(id, 0);
        }
    }
}
