package dev.hart.error;

import dev.hart.spi.HaltCause;
import java.util.List;
import java.util.stream.Collectors;

/** The node stands still, so nothing begins. What was asked for can be asked for again once the causes are gone. */
public final class HaltedException extends HartException {
    private static final long serialVersionUID = 1;
    private final transient List<HaltCause> causes;

    public HaltedException(List<HaltCause> causes) {
        super(
                "HALTED",
                "this node is halted (" + said(causes)
                        + "); nothing begins until every cause is taken back, reading works",
                null);
        this.causes = List.copyOf(causes);
    }

    private static String said(List<HaltCause> causes) {
        // A switch may have been taken back between the question and the answer.
        return causes.isEmpty()
                ? "a moment ago"
                : causes.stream().map(HaltCause::toString).collect(Collectors.joining(", "));
    }

    /** Why; empty when the halt ended in the same moment. */
    public List<HaltCause> causes() {
        return causes;
    }
}
