package dev.hart.gpu;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Another JVM with the classes of this one. */
public final class ChildJvm {
    private ChildJvm() {}

    public static Process start(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                classPath(main),
                main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** On the module path the test's own classes are patched into their module, and stand on no path. */
    private static String classPath(Class<?> main) {
        return Stream.of(System.getProperty("jdk.module.path"), System.getProperty("java.class.path"), folderOf(main))
                .filter(path -> path != null && !path.isEmpty())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String folderOf(Class<?> type) {
        String file = type.getName().replace('.', '/') + ".class";
        String own =
                Path.of(URI.create(type.getResource("/" + file).toString())).toString();
        return own.substring(0, own.length() - file.length());
    }
}
