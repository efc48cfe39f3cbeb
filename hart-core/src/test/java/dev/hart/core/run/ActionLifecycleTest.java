package dev.hart.core.run;

import static dev.hart.core.run.ActionState.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hart.error.IllegalTransitionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ActionLifecycleTest {
    /** Section 3.1 of the recipe sheet, both columns. */
    private static final Map<ActionState, Set<ActionState>> LEGAL = Map.ofEntries(
            Map.entry(ASSIGNED, Set.of(IN_PROGRESS, PREVIEW_PENDING)),
            Map.entry(IN_PROGRESS, Set.of(STATUS_VERIFICATION_REQUESTED, ERROR, PENDING, EXECUTING_MOTION)),
            Map.entry(STATUS_VERIFICATION_REQUESTED, Set.of(COMPLETED, PENDING, ERROR)),
            Map.entry(COMPLETED, Set.of(FALLBACK_REQUESTED, RECIPE_REQUESTED, TERMINATED)),
            Map.entry(PENDING, Set.of(COMPLETED, ERROR, IN_PROGRESS, STATUS_VERIFICATION_REQUESTED)),
            Map.entry(ERROR, Set.of(IN_PROGRESS, PENDING, FALLBACK_REQUESTED, RECIPE_REQUESTED, TERMINATED)),
            Map.entry(FALLBACK_REQUESTED, Set.of(FALLBACK_RECEIVED, ERROR)),
            Map.entry(FALLBACK_RECEIVED, Set.of(RECIPE_REQUESTED, IN_PROGRESS)),
            Map.entry(RECIPE_REQUESTED, Set.of(RECIPE_RECEIVED, ERROR)),
            Map.entry(RECIPE_RECEIVED, Set.of(TERMINATED)),
            Map.entry(TERMINATED, Set.of(ASSIGNED)),
            Map.entry(EXECUTING_MOTION, Set.of(SENSOR_CONFIRM, ERROR)),
            Map.entry(SENSOR_CONFIRM, Set.of(STATUS_VERIFICATION_REQUESTED, ERROR)),
            Map.entry(PREVIEW_PENDING, Set.of(PREVIEW_APPROVED, ERROR, TERMINATED)),
            Map.entry(PREVIEW_APPROVED, Set.of(IN_PROGRESS)));

    /** The pairs of {@code advanceTo} and where they pass. */
    private static final Map<ActionState, Map<ActionState, List<ActionState>>> ADVANCES = Map.ofEntries(
            Map.entry(
                    ASSIGNED,
                    Map.of(
                            IN_PROGRESS, List.of(),
                            STATUS_VERIFICATION_REQUESTED, List.of(IN_PROGRESS),
                            COMPLETED, List.of(IN_PROGRESS, STATUS_VERIFICATION_REQUESTED))),
            Map.entry(
                    IN_PROGRESS,
                    Map.of(
                            STATUS_VERIFICATION_REQUESTED,
                            List.of(),
                            COMPLETED,
                            List.of(STATUS_VERIFICATION_REQUESTED))),
            Map.entry(
                    STATUS_VERIFICATION_REQUESTED, Map.of(COMPLETED, List.of(), PENDING, List.of(), ERROR, List.of())),
            Map.entry(
                    COMPLETED,
                    Map.of(
                            TERMINATED, List.of(),
                            FALLBACK_REQUESTED, List.of(),
                            FALLBACK_RECEIVED, List.of(FALLBACK_REQUESTED),
                            RECIPE_REQUESTED, List.of())),
            Map.entry(PENDING, Map.of(COMPLETED, List.of(), ERROR, List.of())),
            Map.entry(
                    ERROR,
                    Map.of(IN_PROGRESS, List.of(), COMPLETED, List.of(IN_PROGRESS, STATUS_VERIFICATION_REQUESTED))),
            Map.entry(FALLBACK_REQUESTED, Map.of(FALLBACK_RECEIVED, List.of())),
            Map.entry(FALLBACK_RECEIVED, Map.of(RECIPE_REQUESTED, List.of())),
            Map.entry(RECIPE_REQUESTED, Map.of(RECIPE_RECEIVED, List.of())),
            Map.entry(RECIPE_RECEIVED, Map.of(TERMINATED, List.of())));

    private final List<String> rejected = new ArrayList<>();

    private ActionLifecycle in(ActionState state) {
        return new ActionLifecycle("r1/0/2", state, (from, to) -> rejected.add(from + ">" + to));
    }

    private static Stream<Arguments> everyPair() {
        return Stream.of(ActionState.values())
                .flatMap(from -> Stream.of(ActionState.values()).map(to -> Arguments.of(from, to)));
    }

    @Test
    void thereAreFifteenStates() {
        assertThat(ActionState.values()).hasSize(15);
        assertThat(LEGAL).hasSize(15);
    }

    @ParameterizedTest
    @MethodSource("everyPair")
    void anActionMovesOnlyAlongTheTable(ActionState from, ActionState to) {
        ActionLifecycle action = in(from);
        if (from == to || LEGAL.get(from).contains(to)) {
            action.set(to);
            assertThat(action.state()).isEqualTo(to);
            assertThat(in(from).trySet(to)).isTrue();
            assertThat(rejected).isEmpty();
        } else {
            IllegalTransitionException refused =
                    catchThrowableOfType(IllegalTransitionException.class, () -> action.set(to));
            assertThat(refused.id()).isEqualTo("r1/0/2");
            assertThat(refused.from()).isEqualTo(from.wireName());
            assertThat(refused.to()).isEqualTo(to.wireName());
            assertThat(refused.allowed())
                    .containsExactlyInAnyOrderElementsOf(
                            LEGAL.get(from).stream().map(ActionState::wireName).toList());
            assertThat(action.state()).isEqualTo(from);
            assertThat(action.trySet(to)).isFalse();
            assertThat(rejected).containsExactly(from + ">" + to, from + ">" + to);
        }
    }

    @ParameterizedTest
    @MethodSource("everyPair")
    void advancingWalksTheKnownWaysAndNoOther(ActionState from, ActionState to) {
        ActionLifecycle action = in(from);
        boolean known = from == to || ADVANCES.getOrDefault(from, Map.of()).containsKey(to);
        assertThat(action.advanceTo(to)).isEqualTo(known);
        assertThat(action.state()).isEqualTo(known ? to : from);
        assertThat(rejected).isEmpty();
    }

    @Test
    void wireNamesAreTheLowerCaseNames() {
        for (ActionState state : ActionState.values()) {
            assertThat(state.wireName()).isEqualTo(state.name().toLowerCase(java.util.Locale.ROOT));
            assertThat(ActionState.ofWireName(state.wireName())).isEqualTo(state);
        }
    }

    @Test
    void ofTwoOppositeDecisionsAtTheSameTimeExactlyOneHolds() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 500; round++) {
                ActionLifecycle action = new ActionLifecycle("r1/0/2", PREVIEW_PENDING, (from, to) -> {});
                CyclicBarrier start = new CyclicBarrier(2);
                List<Callable<Boolean>> deciders = List.of(
                        () -> {
                            start.await();
                            return action.trySet(PREVIEW_APPROVED);
                        },
                        () -> {
                            start.await();
                            return action.trySet(TERMINATED);
                        });
                List<Boolean> held = new ArrayList<>();
                for (Future<Boolean> decider : pool.invokeAll(deciders)) {
                    held.add(decider.get());
                }
                assertThat(held).containsExactlyInAnyOrder(true, false);
                assertThat(action.state()).isEqualTo(held.get(0) ? PREVIEW_APPROVED : TERMINATED);
            }
        } finally {
            pool.shutdownNow();
        }
    }
}
