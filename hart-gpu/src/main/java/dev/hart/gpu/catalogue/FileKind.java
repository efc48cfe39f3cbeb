package dev.hart.gpu.catalogue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Kinds of files that begin with bytes of their own. */
enum FileKind {
    GGUF(".gguf", "GGUF"),
    ZIP(".zip", "PK"),
    GZIP(".gz", "\u001f\u008b"),
    TGZ(".tgz", "\u001f\u008b"),
    BZIP2(".bz2", "BZh");

    static final int HEAD = 4;

    private final String ending;
    /** One character for each byte. */
    private final String magic;

    FileKind(String ending, String magic) {
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
        return new String(head, StandardCharsets.ISO_8859_1).startsWith(magic);
    }
}
