package dev.hart.gpu.catalogue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Kinds of files that begin with bytes of their own. */
enum FileKind {
    GGUF(".gguf", "GGUF".getBytes(StandardCharsets.US_ASCII)),
    ZIP(".zip", new byte[] {'P', 'K'}),
    GZIP(".gz", new byte[] {0x1f, (byte) 0x8b}),
    TGZ(".tgz", new byte[] {0x1f, (byte) 0x8b}),
    BZIP2(".bz2", new byte[] {'B', 'Z', 'h'});

    static final int HEAD = 4;

    private final String ending;
    private final byte[] magic;

    FileKind(String ending, byte[] magic) {
        this.ending = ending;
        this.magic = magic;
    }

    /** What its name says it is; empty when that is none of these. */
    static Optional<FileKind> of(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(kind -> lower.endsWith(kind.ending))
                .findFirst();
    }

    boolean begins(byte[] head) {
        return head.length >= magic.length && Arrays.equals(head, 0, magic.length, magic, 0, magic.length);
    }
}
