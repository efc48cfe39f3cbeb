package dev.hart.ledger;

import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Part of a task that another agent is to do. Begin with {@link #to} and name what differs.
 *
 * @param agent who does it, chosen by the caller
 * @param description what is to be done
 * @param type {@link DelegationType#SUB_AGENT} unless set
 * @param lease after this time the part is pending again unless it came back; null, the default, for never
 * @param skills what the part asks of whoever does it; none unless set
 */
public record Delegation(
        String agent,
        String description,
        DelegationType type,
        @Nullable Duration lease,
        Set<String> skills) {

    /** Checks the parts; throws LedgerException INVALID_ARGUMENT. */
    public Delegation {
        Limits.requireId("agent", agent);
        Limits.requireText("description", description);
        skills = Set.copyOf(new TreeSet<>(skills));
    }

    public static Delegation to(String agent, String description) {
        return new Delegation(agent, description, DelegationType.SUB_AGENT, null, Set.of());
    }

    public Delegation type(DelegationType newType) {
        return new Delegation(agent, description, newType, lease, skills);
    }

    public Delegation leasedFor(Duration time) {
        return new Delegation(agent, description, type, time, skills);
    }

    public Delegation skills(String... names) {
        return new Delegation(agent, description, type, lease, Set.of(names));
    }
}
