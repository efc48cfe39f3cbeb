package dev.hart.guard;

/**
 * One check at the gate. Thread-safe, and quick: it runs before every action. An exception counts as a refusal.
 */
@FunctionalInterface
public interface Guardrail {
    Verdict check(Rail rail, Subject subject);

    /** How refusals name it. */
    default String name() {
        return getClass().getSimpleName();
    }
}
