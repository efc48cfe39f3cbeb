package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.store.Store;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Orders, ways and trees in a ledger's tasks, also against plain search in small random graphs. */
class TaskGraphTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Store store = Store.inMemory();
    private final Ledgers ledgers =
            Ledgers.in(store).clock(() -> now).withoutBackgroundThread().open();
    private final Ledger ledger = ledgers.ledger(new LedgerId("agent", "s1"));

    @AfterEach
    void close() {
        store.close();
    }

    private static NewTask lasting(String id, long duration, String... after) {
        return NewTask.of(id, "Do " + id)
                .context(Map.of("estimated_duration", duration))
                .after(after);
    }

    @Test
    void case24OrdersGroupsAndTheCriticalPath() {
        ledger.addAll(lasting("a", 5), lasting("b", 3, "a"), lasting("c", 2, "b"), lasting("d", 4, "a"));
        TaskGraph graph = ledger.graph();
        assertThat(graph.parallelGroups()).containsExactly(List.of("a"), List.of("b", "d"), List.of("c"));
        assertThat(graph.criticalPath())
                .isEqualTo(new TaskGraph.CriticalPath(List.of("a", "b", "c"), BigDecimal.valueOf(10)));
        assertThat(graph.topologicalOrder()).containsExactly("a", "b", "c", "d");
        assertThat(graph.cycle()).isEmpty();
    }

    @Test
    void case24AnEmptyLedgerHasNoPath() {
        TaskGraph graph = ledger.graph();
        assertThat(graph.criticalPath()).isEqualTo(new TaskGraph.CriticalPath(List.of(), BigDecimal.ZERO));
        assertThat(graph.topologicalOrder()).isEmpty();
        assertThat(graph.parallelGroups()).isEmpty();
        assertThat(graph.tree()).isEmpty();
        assertThat(graph.stalled()).isEmpty();
    }

    @Test
    void anEstimateIsOneWhereThereIsNone() {
        ledger.addAll(
                NewTask.of("none", "x"),
                NewTask.of("text", "x")
                        .context(Map.of("estimated_duration", "long"))
                        .after("none"),
                NewTask.of("negative", "x")
                        .context(Map.of("estimated_duration", -5L))
                        .after("text"),
                NewTask.of("half", "x")
                        .context(Map.of("estimated_duration", new BigDecimal("0.5")))
                        .after("negative"),
                NewTask.of("zero", "x")
                        .context(Map.of("estimated_duration", 0L))
                        .after("half"));
        assertThat(ledger.graph().criticalPath().duration()).isEqualByComparingTo("3.5");
        assertThat(ledger.graph().criticalPath().taskIds()).containsExactly("none", "text", "negative", "half");
    }

    @Test
    void whatATaskWaitsForIsTold() {
        ledger.addAll(
                NewTask.of("a", "A"),
                NewTask.of("b", "B"),
                NewTask.of("c", "C").after("a", Outcome.SUCCESS).after("b", Outcome.FAILURE));
        ledger.write(tx -> tx.addChild("c", "Part"));
        ledger.write(tx -> {
            tx.start("b");
            return tx.complete("b", "fine");
        });
        TaskGraph graph = ledger.graph();
        TaskGraph.DependencyStatus status = graph.dependencyStatus("c");
        assertThat(status.dependencies())
                .extracting(TaskGraph.Dependency::isSatisfied, TaskGraph.Dependency::isDead)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(false, false),
                        org.assertj.core.groups.Tuple.tuple(false, true));
        assertThat(status.unmet()).containsExactly("a", "b");
        assertThat(status.openChildren()).containsExactly("c_child_1");
        assertThat(status.isMet()).isFalse();
        assertThat(graph.dependencyStatus("a").isMet()).isTrue();
        assertThat(graph.blockedBy("a")).extracting(Task::taskId).containsExactly("c");
        assertThat(graph.prerequisiteResults("c")).isEqualTo(Map.of("b", "fine"));
        TaskGraph.Surroundings surroundings = graph.context("c_child_1");
        assertThat(surroundings.parent()).isEqualTo(graph.require("c"));
        assertThat(surroundings.siblings()).isEmpty();
        assertThatThrownBy(() -> graph.waitsFor("nobody"))
                .isInstanceOfSatisfying(
                        dev.hart.error.LedgerException.class,
                        refused -> assertThat(refused.code()).isEqualTo("TASK_NOT_FOUND"));
    }

    @Test
    void aTaskStartedByForceIsNotValid() {
        ledger.addAll(NewTask.of("a", "A"), NewTask.of("b", "B").after("a"));
        assertThat(ledger.graph().validate()).isEmpty();
        ledger.apply("b", new TaskCommand.Start(true));
        assertThat(ledger.graph().validate())
                .singleElement()
                .satisfies(status -> assertThat(status.unmet()).containsExactly("a"));
    }

    @Test
    void case12AStalledLedgerNamesTheFailureThatHoldsItUp() {
        ledger.write(tx -> tx.addChain("A", "B"));
        ledger.write(tx -> tx.start("seq_task_1"));
        assertThat(ledger.graph().stalled()).as("somebody works").isEmpty();
        ledger.write(tx -> tx.fail("seq_task_1", "boom", FailureReason.ERROR));
        assertThat(ledger.graph().stalled()).singleElement().satisfies(cause -> {
            assertThat(cause.task().taskId()).isEqualTo("seq_task_1");
            assertThat(cause.reason()).isEqualTo("ended as failed");
            assertThat(cause.holdsUp()).containsExactly("seq_task_2");
        });
        ledger.write(tx -> tx.retryAsNew("seq_task_1"));
        assertThat(ledger.graph().stalled()).as("rescued").isEmpty();
    }

    @Test
    void aLedgerThatWaitsForTimeOrAnAnswerIsNotStalled() {
        ledger.add(NewTask.of("a", "A"));
        ledger.write(tx -> tx.block("a", BlockedReason.INPUT_REQUIRED, "which one?"));
        assertThat(ledger.graph().stalled()).isEmpty();
        ledger.apply("a", new TaskCommand.Defer("later", null));
        assertThat(ledger.graph().stalled())
                .extracting(TaskGraph.RootCause::reason)
                .containsExactly("it is deferred until somebody takes it up again");
        ledger.apply("a", new TaskCommand.Schedule(now.plusSeconds(1)));
        ledger.apply("a", new TaskCommand.Undefer());
        assertThat(ledger.graph().stalled()).isEmpty();
        ledger.write(tx -> tx.pause("a", "x"));
        assertThat(ledger.graph().stalled())
                .extracting(TaskGraph.RootCause::reason)
                .containsExactly("it is paused until somebody resumes it");
        ledger.write(tx -> tx.cancel("a", "x"));
        assertThat(ledger.graph().stalled()).as("nothing is open").isEmpty();
    }

    @Test
    void aContainerAloneIsNoWork() {
        ledger.write(tx -> {
            tx.add(NewTask.of("run", "Run").asContainer());
            tx.start("run");
            tx.add(NewTask.of("a", "A").childOf("run"));
            tx.add(NewTask.of("b", "B").childOf("run").after("a"));
            return tx.cancel("a", "x");
        });
        assertThat(ledger.graph().stalled())
                .extracting(cause -> cause.task().taskId())
                .containsExactly("a");
        ledger.write(tx -> tx.cancel("b", "x"));
        assertThat(ledger.graph().stalled())
                .extracting(TaskGraph.RootCause::reason)
                .containsExactly("all its children have ended");
    }

    @Test
    void aTaskPutAwayIsInNoListButStillKnown() {
        ledger.addAll(NewTask.of("a", "A"), NewTask.of("b", "B").after("a"), NewTask.of("c", "C"));
        ledger.write(tx -> {
            tx.start("a");
            return tx.complete("a", 7L);
        });
        now = now.plusSeconds(1);
        ledger.archive(now);
        TaskGraph graph = ledger.graph();
        assertThat(graph.tasks()).extracting(Task::taskId).containsExactly("b", "c");
        assertThat(graph.topologicalOrder()).containsExactly("b", "c");
        assertThat(graph.prerequisiteResults("b")).isEqualTo(Map.of("a", 7L));
        assertThat(graph.criticalPath().taskIds()).containsExactly("b");
    }

    @Test
    void listsAreByWhatOneCanDoWithTheTasks() {
        ledger.addAll(
                NewTask.of("p1", "x").executionMode(ExecutionMode.PARALLEL),
                NewTask.of("s1", "x").priority(90),
                NewTask.of("later", "x").scheduledAt(now.plusSeconds(60)),
                NewTask.of("held", "x"),
                NewTask.of("waits", "x").blockedBy("p1"));
        ledger.write(tx -> tx.pause("held", "x"));
        TaskGraph graph = ledger.graph();
        assertThat(graph.ready()).extracting(Task::taskId).containsExactly("s1", "p1");
        assertThat(graph.readyParallel()).extracting(Task::taskId).containsExactly("p1");
        assertThat(graph.scheduled()).extracting(Task::taskId).containsExactly("later");
        assertThat(graph.resumable()).extracting(Task::taskId).containsExactly("held", "waits");
        assertThat(graph.readyToResume()).extracting(Task::taskId).containsExactly("held");
        ledger.pause();
        assertThat(ledger.graph().ready()).isEmpty();
        assertThat(ledger.graph().stalled()).isEmpty();
    }

    @Test
    void chainsAndTreesMayBeTenThousandDeep() {
        ledger.write(tx -> tx.addChain(
                null, IntStream.range(0, 10_000).mapToObj(i -> "Step").toList(), task -> task));
        ledger.write(tx -> {
            tx.add(NewTask.of("n0", "x"));
            for (int i = 1; i < 10_000; i++) {
                tx.add(NewTask.of("n" + i, "x").childOf("n" + (i - 1)));
            }
            return null;
        });
        TaskGraph graph = ledger.graph();
        assertThat(graph.criticalPath().duration()).isEqualTo(BigDecimal.valueOf(10_000));
        assertThat(graph.parallelGroups()).hasSize(10_000);
        assertThat(graph.topologicalOrder()).hasSize(20_000);
        assertThat(graph.depth("n9999")).isEqualTo(9_999);
        assertThat(graph.descendants("n0")).hasSize(9_999);
        assertThat(graph.tree().get(19_999).depth()).isEqualTo(9_999);
        assertThat(graph.cycle()).isEmpty();
        assertThat(ledger.report().awareness().text()).contains("blocked");
        for (ExportFormat format : List.of(ExportFormat.DOT, ExportFormat.MERMAID, ExportFormat.JSON)) {
            assertThat(ledger.export(format)).contains("seq_task_10000");
        }
    }

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 200);
    }

    /** A small graph made from a seed: at most 9 tasks, an edge from any task to any later one. */
    private record Small(TaskGraph graph, List<String> ids, Map<String, Set<String>> waits, Map<String, Long> lengths) {
        static Small of(long seed) {
            Random random = new Random(seed);
            int size = random.nextInt(10);
            List<String> ids = new ArrayList<>();
            List<Task> tasks = new ArrayList<>();
            List<Edge> edges = new ArrayList<>();
            Map<String, Set<String>> waits = new HashMap<>();
            Map<String, Long> lengths = new HashMap<>();
            List<Integer> shuffled =
                    new ArrayList<>(IntStream.range(0, size).boxed().toList());
            java.util.Collections.shuffle(shuffled, random); // the order of creation is not that of waiting
            for (int i = 0; i < size; i++) {
                String id = "t" + shuffled.get(i);
                ids.add(id);
                long length = random.nextInt(5);
                lengths.put(id, length);
                TaskRow row = new TaskRow();
                row.taskId = id;
                row.createdNo = i + 1;
                row.contextJson = "{\"estimated_duration\":" + length + "}";
                int parent = random.nextInt(size);
                row.parentTaskId = parent < shuffled.get(i) && random.nextBoolean() ? "t" + parent : null;
                tasks.add(new Task(new LedgerId("a", "s"), row));
            }
            for (int from = 0; from < size; from++) {
                for (int to = from + 1; to < size; to++) {
                    if (random.nextInt(3) == 0) {
                        Edge.Kind kind = random.nextBoolean() ? Edge.Kind.PREREQ : Edge.Kind.BLOCKER;
                        edges.add(new Edge("t" + from, "t" + to, kind, Outcome.SUCCESS, false));
                        waits.computeIfAbsent("t" + to, id -> new HashSet<>()).add("t" + from);
                    }
                }
            }
            return new Small(new TaskGraph(new LedgerId("a", "s"), false, tasks, edges), ids, waits, lengths);
        }

        Set<String> before(String id) {
            return waits.getOrDefault(id, Set.of());
        }

        /** Every way of tasks that wait for each other, by plain recursion. */
        void ways(List<String> way, List<List<String>> all) {
            all.add(List.copyOf(way));
            for (String next : ids) {
                if (way.isEmpty() || before(next).contains(way.get(way.size() - 1))) {
                    way.add(next);
                    ways(way, all);
                    way.remove(way.size() - 1);
                }
            }
        }

        long length(List<String> way) {
            return way.stream().mapToLong(lengths::get).sum();
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void theTopologicalOrderIsAlwaysTheFirstAvailableTask(long seed) {
        Small small = Small.of(seed);
        List<String> expected = new ArrayList<>();
        while (expected.size() < small.ids().size()) {
            expected.add(small.ids().stream()
                    .filter(id -> !expected.contains(id) && expected.containsAll(small.before(id)))
                    .findFirst()
                    .orElseThrow());
        }
        assertThat(small.graph().topologicalOrder()).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void noWayIsLongerThanTheCriticalPath(long seed) {
        Small small = Small.of(seed);
        List<List<String>> ways = new ArrayList<>();
        small.ways(new ArrayList<>(), ways);
        long longest = ways.stream().mapToLong(small::length).max().orElse(0);
        TaskGraph.CriticalPath path = small.graph().criticalPath();
        assertThat(path.duration()).isEqualByComparingTo(BigDecimal.valueOf(longest));
        assertThat(ways).contains(path.taskIds());
        assertThat(small.length(path.taskIds())).isEqualTo(longest);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aGroupIsTheLengthOfTheLongestWayToIt(long seed) {
        Small small = Small.of(seed);
        List<List<String>> ways = new ArrayList<>();
        small.ways(new ArrayList<>(), ways);
        List<List<String>> groups = small.graph().parallelGroups();
        assertThat(groups.stream().mapToInt(List::size).sum())
                .isEqualTo(small.ids().size());
        for (int level = 0; level < groups.size(); level++) {
            for (String id : groups.get(level)) {
                int steps = ways.stream()
                        .filter(way -> !way.isEmpty() && way.get(way.size() - 1).equals(id))
                        .mapToInt(List::size)
                        .max()
                        .orElseThrow();
                assertThat(steps - 1).isEqualTo(level);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void treesHoldEveryTaskOnceUnderItsParent(long seed) {
        Small small = Small.of(seed);
        TaskGraph graph = small.graph();
        assertThat(graph.tree())
                .extracting(node -> node.task().taskId())
                .containsExactlyInAnyOrderElementsOf(small.ids());
        for (TaskGraph.Node node : graph.tree()) {
            assertThat(graph.depth(node.task().taskId())).isEqualTo(node.depth());
        }
        for (String id : small.ids()) {
            Set<String> below = new HashSet<>();
            for (String other : small.ids()) {
                String at = graph.require(other).parentTaskId();
                while (at != null && !at.equals(id)) {
                    at = graph.require(at).parentTaskId();
                }
                if (at != null) {
                    below.add(other);
                }
            }
            assertThat(graph.descendants(id)).extracting(Task::taskId).containsExactlyInAnyOrderElementsOf(below);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aCycleIsFoundIfThereIsOne(long seed) {
        Random random = new Random(seed);
        int size = 1 + random.nextInt(7);
        Set<String> ids = new java.util.LinkedHashSet<>();
        List<Edge> edges = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            ids.add("t" + i);
        }
        for (int from = 0; from < size; from++) {
            for (int to = 0; to < size; to++) {
                if (random.nextInt(6) == 0) {
                    edges.add(new Edge("t" + from, "t" + to, Edge.Kind.PREREQ, Outcome.SUCCESS, false));
                }
            }
        }
        Set<List<String>> pairs = new HashSet<>();
        edges.forEach(edge -> pairs.add(List.of(edge.from(), edge.to())));
        Set<List<String>> reach = new HashSet<>(pairs);
        for (String via : ids) {
            for (String from : ids) {
                for (String to : ids) {
                    if (reach.contains(List.of(from, via)) && reach.contains(List.of(via, to))) {
                        reach.add(List.of(from, to));
                    }
                }
            }
        }
        List<String> cycle = Walks.cycle(ids, edges);
        assertThat(cycle.isEmpty()).isEqualTo(ids.stream().noneMatch(id -> reach.contains(List.of(id, id))));
        for (int i = 1; i < cycle.size(); i++) {
            assertThat(pairs).contains(List.of(cycle.get(i - 1), cycle.get(i)));
        }
        if (!cycle.isEmpty()) {
            assertThat(cycle.get(0)).isEqualTo(cycle.get(cycle.size() - 1));
        }
    }
}
