package dev.hart.core.run;

import static dev.hart.core.run.ActionState.COMPLETED;
import static dev.hart.core.run.ActionState.ERROR;
import static dev.hart.core.run.ActionState.FALLBACK_RECEIVED;
import static dev.hart.core.run.ActionState.FALLBACK_REQUESTED;
import static dev.hart.core.run.ActionState.IN_PROGRESS;
import static dev.hart.core.run.ActionState.PENDING;
import static dev.hart.core.run.ActionState.RECIPE_RECEIVED;
import static dev.hart.core.run.ActionState.RECIPE_REQUESTED;
import static dev.hart.core.run.ActionState.STATUS_VERIFICATION_REQUESTED;
import static dev.hart.core.run.ActionState.TERMINATED;

import dev.hart.error.IllegalTransitionException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/** The state of one action in one run. Check and change are one atomic step. Thread-safe. */
public final class ActionLifecycle {
    /** Where {@link #advanceTo} may go in one call, and through which states. */
    private static final Map<ActionState, Map<ActionState, List<ActionState>>> ADVANCES = advances();

    private final String id;
    private final Listener listener;
    private final AtomicReference<ActionState> state;

    /** Is told every change that was refused, on the thread that asked for it. */
    @FunctionalInterface
    public interface Listener {
        void rejected(ActionState from, ActionState to);
    }

    /**
     * A life cycle.
     *
     * @param id {@code runId/flowId/actionId}, for errors
     * @param state where it stands: ASSIGNED for a new action, or what the journal says
     */
    public ActionLifecycle(String id, ActionState state, Listener listener) {
        this.id = id;
        this.state = new AtomicReference<>(state);
        this.listener = listener;
    }

    public ActionState state() {
        return Objects.requireNonNull(state.get());
    }

    /**
     * Changes the state; asking for the state it already has succeeds and changes nothing.
     *
     * @throws IllegalTransitionException when the table does not know the change; the state stays
     */
    public void set(ActionState to) {
        ActionState from = move(to);
        if (from != to && !from.next().contains(to)) {
            throw new IllegalTransitionException(
                    "action",
                    id,
                    from.wireName(),
                    to.wireName(),
                    from.next().stream().map(ActionState::wireName).toList());
        }
    }

    /** The twin of {@link #set} that answers instead of throwing. */
    public boolean trySet(ActionState to) {
        ActionState from = move(to);
        return from == to || from.next().contains(to);
    }

    /**
     * Walks to a state along the way that the table of advances knows; false, and nothing changed, when it knows none.
     */
    public boolean advanceTo(ActionState to) {
        ActionState from = state();
        if (from == to) {
            return true;
        }
        List<ActionState> way = ADVANCES.getOrDefault(from, Map.of()).get(to);
        if (way == null) {
            return false;
        }
        for (ActionState stop : way) {
            if (!trySet(stop)) {
                return false;
            }
        }
        return true;
    }

    /** Returns the state found; changes it when the table allows. */
    private ActionState move(ActionState to) {
        while (true) {
            ActionState from = state();
            if (from == to) {
                return from;
            }
            if (!from.next().contains(to)) {
                listener.rejected(from, to);
                return from;
            }
            if (state.compareAndSet(from, to)) {
                return from;
            }
        }
    }

    private static Map<ActionState, Map<ActionState, List<ActionState>>> advances() {
        Map<ActionState, Map<ActionState, List<ActionState>>> table = new EnumMap<>(ActionState.class);
        table.put(
                ActionState.ASSIGNED,
                Map.of(
                        IN_PROGRESS, List.of(IN_PROGRESS),
                        STATUS_VERIFICATION_REQUESTED, List.of(IN_PROGRESS, STATUS_VERIFICATION_REQUESTED),
                        COMPLETED, List.of(IN_PROGRESS, STATUS_VERIFICATION_REQUESTED, COMPLETED)));
        table.put(
                IN_PROGRESS,
                Map.of(
                        STATUS_VERIFICATION_REQUESTED, List.of(STATUS_VERIFICATION_REQUESTED),
                        COMPLETED, List.of(STATUS_VERIFICATION_REQUESTED, COMPLETED)));
        table.put(
                STATUS_VERIFICATION_REQUESTED,
                Map.of(COMPLETED, List.of(COMPLETED), PENDING, List.of(PENDING), ERROR, List.of(ERROR)));
        table.put(
                COMPLETED,
                Map.of(
                        TERMINATED, List.of(TERMINATED),
                        FALLBACK_REQUESTED, List.of(FALLBACK_REQUESTED),
                        FALLBACK_RECEIVED, List.of(FALLBACK_REQUESTED, FALLBACK_RECEIVED),
                        RECIPE_REQUESTED, List.of(RECIPE_REQUESTED)));
        table.put(PENDING, Map.of(COMPLETED, List.of(COMPLETED), ERROR, List.of(ERROR)));
        table.put(
                ERROR,
                Map.of(
                        IN_PROGRESS, List.of(IN_PROGRESS),
                        COMPLETED, List.of(IN_PROGRESS, STATUS_VERIFICATION_REQUESTED, COMPLETED)));
        table.put(FALLBACK_REQUESTED, Map.of(FALLBACK_RECEIVED, List.of(FALLBACK_RECEIVED)));
        table.put(FALLBACK_RECEIVED, Map.of(RECIPE_REQUESTED, List.of(RECIPE_REQUESTED)));
        table.put(RECIPE_REQUESTED, Map.of(RECIPE_RECEIVED, List.of(RECIPE_RECEIVED)));
        table.put(RECIPE_RECEIVED, Map.of(TERMINATED, List.of(TERMINATED)));
        return table;
    }
}
