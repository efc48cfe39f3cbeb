package dev.hart.core.json;

import com.networknt.schema.ExecutionContext;
import com.networknt.schema.SchemaContext;
import com.networknt.schema.format.Format;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZonedDateTime;
import java.time.temporal.TemporalAmount;
import java.util.List;
import java.util.function.Consumer;

/**
 * A format that takes every text which the matching type of java.time writes and reads. The strict RFC 3339 forms refuse
 * some of them: a time without seconds, fractions of a second in a duration.
 */
record JavaFormat(String getName, Consumer<String> parser) implements Format {
    static final List<JavaFormat> ALL = List.of(
            new JavaFormat("date", LocalDate::parse),
            new JavaFormat("date-time", ZonedDateTime::parse),
            new JavaFormat("duration", JavaFormat::duration));

    @Override
    public boolean matches(ExecutionContext execution, SchemaContext context, String text) {
        try {
            parser.accept(text);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    @Override
    public String getMessageKey() {
        return "format." + getName;
    }

    private static TemporalAmount duration(String text) {
        return text.contains("T") ? Duration.parse(text) : Period.parse(text);
    }
}
