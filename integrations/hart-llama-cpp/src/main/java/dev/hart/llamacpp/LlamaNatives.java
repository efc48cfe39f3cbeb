package dev.hart.llamacpp;

import de.kherud.llama.LlamaModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The native part of llama.cpp, for the processes that load it; this one never does. Left to itself the library unpacks it under one
 * name in the temporary folder that all users share; here it goes to a folder of its own that only the owner can enter, and is deleted
 * with the JVM, or by a model's process when the JVM was killed.
 */
final class LlamaNatives {
    static final String PATH = "de.kherud.llama.lib.path";

    private LlamaNatives() {}

    private static final class Unpacked {
        static @Nullable Path folder;
        static String problem = "";

        static {
            try {
                folder = unpack();
            } catch (IOException e) {
                problem = String.valueOf(e.getMessage());
            }
        }

        private static Path unpack() throws IOException {
            String file = System.mapLibraryName("jllama");
            String resource = "/de/kherud/llama/%s/%s".formatted(system(), file);
            try (InputStream in = LlamaModel.class.getResourceAsStream(resource)) {
                if (in == null) {
                    throw new IOException("there are no natives for %s on %s (%s)"
                            .formatted(System.getProperty("os.name"), System.getProperty("os.arch"), resource));
                }
                Path folder = Files.createTempDirectory("hart-llama-");
                Path library = folder.resolve(file);
                folder.toFile().deleteOnExit();
                library.toFile().deleteOnExit();
                Files.copy(in, library);
                return folder;
            }
        }
    }

    /**
     * Where it is: in the folder that {@code de.kherud.llama.lib.path} names, or unpacked with the first call.
     *
     * @throws IOException when it cannot be unpacked, or there is none for this system
     */
    static Path folder() throws IOException {
        String own = System.getProperty(PATH);
        if (own != null) {
            return Path.of(own).toAbsolutePath();
        }
        Path folder = Unpacked.folder;
        if (folder == null) {
            throw new IOException(Unpacked.problem);
        }
        return folder;
    }

    /** Whether they are in a folder that was made for them. */
    static boolean areUnpacked() {
        return System.getProperty(PATH) == null;
    }

    static boolean mayUseGpu() {
        return !areUnpacked() || system().equals("Mac/aarch64");
    }

    /** Below which the jar has the natives for this system. */
    private static String system() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        String os = system.contains("win") ? "Windows" : system.contains("mac") ? "Mac" : "Linux";
        String arch = switch (machine) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "aarch64";
            default -> machine;
        };
        return os + "/" + arch;
    }
}
