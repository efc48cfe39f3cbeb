package dev.hart.security;

import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;

/**
 * Takes secrets out of whatever a {@code java.util.logging} handler writes, stack traces too. Other logging libraries call
 * {@link SecretRedactor#redact} in their layout in the same way. Thread-safe when the formatter inside is.
 */
public final class RedactingFormatter extends Formatter {
    private final Formatter inside;
    private final SecretRedactor redactor = new SecretRedactor();

    /** @param inside how a record is written; its output is redacted */
    public RedactingFormatter(Formatter inside) {
        this.inside = inside;
    }

    /** Puts one around the formatter that a handler has. Does nothing when it has one already. */
    public static void install(Handler handler) {
        Formatter now = handler.getFormatter();
        if (!(now instanceof RedactingFormatter)) {
            handler.setFormatter(new RedactingFormatter(now));
        }
    }

    @Override
    public String format(LogRecord record) {
        return redactor.redact(inside.format(record));
    }

    @Override
    public String getHead(Handler handler) {
        return inside.getHead(handler);
    }

    @Override
    public String getTail(Handler handler) {
        return inside.getTail(handler);
    }
}
