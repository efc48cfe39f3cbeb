package dev.hart.llamacpp;

import de.kherud.llama.LlamaModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * The native part of llama.cpp. Left to itself the library unpacks it under one name in the temporary folder that all users share,
 * and prints so; here it goes to a folder of its own that only the owner can enter, and is deleted with the JVM.
 */
final class LlamaNatives {
    private static final String PATH = "de.kherud.llama.lib.path";

    private LlamaNatives() {}

    private static final class Loaded {
        static final boolean OWN_BUILD = System.getProperty(PATH) != null;
        static final Optional<String> PROBLEM = load();

        private static Optional<String> load() {
            try {
                if (!OWN_BUILD) {
                    unpack();
                }
                // Its static initialiser loads the library.
                Class.forName(LlamaModel.class.getName());
                return Optional.empty();
            } catch (IOException | ClassNotFoundException | LinkageError e) {
                return Optional.of(String.valueOf(e.getMessage()));
            } finally {
                if (!OWN_BUILD) {
                    System.clearProperty(PATH);
                }
            }
        }

        private static void unpack() throws IOException {
            String file = System.mapLibraryName("jllama");
            String resource = "/de/kherud/llama/%s/%s".formatted(folder(), file);
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
                System.setProperty(PATH, folder.toString());
            }
        }
    }

    /** Loads it at the first call; why that failed, or empty. */
    static Optional<String> load() {
        return Loaded.PROBLEM;
    }

    static boolean mayUseGpu() {
        return Loaded.OWN_BUILD || folder().equals("Mac/aarch64");
    }

    /** Below which the jar has the natives for this system. */
    private static String folder() {
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
