package dev.hart;

import java.util.List;
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
        /**
         * It did what it should.
         *
         * @param fallback what could be tried when it fails another time, in words; it is planned, and kept in the recipe that
         *     the run teaches. Null or blank for nothing
         */
        record Completed(@Nullable String fallback) implements Judgement {
            public Completed() {
                this(null);
            }
        }

        /** Not yet: the action runs again, at most three times. */
        record Pending(String message) implements Judgement {}

        /**
         * It went wrong: the action runs again while attempts are left.
         *
         * @param fallback what it should try then, in words: it is planned and stands for the action's own steps, in the recipe that
         *     the run teaches too. What cannot be planned, or would do more than the action may, changes nothing. Null or blank
         *     for nothing
         */
        record Wrong(String message, @Nullable String fallback) implements Judgement {
            public Wrong(String message) {
                this(message, null);
            }
        }

        /**
         * The action should do something else: it is planned anew from this text, and carried out again from its beginning. An
         * action that has had an effect of WRITE or more is not carried out again: it fails.
         *
         * @param description what it should do; not blank
         */
        record Updated(String description) implements Judgement {
            public Updated {
                requireText(description);
            }
        }

        /**
         * The whole definition should be another: all of it is planned anew from these texts, and every action that is not the
         * same as before is carried out again. An action that has had an effect of WRITE or more is not carried out again: the
         * judged action fails then.
         *
         * @param descriptions what the actions should do, in order; at least one, none blank
         */
        record UpdatedAll(List<String> descriptions) implements Judgement {
            public UpdatedAll {
                descriptions = texts(descriptions);
            }
        }

        /**
         * The action is too large for one: these are carried out, one after the other, and it is judged again when all have ended
         * well.
         *
         * @param subtasks what each of them should do; at least one, none blank
         */
        record NeedsBreakdown(List<String> subtasks) implements Judgement {
            public NeedsBreakdown {
                subtasks = texts(subtasks);
            }
        }

        private static List<String> texts(List<String> texts) {
            if (texts.isEmpty()) {
                throw new IllegalArgumentException("a judgement needs at least one text of what is to be done");
            }
            texts.forEach(Judgement::requireText);
            return List.copyOf(texts);
        }

        private static void requireText(String text) {
            if (text.isBlank()) {
                throw new IllegalArgumentException("a judgement's text of what is to be done is blank");
            }
        }
    }
}
