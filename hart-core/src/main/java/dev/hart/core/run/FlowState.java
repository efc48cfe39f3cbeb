package dev.hart.core.run;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a flow of a CREATE run becomes part of the recipe, once each of its actions is TERMINATED: one state after the other. */
public enum FlowState {
    /** Which actions wait for which is known. */
    DEPENDENCY_ANALYSIS,
    /** So is an order in which they can run. */
    TOPOLOGICAL_SORT,
    /** And the times at which they run by themselves. */
    SCHEDULED_JOBS_CREATION,
    FLOW_RECIPE_CREATION,
    FLOW_COMPLETED;

    /** The state behind one; null when it is the last. */
    static @Nullable FlowState after(@Nullable FlowState state) {
        int next = state == null ? 0 : state.ordinal() + 1;
        return next == values().length ? null : values()[next];
    }

    /** The lower-case name on the wire. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    static FlowState ofWireName(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }
}
