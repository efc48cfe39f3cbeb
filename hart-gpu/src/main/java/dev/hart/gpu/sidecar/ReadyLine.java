package dev.hart.gpu.sidecar;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks for the port in the lines of one stream. Used by one thread. */
final class ReadyLine {
    private static final int LONGEST_LINE = 8 << 10;

    private final Pattern pattern;
    private final CompletableFuture<Integer> port;
    private final byte[] line = new byte[LONGEST_LINE];
    private int length;

    /** @param port completes with the port, or exceptionally when what stands in its place is none */
    ReadyLine(Pattern pattern, CompletableFuture<Integer> port) {
        this.pattern = pattern;
        this.port = port;
    }

    void read(byte[] from, int count) {
        for (int i = 0; i < count && !port.isDone(); i++) {
            if (from[i] == '\n') {
                endOfLine();
            } else if (length < LONGEST_LINE) {
                line[length++] = from[i]; // the end of a longer one is not looked at
            }
        }
    }

    void endOfLine() {
        String text = new String(line, 0, length, StandardCharsets.UTF_8).strip();
        length = 0;
        Matcher matcher = pattern.matcher(text);
        if (matcher.find()) {
            String named = String.valueOf(matcher.group(1)).strip();
            if (named.matches("\\d{1,5}") && Integer.parseInt(named) >= 1 && Integer.parseInt(named) <= 65_535) {
                port.complete(Integer.parseInt(named));
            } else {
                port.completeExceptionally(new IllegalArgumentException(
                        "named '" + (named.length() > 40 ? named.substring(0, 40) + "…" : named) + "' as its port"));
            }
        }
    }
}
