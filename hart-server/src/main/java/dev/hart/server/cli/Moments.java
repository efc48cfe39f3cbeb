package dev.hart.server.cli;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Moments as a person reads them, in the machine's time zone. */
final class Moments {
    private static final DateTimeFormatter TO_THE_SECOND =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private Moments() {}

    static String local(Instant moment) {
        return TO_THE_SECOND.format(moment.atZone(ZoneId.systemDefault()));
    }
}
