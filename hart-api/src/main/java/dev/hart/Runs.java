package dev.hart;

import dev.hart.error.RunNotFoundException;
import dev.hart.json.Json;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The runs of one data directory, those of other processes included. Thread-safe. */
public interface Runs {

    /** The newest runs first, at most {@code limit} (1 to 1,000). */
    List<Summary> list(int limit);

    /** One run as it stands. */
    Optional<Summary> find(String runId);

    /**
     * The ended or paused run with its report.
     *
     * @throws RunNotFoundException when there is no such run
     * @throws dev.hart.error.RunBusyException when it is still running
     */
    Run get(String runId);

    /**
     * The journal after {@code afterSeq} (0 for all of it) and then each new event until the run ends or is paused. Blocks between events;
     * close the stream to stop.
     *
     * @throws RunNotFoundException when there is no such run
     */
    Stream<RunEvent> events(String runId, long afterSeq);

    /** Asks a run to stop, also one that waits for a person. */
    void cancel(String runId);

    /**
     * The actions that wait for an approval, those of the runs inside included, and why; empty when there is none.
     *
     * @throws RunNotFoundException when there is no such run
     */
    List<Approval> approvals(String runId);

    /**
     * Lets an action with a DESTRUCTIVE step, or a call that needs approval for another reason, go ahead; then call {@link
     * Hart#resume(String)}.
     *
     * @param action as in {@link RunEvent#action()}; {@code id/action_1} for one of the run inside with that id
     * @throws dev.hart.error.IllegalTransitionException when the action does not wait for an approval
     */
    void approve(String runId, String action);

    /** The other answer to the question of {@link #approve(String, String)}. */
    void reject(String runId, String action);

    /**
     * Says what became of a step that was started, may have had its effect, and never reported back (reason {@code
     * IN_DOUBT}); then call {@link Hart#resume(String)}.
     */
    void resolve(String runId, String action, InDoubt decision);

    /**
     * The questions of ASK steps that wait for an answer, those of the runs inside included; empty when there is none.
     *
     * @throws RunNotFoundException when there is no such run
     */
    List<Question> questions(String runId);

    /**
     * Answers a question of a run. A run that goes on takes the answer up at once; for one that is paused call {@link
     * Hart#resume(String)} then.
     *
     * @param questionId as in {@link Question#id()}; {@code id/action_1.1} for one of the run inside with that id
     * @param value a JSON value, see {@link dev.hart.json.Json}
     * @throws RunNotFoundException when there is no such run
     * @throws dev.hart.error.InputInvalidException when it is not what the question asks for; the question stays open
     * @throws dev.hart.error.IllegalTransitionException when the run does not wait for an answer to that question, or its
     *     deadline has passed
     * @throws dev.hart.error.RunBusyException when another process works on the run
     */
    void answer(String runId, String questionId, @Nullable Object value);

    /**
     * A question that waits for its answer.
     *
     * @param runId the run that asks: the one that was asked about, or one inside it
     * @param id unique in that run
     * @param action as in {@link RunEvent#action()}
     * @param schema JSON Schema of the answer; null for any JSON value
     * @param deadline when the question fails; null for never
     */
    record Question(
            String runId,
            String id,
            String action,
            String text,
            @Nullable Map<String, @Nullable Object> schema,
            @Nullable Instant deadline) {}

    /**
     * An action that waits for a person's approval.
     *
     * @param runId the run that waits: the one that was asked about, or one inside it
     * @param action as in {@link RunEvent#action()}
     * @param tool the tool of the call that waits; null when all DESTRUCTIVE steps of the action wait together, before the first
     * @param arguments of that call, as they will be; empty when {@code tool} is null
     * @param reasons sentences for the person; they repeat nothing of the arguments
     */
    record Approval(
            String runId,
            String action,
            @Nullable String tool,
            Map<String, @Nullable Object> arguments,
            List<String> reasons) {
        // Written out, as compact constructors lose what their parameters' types say about null.
        public Approval(
                String runId,
                String action,
                @Nullable String tool,
                Map<String, @Nullable Object> arguments,
                List<String> reasons) {
            this.runId = runId;
            this.action = action;
            this.tool = tool;
            this.arguments = Json.objectOf(arguments);
            this.reasons = List.copyOf(reasons);
        }
    }

    /** What a person or a policy knows about a step in doubt. */
    sealed interface InDoubt {
        /** It had no effect: call it again with the same idempotency key. */
        record RunAgain() implements InDoubt {}

        /** It had its effect: take this as its result. */
        record TakeAsDone(@Nullable Object output) implements InDoubt {}

        /** Give up: the action fails. */
        record GiveUp() implements InDoubt {}
    }

    /**
     * One line of the list.
     *
     * @param waitingFor the actions that wait for a person, with the reason, such as {@code action_2: IN_DOUBT}; {@code
     *     id/action_2: IN_DOUBT} for one of the run inside with that id
     */
    record Summary(
            String id,
            RunState state,
            Mode mode,
            String request,
            @Nullable String recipeName,
            Instant startedAt,
            @Nullable Instant endedAt,
            List<String> waitingFor) {}
}
