package dev.hart;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened in a run, as its journal holds it.
 *
 * @param runId empty for what no run has caused: a rollout that a person or the time has ended
 * @param seq the place in the run's journal, from 1, without gaps over all journal entries; 0 for an event that is only
 *     announced, not journalled
 * @param at UTC, to the millisecond
 * @param action the action's name in the ledger ({@code action_1}), or {@code run} for the run as a whole
 * @param data JSON values by name, redacted
 */
public record RunEvent(
        String runId, long seq, Instant at, Type type, String action, Map<String, @Nullable Object> data) {

    /** What happened. */
    public enum Type {
        /** Announced only: planning begins. */
        RUN_PLANNING("run.planning"),
        RUN_STARTED("run.started"),
        RUN_RESUMED("run.resumed"),
        RUN_PAUSED("run.paused"),
        /** Ended, whether well or not: {@code data.state} says which. */
        RUN_FINISHED("run.finished"),
        ACTION_STATE_CHANGED("action_state.changed"),
        /** Announced only: an illegal change of state was refused. */
        TRANSITION_REJECTED("transition.rejected"),
        /** Announced only: a model's verdict names an action, {@code data.named}, that it was not asked about; it is taken for its own. */
        VERDICT_ID_MISMATCH("verdict.id_mismatch"),
        STEP_STARTED("step.started"),
        STEP_FINISHED("step.finished"),
        STEP_FAILED("step.failed"),
        MODEL_CALLED("model.called"),
        /** An action that failed was planned anew: {@code data.plan} is the fallback that it got. */
        REPAIRED("action.repaired"),
        /** A verifier changed what the run should do: {@code data.recipe} is what it does from then on. */
        UPDATED("definition.updated"),
        /** A verifier broke an action down: {@code data.subtasks} are carried out before it is judged again. */
        BROKEN_DOWN("action.broken_down"),
        /** A flow whose actions are all done becomes part of the recipe: {@code data} has flow, from and to. */
        FLOW_STATE_CHANGED("flow_state.changed"),
        APPROVED("preview.approved"),
        REJECTED("preview.rejected"),
        /** An ASK step asks a person: {@code data} has the question's id, its text, schema and deadline. */
        ASKED("user.asked"),
        /** A person answered a question, or decided about a step that was in doubt. */
        ANSWERED("user.answered"),
        /** Announced only: a recipe version was saved. */
        RECIPE_SAVED("recipe.saved"),
        /** Announced only: a version is to prove itself. {@code data} has the rollout's id, the recipe, both versions, why. */
        ROLLOUT_STARTED("rollout.started"),
        /** Announced only: a shadow run has ended; {@code data.problems} says what was wrong or why it does not count. */
        ROLLOUT_TRIED("rollout.tried"),
        /** Announced only: {@code data.state} says whether the version was promoted, {@code data.reasons} why. */
        ROLLOUT_ENDED("rollout.ended"),
        /** Announced only: the current version of a recipe fails its check too often. */
        RECIPE_DRIFTING("recipe.drifting");

        private final String wireName;

        Type(String wireName) {
            this.wireName = wireName;
        }

        /** The name on the wire, such as {@code step.finished}. */
        public String wireName() {
            return wireName;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
