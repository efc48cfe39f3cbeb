package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.hart.store.Store;
import dev.hart.store.testing.PostgresServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random stories, told to a ledger and to {@link LedgerModel}, which is the sheet in its plainest form: after each step the
 * answers agree, and every few steps everything is looked at. A story that differs is shortened and printed with its seed.
 *
 * <p>{@code -Dhart.model.seeds=10} tells ten times as many; {@code -Dhart.model.first=4711} begins with another seed.
 */
class LedgerModelTest {
    private static final int STEPS = 150;
    private static final long SCALE = Long.getLong("hart.model.seeds", 1);
    private static final long FIRST = Long.getLong("hart.model.first", 1);
    private static final long LONGEST_SHRINK = TimeUnit.SECONDS.toNanos(60);

    private static final List<String> REFUSALS = List.of(
            "ALREADY_VOTED",
            "BUDGET_EXHAUSTED",
            "CYCLE",
            "IDEMPOTENCY_CONFLICT",
            "ILLEGAL_TRANSITION",
            "INVALID_ARGUMENT",
            "NOT_OWNER",
            "NOT_READY",
            "NO_CHANGE",
            "OPEN_CHILDREN",
            "STALE_LEASE",
            "TASK_ENDED",
            "TASK_EXISTS",
            "TASK_NOT_FOUND",
            "UNKNOWN_DEPENDENCY",
            "VERSION_CONFLICT");

    /** Stories that once told of a fault, as they were shortened. */
    private static final List<List<Step>> FOUND = List.of(
            // An auto-completing task was made and then refused, as it was blocked; caught, the half of it stayed.
            List.of(
                    adds(NewTask.of("a", "x")),
                    new Step.Transaction(
                            List.of(new Step.Add(
                                    List.of(NewTask.of("b", "x").blockedBy("a").asAutoCompleting()))),
                            Step.Ending.GOES_ON)),
            // A task of a batch waited for the parent of another one that waited for it.
            List.of(
                    adds(NewTask.of("parent", "x")),
                    adds(
                            NewTask.of("between", "x").after("parent"),
                            NewTask.of("child", "x").childOf("parent").after("between"))),
            // The end of a container told its waiters, and its event did not say so.
            List.of(
                    adds(NewTask.of("group", "x").asAutoCompleting()),
                    adds(NewTask.of("waiter", "x").after("group")),
                    adds(NewTask.of("child", "x").childOf("group")),
                    applies("child", TaskCommand.start()),
                    applies("child", TaskCommand.complete(null))));

    private static Step adds(NewTask... tasks) {
        return new Step.Transaction(List.of(new Step.Add(List.of(tasks))), Step.Ending.COMMITS);
    }

    private static Step applies(String task, TaskCommand command) {
        return new Step.Transaction(List.of(new Step.Apply(task, command, null, null, null)), Step.Ending.COMMITS);
    }

    /** What stories came to. */
    private final Set<String> met = new TreeSet<>();

    private static LedgerOptions options(long seed, int stripes) {
        SplittableRandom random = new SplittableRandom(seed);
        return LedgerOptions.defaults()
                .stripes(stripes)
                .resume(ResumeRule.values()[random.nextInt(3)])
                .onChildFailure(ChildFailureRule.values()[random.nextInt(3)])
                .onDependencyFailure(DependencyFailureRule.values()[random.nextInt(2)]);
    }

    /** Steps that fit what the model makes of those before. */
    private static List<Step> story(long seed, LedgerOptions options) {
        Step.Generator generator = new Step.Generator(seed);
        LedgerModel model = Story.newModel(options);
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < STEPS; i++) {
            Step step = generator.next(model);
            steps.add(step);
            model = Story.imagine(model, step, generator);
        }
        return steps;
    }

    /** The first difference; null if there is none. */
    private @Nullable Throwable difference(Supplier<Store> stores, LedgerOptions options, List<Step> steps) {
        try (Store store = stores.get()) {
            Story story = new Story(store, new LedgerId("model", "story"), options);
            story.tell(steps);
            met.addAll(story.met());
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    private void tell(long seed, int stripes, Supplier<Store> stores) {
        LedgerOptions options = options(seed, stripes);
        List<Step> steps = story(seed, options);
        Throwable difference = difference(stores, options, steps);
        if (difference != null) {
            List<Step> shortest = shrink(steps, shorter -> difference(stores, options, shorter) != null);
            Throwable last = difference(stores, options, shortest);
            fail(
                    "seed %d, %d stripes, %s: %s%n%nshortened to%n%s%n%nwhich gives %s"
                            .formatted(
                                    seed,
                                    stripes,
                                    options.json(),
                                    difference.getMessage(),
                                    shortest.stream().map(Step::toString).collect(Collectors.joining("\n")),
                                    last == null ? "nothing, when told again" : last.getMessage()),
                    last == null ? difference : last);
        }
    }

    /** Leaves out what is not needed to differ: halves first, single steps last. */
    private static List<Step> shrink(List<Step> steps, java.util.function.Predicate<List<Step>> differs) {
        long end = System.nanoTime() + LONGEST_SHRINK;
        List<Step> shortest = steps;
        for (int size = steps.size() / 2; size > 0 && System.nanoTime() < end; ) {
            boolean shorter = false;
            for (int at = 0; at < shortest.size() && System.nanoTime() < end; ) {
                List<Step> without = new ArrayList<>(shortest);
                without.subList(at, Math.min(at + size, without.size())).clear();
                if (differs.test(without)) {
                    shortest = without;
                    shorter = true;
                } else {
                    at += size;
                }
            }
            size = shorter && size == 1 ? 1 : size / 2;
        }
        return shortest;
    }

    @Test
    void storiesThatOnceToldOfAFaultDoNotAnyMore() {
        for (List<Step> story : FOUND) {
            assertThat(difference(Store::inMemory, LedgerOptions.defaults(), story))
                    .as(story.toString())
                    .isNull();
        }
    }

    @Test
    void anSqliteLedgerInMemoryDoesWhatTheModelDoes() {
        for (long seed = FIRST; seed < FIRST + 120 * SCALE; seed++) {
            tell(seed, 1 + (int) (seed % 3), Store::inMemory);
        }
        assertThat(met)
                .as("what the stories came to; else they prove little")
                .containsAll(REFUSALS)
                .contains("PAUSED>PENDING", "DELEGATED>PENDING", "IN_PROGRESS>PENDING", "BLOCKED>RESUMING")
                .hasSizeGreaterThan(50);
    }

    @Test
    void anSqliteLedgerInAFileDoesWhatTheModelDoes(@TempDir Path folder) {
        int[] files = {0};
        for (long seed = FIRST + 1_000_000; seed < FIRST + 1_000_000 + 5 * SCALE; seed++) {
            tell(seed, 1, () -> Store.sqlite(folder.resolve(files[0]++ + ".db")));
        }
    }

    @Test
    void aPostgresLedgerWithOneStripeDoesWhatTheModelDoes() {
        for (long seed = FIRST + 2_000_000; seed < FIRST + 2_000_000 + 3 * SCALE; seed++) {
            tell(seed, 1, () -> Store.postgres(PostgresServer.freshDatabase()));
        }
    }

    @Test
    void aPostgresLedgerWithSixteenStripesDoesWhatTheModelDoes() {
        for (long seed = FIRST + 3_000_000; seed < FIRST + 3_000_000 + 3 * SCALE; seed++) {
            tell(seed, 16, () -> Store.postgres(PostgresServer.freshDatabase()));
        }
    }
}
