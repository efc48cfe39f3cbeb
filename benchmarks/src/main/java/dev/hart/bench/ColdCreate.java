package dev.hart.bench;

import dev.hart.Hart;
import java.nio.file.Path;

/** The child process of {@link StartupBench}: opens a runtime as the first thing it does, and says how long that took. */
public final class ColdCreate {
    static final String PREFIX = "nanos ";

    private ColdCreate() {}

    /** @param args the data directory */
    public static void main(String[] args) {
        long start = System.nanoTime();
        try (Hart hart =
                Hart.configure().dataDirectory(Path.of(args[0])).withoutModel().create()) {
            System.out.println(PREFIX + (System.nanoTime() - start));
        }
    }
}
