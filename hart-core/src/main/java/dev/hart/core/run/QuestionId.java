package dev.hart.core.run;

/** How the question of an ASK step is called: {@code action_2.1}, or {@code action_2.f1.1} in a fallback. */
final class QuestionId {
    private QuestionId() {}

    static String of(String task, int fallback, int step) {
        return task + (fallback == 0 ? "." : ".f" + fallback + ".") + step;
    }
}
