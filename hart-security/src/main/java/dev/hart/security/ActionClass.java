package dev.hart.security;

import dev.hart.guard.Reach;
import dev.hart.tool.Effect;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an action does, and whether a person has to approve it.
 *
 * @param effect null when neither the tool nor the text says
 * @param approval whether it needs approval: it is destructive, unknown, or works on suspicious text and reaches beyond its
 *     own data
 */
public record ActionClass(@Nullable Effect effect, Set<Reach> reach, boolean approval) {
    public ActionClass {
        reach = Set.copyOf(reach.isEmpty() ? EnumSet.noneOf(Reach.class) : reach);
    }

    /** {@code safe}, {@code destructive}, {@code changing} or {@code unknown}. */
    public String label() {
        if (effect == null) {
            return "unknown";
        }
        return switch (effect) {
            case READ -> "safe";
            case IDEMPOTENT, WRITE -> "changing";
            case DESTRUCTIVE -> "destructive";
        };
    }
}
