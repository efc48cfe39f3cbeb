package dev.hart.guard;

import dev.hart.tool.Effect;
import java.util.Set;

/** What a tool can touch beside the data of this node. A tool without any stays on it. */
public enum Reach {
    /** Speaks to other machines, and so to people. */
    NETWORK,
    /** Moves or promises money. */
    MONEY,
    /** Uses rights or credentials that its caller does not have. */
    PRIVILEGED;

    /** What a tool is taken to reach that does not say it: all that its effect allows. What changes nothing moves no money. */
    public static Set<Reach> unstated(Effect effect) {
        return effect == Effect.READ ? Set.of(NETWORK, PRIVILEGED) : Set.of(NETWORK, MONEY, PRIVILEGED);
    }
}
