package dev.hart.gpu.process;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The last 64 KiB that a process wrote, without secrets when it is read. Thread-safe. */
public final class OutputRing {
    /** Bytes that are kept. */
    public static final int CAPACITY = 64 << 10;

    private static final String HIDDEN = "[secret]";

    private final List<String> secrets;
    private final byte[] bytes = new byte[CAPACITY];
    private long written;

    /** @param secrets never shown; blank ones are ignored */
    public OutputRing(List<String> secrets) {
        this.secrets = secrets.stream().filter(secret -> !secret.isBlank()).toList();
    }

    /** Takes the first {@code length} bytes. */
    public synchronized void write(byte[] from, int length) {
        for (int i = 0; i < length; i++) {
            bytes[(int) ((written + i) % CAPACITY)] = from[i];
        }
        written += length;
    }

    /** What was kept. The rest of a line that was overwritten in part is left out: it could begin with a part of a secret. */
    public synchronized String text() {
        long begin = Math.max(0, written - CAPACITY);
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        boolean skipping = begin > 0;
        for (long i = begin; i < written; i++) {
            byte next = bytes[(int) (i % CAPACITY)];
            if (!skipping) {
                kept.write(next);
            } else if (next == '\n') {
                skipping = false;
            }
        }
        String text = kept.toString(StandardCharsets.UTF_8);
        for (String secret : secrets) {
            text = text.replace(secret, HIDDEN);
        }
        return text;
    }

    /** The last line that is not blank, cut to 200 characters. */
    public String lastLine() {
        String last = text().lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .reduce("", (before, line) -> line);
        return last.length() > 200 ? last.substring(0, 200) + "…" : last;
    }
}
