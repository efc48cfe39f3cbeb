package dev.hart.recipe;

import static java.util.Objects.requireNonNull;

import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * When a recipe runs by itself; see {@link dev.hart.Schedules}.
 *
 * @param cron five fields, as in a POSIX crontab: minute, hour, day of the month, month, day of the week (0 and 7 are Sunday)
 * @param zone in which the fields are read
 * @param persona whose flow it is; empty for the recipe as a whole
 * @param entryActionId the action that it begins with; null for the first one
 * @param exitActionId the action that it ends with; null for the last one
 * @param description what it is for, for people
 */
public record Schedule(
        Kind kind,
        String cron,
        ZoneId zone,
        String persona,
        @Nullable Integer entryActionId,
        @Nullable Integer exitActionId,
        String description) {
    private static final ZoneId UTC = ZoneId.of("UTC");

    // Written out, as compact constructors lose what their parameters' types say about null.
    public Schedule(
            Kind kind,
            String cron,
            ZoneId zone,
            String persona,
            @Nullable Integer entryActionId,
            @Nullable Integer exitActionId,
            String description) {
        this.kind = requireNonNull(kind);
        this.cron = cron.strip();
        this.zone = requireNonNull(zone);
        this.persona = requireNonNull(persona);
        this.entryActionId = entryActionId;
        this.exitActionId = exitActionId;
        this.description = requireNonNull(description);
    }

    /** What has to be there when its time has come. */
    public enum Kind {
        /** Nothing. */
        TIME,
        /** Something that a camera or a screen has shown lately; see {@link dev.hart.spi.VisualContext}. */
        VISUAL
    }

    /** The whole recipe at these times, in UTC. */
    public static Schedule at(String cron) {
        return at(cron, UTC);
    }

    /** The whole recipe at these times. */
    public static Schedule at(String cron, ZoneId zone) {
        return new Schedule(Kind.TIME, cron, zone, "", null, null, "");
    }

    /** The same for another kind. */
    public Schedule withKind(Kind kind) {
        return new Schedule(kind, cron, zone, persona, entryActionId, exitActionId, description);
    }

    /**
     * The same for a part of the recipe, in the order in which its actions run. The recipe has one flow, and the part reads
     * nothing of the actions outside.
     *
     * @param entryActionId null for the first action
     * @param exitActionId null for the last action
     */
    public Schedule withActions(@Nullable Integer entryActionId, @Nullable Integer exitActionId) {
        return new Schedule(kind, cron, zone, persona, entryActionId, exitActionId, description);
    }

    /** The same with a description. */
    public Schedule withDescription(String description) {
        return new Schedule(kind, cron, zone, persona, entryActionId, exitActionId, description);
    }
}
