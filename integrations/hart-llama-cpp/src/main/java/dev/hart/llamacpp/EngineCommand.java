package dev.hart.llamacpp;

import de.kherud.llama.LlamaModel;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.process.NeededVariables;
import dev.hart.gpu.runtime.LoadOptions;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** How the process of a model is started: a small JVM of this one's kind, with nothing but this module and the binding. */
final class EngineCommand {
    private static final boolean WINDOWS =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("win");

    /** Since this version the JVM warns of native code that was not allowed. */
    private static final int ASKS_FOR_NATIVE_ACCESS = 22;

    /** What tells builds of llama.cpp which devices there are and how to use them. */
    private static final List<String> DEVICES = List.of("GGML_", "CUDA_", "HIP_", "ROCR_", "HSA_", "OMP_", "GOMP_");

    private EngineCommand() {}

    /**
     * The command.
     *
     * @param natives the folder of the binding's native part
     * @throws IOException when there is no JVM to start, or it could not read the classes
     */
    static List<String> of(Path natives) throws IOException {
        List<String> command = new ArrayList<>();
        if (!WINDOWS) {
            // What native code prints goes where its errors go, and frames go where native code does not write.
            command.addAll(List.of("/bin/sh", "-c", "exec \"$@\" 3>&1 1>&2", "hart-llama"));
        }
        command.add(java().toString());
        command.addAll(List.of(
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-XX:-UsePerfData",
                "-Xms8m",
                "-Xmx256m",
                "-Xss512k",
                "-XX:+DisplayVMOutputToStderr",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + Path.of(System.getProperty("java.io.tmpdir"), "hart-llama-%p.log")));
        if (Runtime.version().feature() >= ASKS_FOR_NATIVE_ACCESS) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.add("-D" + LlamaNatives.PATH + "=" + natives);
        command.addAll(List.of("-cp", classPath(), EngineMain.class.getName()));
        command.add(WINDOWS ? "-" : Files.exists(Path.of("/proc/self/fd")) ? "/proc/self/fd/3" : "/dev/fd/3");
        command.add(Boolean.toString(LlamaNatives.areUnpacked()));
        return command;
    }

    private static Path java() throws IOException {
        Path folder = Path.of(System.getProperty("java.home"), "bin");
        Path java = folder.resolve(WINDOWS ? "java.exe" : "java");
        if (!Files.isExecutable(java)) {
            throw new IOException("a model runs in a JVM of its own, and there is no %s to start one".formatted(java));
        }
        return java;
    }

    /** The jars or folders of this module and of the binding; one where both are in the same jar. */
    private static String classPath() throws IOException {
        Set<String> paths = new LinkedHashSet<>();
        paths.add(origin(EngineMain.class).toString());
        paths.add(origin(LlamaModel.class).toString());
        return String.join(File.pathSeparator, paths);
    }

    private static Path origin(Class<?> type) throws IOException {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        URL location = source == null ? null : source.getLocation();
        try {
            if (location != null) {
                return Path.of(location.toURI()).toAbsolutePath();
            }
        } catch (URISyntaxException | RuntimeException e) {
            throw new IOException(unreadable(type, location.toString()), e);
        }
        throw new IOException(unreadable(type, "an unknown place"));
    }

    private static String unreadable(Class<?> type, String place) {
        return "a model runs in a JVM of its own, and that cannot read %s from %s; put it into a jar or folder of the file system"
                .formatted(type.getName(), place);
    }

    /** All the variables that it gets. On the processor no CUDA device is seen. */
    static Map<String, String> environment(LoadOptions options, Map<String, String> ours) {
        Map<String, String> environment = new HashMap<>();
        ours.forEach((name, value) -> {
            if (NeededVariables.contain(name) || DEVICES.stream().anyMatch(name::startsWith)) {
                environment.put(name, value);
            }
        });
        if (options.mode() == LeaseMode.CPU) {
            environment.put("CUDA_VISIBLE_DEVICES", "");
        } else if (!options.cudaDevices().isEmpty()) {
            environment.put("CUDA_VISIBLE_DEVICES", String.join(",", options.cudaDevices()));
            environment.put("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
        }
        return environment;
    }
}
