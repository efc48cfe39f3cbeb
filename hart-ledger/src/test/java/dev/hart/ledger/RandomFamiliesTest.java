package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.error.HartException;
import dev.hart.store.Store;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever families are made, in whatever order: rows follow from events, counts agree with edges, and nobody waits for himself. */
class RandomFamiliesTest {

    private static void command(LedgerTransaction tx, Random random, List<String> ids) {
        String id = ids.get(random.nextInt(ids.size()));
        switch (random.nextInt(14)) {
            case 0 -> tx.addChild(id, "Child");
            case 1 -> tx.addSiblings(id, "A", "B");
            case 2 -> tx.addChain(random.nextBoolean() ? null : id, List.of("A", "B", "C"), task -> task);
            case 3 -> {
                String name = "sub" + random.nextInt(10_000);
                tx.addSubtasks(
                        id, List.of(NewTask.of(name + ".2", "2").after(name + ".1"), NewTask.of(name + ".1", "1")));
            }
            case 4 -> tx.submitGoal(NewGoal.of("Goal").task("One").task("Two"));
            case 5 -> tx.delegate(id, Delegation.to("agent", "Part"));
            case 6, 7 -> tx.finishDelegation(id, random.nextBoolean(), random.nextBoolean() ? null : "text");
            case 8 -> tx.linkSiblings(id, ids.get(random.nextInt(ids.size())));
            case 9 -> tx.snapshot("s");
            case 10 -> tx.addPrerequisite(id, ids.get(random.nextInt(ids.size())), Outcome.ANY, false);
            case 11 ->
                tx.addDiscovered(
                        Discovery.of("Found"),
                        CanonicalJson.write(Map.of(
                                "relationship",
                                Relationship.values()[random.nextInt(5)].wireName(),
                                "related_to_task_id",
                                id,
                                "prerequisites",
                                List.of(ids.get(random.nextInt(ids.size()))))));
            case 12 -> tx.start(id);
            default -> {
                if (tx.task(id).status() == TaskStatus.PENDING) {
                    tx.start(id);
                }
                if (random.nextBoolean()) {
                    tx.complete(id, null);
                } else {
                    tx.fail(id, "boom", FailureReason.ERROR);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void theLedgerStaysWhole(long seed) {
        Random random = new Random(seed);
        try (Store store = Store.inMemory()) {
            long[] now = {Instant.parse("2026-01-01T00:00:00Z").toEpochMilli()};
            Ledger ledger = Ledgers.in(store)
                    .clock(() -> Instant.ofEpochMilli(now[0]))
                    .random(random)
                    .withoutBackgroundThread()
                    .open()
                    .ledger(new LedgerId("agent", "random"));
            ledger.add(NewTask.of("t0", "First"));
            Set<String> accepted = new HashSet<>();
            for (int step = 0; step < 250; step++) {
                now[0] += random.nextInt(1000);
                List<String> ids = ledger.tasks().stream().map(Task::taskId).toList();
                List<Task> before = ledger.tasks();
                int size = ids.size();
                try {
                    ledger.write(tx -> {
                        command(tx, random, ids);
                        return null;
                    });
                    accepted.add(ledger.tasks().size() > size ? "added" : "changed");
                } catch (HartException e) {
                    assertThat(ledger.tasks())
                            .as("seed %d, step %d", seed, step)
                            .isEqualTo(before);
                }
                if (step % 25 == 0) {
                    check(ledger, seed, step);
                }
            }
            check(ledger, seed, 250);
            assertThat(accepted).containsExactlyInAnyOrder("added", "changed");
        }
    }

    private static void check(Ledger ledger, long seed, int step) {
        assertThat(ledger.verify()).as("seed %d, step %d", seed, step).isInstanceOf(VerifyReport.Ok.class);
        TaskGraph graph = ledger.graph();
        assertThat(graph.cycle()).as("seed %d, step %d", seed, step).isEmpty();
        assertThat(graph.tree()).hasSameSizeAs(graph.tasks());
        assertThat(new HashSet<>(graph.topologicalOrder())).hasSameSizeAs(graph.tasks());
        List<String> open = new ArrayList<>();
        for (Task task : graph.tasks()) {
            TaskGraph.DependencyStatus status = graph.dependencyStatus(task.taskId());
            long unmet = status.dependencies().stream()
                    .filter(dependency -> !dependency.isSatisfied())
                    .count();
            assertThat((long) task.unmetEdges()).as(task.toString()).isEqualTo(unmet);
            assertThat(task.hasOpenChildren())
                    .as(task.toString())
                    .isEqualTo(!status.openChildren().isEmpty());
            if (task.isOpen()) {
                open.add(task.taskId());
            }
        }
        // Where something is open, something goes on, somebody was asked, or there is a reason why not.
        boolean moving = graph.tasks().stream()
                .anyMatch(task -> task.claimable()
                        || task.notBefore() != null
                        || task.status().isActive() && !task.container()
                        || task.status() == TaskStatus.BLOCKED
                                && task.blockedReason() != null
                                && task.blockedReason() != BlockedReason.DEPENDENCY);
        assertThat(open.isEmpty() || moving || !graph.stalled().isEmpty()).isTrue();
        assertThat(CanonicalJson.readObject(ledger.export(ExportFormat.JSON_WITH_EVENTS)))
                .containsKeys("tasks", "events");
    }
}
