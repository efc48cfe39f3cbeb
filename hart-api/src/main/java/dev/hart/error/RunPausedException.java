package dev.hart.error;

import java.util.List;

/** The run waits for a person, so it has no result yet. */
public final class RunPausedException extends HartException {
    private static final long serialVersionUID = 1;
    private final transient List<String> waitingFor;

    public RunPausedException(String message, List<String> waitingFor) {
        super("RUN_PAUSED", message, null);
        this.waitingFor = List.copyOf(waitingFor);
    }

    /** The actions that wait, each with its reason, such as {@code action_2: IN_DOUBT}. */
    public List<String> waitingFor() {
        return waitingFor;
    }
}
