package dev.hart.security;

import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Another Java process with the classes of this one, to be killed. */
public final class ChildProcess {
    private ChildProcess() {}

    /** A process whose standard output is read here, and that writes nothing else. */
    public static Process of(Class<?> main, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
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
        String file = main.getName().replace('.', '/') + ".class";
        URI place = URI.create(main.getResource("/" + file).toString());
        String own = Path.of(place).toString();
        return Stream.of(
                        System.getProperty("jdk.module.path"),
                        System.getProperty("java.class.path"),
                        own.substring(0, own.length() - file.length()))
                .filter(path -> path != null && !path.isEmpty())
                .collect(Collectors.joining(File.pathSeparator));
    }
}
