package dev.hart.core.schedule;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import org.jspecify.annotations.Nullable;

/** The times that a crontab's five fields stand for. Immutable. */
final class CronTimes {
    private static final CronDefinition POSIX = CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX);

    private final ExecutionTime times;

    private CronTimes(ExecutionTime times) {
        this.times = times;
    }

    /** @throws IllegalArgumentException when they are no five fields of a crontab; the message says why */
    static CronTimes of(String cron) {
        return new CronTimes(
                ExecutionTime.forCron(new CronParser(POSIX).parse(cron).validate()));
    }

    /** The first time after that one; null when there is none. */
    @Nullable
    Instant next(Instant after, ZoneId zone) {
        return times.nextExecution(after.atZone(zone))
                .map(ZonedDateTime::toInstant)
                .orElse(null);
    }
}
