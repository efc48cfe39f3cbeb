package dev.hart.testing;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What a build says to all tests: JUnit configuration parameters, which may be system properties, and the environment. */
final class TestSettings {
    private final Function<String, Optional<String>> parameters;

    TestSettings(Function<String, Optional<String>> parameters) {
        this.parameters = parameters;
    }

    static TestSettings of(ExtensionContext test) {
        return new TestSettings(test::getConfigurationParameter);
    }

    /** Those outside a JUnit extension: system properties and the environment only. */
    static TestSettings ofProcess() {
        return new TestSettings(key -> Optional.ofNullable(System.getProperty(key)));
    }

    Optional<String> get(String key) {
        return parameters.apply(key).map(String::strip).filter(value -> !value.isEmpty());
    }

    /** Whether {@code hart.NAME}, or {@code HART_NAME} in the environment, is true. */
    boolean isOn(String name) {
        return get("hart." + name)
                .or(() -> Optional.ofNullable(System.getenv("HART_" + name.toUpperCase(java.util.Locale.ROOT))))
                .map(Boolean::parseBoolean)
                .orElse(false);
    }

    /** Whether this is a build server, where no test may write files to be committed. */
    boolean isCi() {
        return get("hart.ci")
                .or(() -> Optional.ofNullable(System.getenv("CI")))
                .map(value -> !value.isBlank() && !value.equalsIgnoreCase("false"))
                .orElse(false);
    }

    /** The folder for the files of a test class, which need not exist: below {@code src/test/resources} of its module. */
    Path folder(Class<?> tests) {
        Path resources = get("hart.test.resources")
                .map(Path::of)
                .orElseGet(() -> module(tests).resolve("src/test/resources"));
        return resources
                .resolve(tests.getPackageName().replace('.', '/'))
                .resolve(tests.getName()
                        .substring(tests.getPackageName().length()
                                + (tests.getPackageName().isEmpty() ? 0 : 1))
                        .replace('$', '.'));
    }

    /** The folder above the compiled class that has {@code src/test}; the current one when there is none. */
    private static Path module(Class<?> tests) {
        @Nullable CodeSource source = tests.getProtectionDomain().getCodeSource();
        if (source != null && source.getLocation() != null) {
            try {
                for (@Nullable Path folder = Path.of(source.getLocation().toURI());
                        folder != null;
                        folder = folder.getParent()) {
                    if (Files.isDirectory(folder.resolve("src/test"))) {
                        return folder;
                    }
                }
            } catch (URISyntaxException | IllegalArgumentException | java.nio.file.FileSystemNotFoundException e) {
                // A class that does not come from the file system has no folder of its own.
                return Path.of("").toAbsolutePath();
            }
        }
        return Path.of("").toAbsolutePath();
    }
}
