package dev.hart;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Judges whether an action of a CREATE run did what it should. Called once per execution; must be thread-safe. */
@FunctionalInterface
public interface Verifier {
    Judgement verify(Outcome outcome);

    /**
     * What is judged.
     *
     * @param request the request of the run
     * @param action the action's name
     * @param description what the action should do
     * @param results the results of its steps by output name
     */
    record Outcome(String request, String action, String description, Map<String, @Nullable Object> results) {}

    /** What the verifier says. */
    sealed interface Judgement {
        record Completed() implements Judgement {}

        /** Not yet: the action runs again, at most three times. */
        record Pending(String message) implements Judgement {}

        /** It went wrong. */
        record Wrong(String message) implements Judgement {}
    }
}
