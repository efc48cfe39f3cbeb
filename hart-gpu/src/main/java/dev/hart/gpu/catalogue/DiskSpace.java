package dev.hart.gpu.catalogue;

import dev.hart.error.ModelFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.ToLongFunction;

/** Keeps some of a disk free. */
final class DiskSpace {
    private final Path folder;
    private final long keepFree;
    private final ToLongFunction<Path> usable;

    DiskSpace(Path folder, long keepFree, ToLongFunction<Path> usable) {
        this.folder = folder;
        this.keepFree = keepFree;
        this.usable = usable;
    }

    static long usable(Path folder) {
        try {
            return Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            throw new UncheckedIOException("the free space of %s cannot be told".formatted(folder), e);
        }
    }

    /** How much may still be written. */
    long room() {
        return Math.max(0, usable.applyAsLong(folder) - keepFree);
    }

    /** @throws ModelFileException DISK_FULL when so many more bytes would leave too little */
    void require(long bytes, String what) {
        long free = usable.applyAsLong(folder);
        if (free - keepFree < bytes) {
            throw new ModelFileException(
                    "DISK_FULL",
                    "%s needs %s more in %s, where %s are free and %s are kept free: delete models, or choose another folder"
                            .formatted(what, Gib.text(bytes), folder, Gib.text(free), Gib.text(keepFree)));
        }
    }
}
