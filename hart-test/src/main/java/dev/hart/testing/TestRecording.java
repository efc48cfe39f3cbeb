package dev.hart.testing;

import dev.hart.HartBuilder;
import dev.hart.HartClock;
import dev.hart.core.tool.ToolRegistry;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.model.LanguageModel;
import dev.hart.tool.ToolSpec;
import dev.hart.tools.BuiltInTools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/** The recording of one test annotated with {@link Recorded}. */
final class TestRecording {
    private static final String ENDING = ".recording.json";

    private final Recorded order;
    private final Path file;
    private final Cassette cassette;
    private @Nullable LanguageModel original;

    private TestRecording(Recorded order, Path file, Cassette cassette) {
        this.order = order;
        this.file = file;
        this.cassette = cassette;
    }

    /**
     * Opens the recording of a test.
     *
     * @param name of the test among those of its class
     * @throws AssertionError when it would have to be made in CI
     */
    static TestRecording open(Recorded order, TestSettings settings, Class<?> tests, String name) {
        Path folder = settings.folder(tests);
        refuseStrays(folder, tests);
        Path file = folder.resolve(name + ENDING);
        boolean recordAnew = settings.isOn("record");
        if (settings.isCi() && (recordAnew || !Files.exists(file))) {
            throw new AssertionError(
                    recordAnew
                            ? "hart.record is set, and this is CI, where nothing is recorded: record on your machine"
                            : "there is no recording %s, and this is CI, where none is made: run the test on your machine, read the file and commit it"
                                    .formatted(file));
        }
        return new TestRecording(order, file, recordAnew ? Cassette.record(file) : Cassette.auto(file));
    }

    /** A file whose test was renamed or removed would stay for ever. */
    private static void refuseStrays(Path folder, Class<?> tests) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Set<String> methods = ReflectionSupport.streamMethods(tests, method -> true, HierarchyTraversalMode.TOP_DOWN)
                .map(Method::getName)
                .collect(Collectors.toSet());
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> strays = files.filter(
                            file -> file.getFileName().toString().endsWith(ENDING))
                    .filter(file ->
                            !methods.contains(file.getFileName().toString().split("[-.]", 2)[0]))
                    .sorted()
                    .toList();
            if (!strays.isEmpty()) {
                throw new AssertionError(
                        "no test of %s uses %s: delete or rename it".formatted(tests.getName(), strays));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the folder " + folder + " cannot be read", e);
        }
    }

    Cassette cassette() {
        return cassette;
    }

    /** Puts the recording between a runtime and the world. */
    void wire(HartBuilder builder) {
        if (!cassette.isRecording()) {
            if (cassette.hasModel()) {
                builder.model(cassette.model(null));
            } else {
                builder.withoutModel();
            }
        } else if (order.model() != Recorded.FromEnvironment.class) {
            if (original == null) {
                original = make(order.model()).get();
            }
            builder.model(original);
        }
        builder.intercept(
                cassette.interceptor(order.tools().length == 0 ? TestRecording.outside() : named(order.tools())));
    }

    private static Supplier<? extends LanguageModel> make(Class<? extends Supplier<? extends LanguageModel>> type) {
        try {
            Constructor<? extends Supplier<? extends LanguageModel>> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (InvocationTargetException e) {
            throw new InvalidConfigurationException(
                    "@Recorded(model = %s): its constructor failed".formatted(type.getName()), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new InvalidConfigurationException(
                    "@Recorded(model = %s) needs a class, static if nested, with a constructor without parameters"
                            .formatted(type.getName()),
                    e);
        }
    }

    /** Every tool but the built-in ones that stay in the process and its workspace. */
    private static Predicate<ToolSpec> outside() {
        ToolRegistry registry = new ToolRegistry();
        BuiltInTools.create(Path.of(""), Set.of(), HartClock.system()).forEach(registry::register);
        Set<String> builtIn = registry.list().stream()
                .map(ToolSpec::name)
                .filter(name -> !name.startsWith("http."))
                .collect(Collectors.toSet());
        return tool -> !builtIn.contains(tool.name());
    }

    private static Predicate<ToolSpec> named(String... patterns) {
        List<ToolNames> names = List.of(patterns).stream().map(ToolNames::of).toList();
        return tool -> names.stream().anyMatch(pattern -> pattern.fits(tool.name()));
    }

    /**
     * Ends the test: writes the file when the test passed, and checks that the test asked what the file holds.
     *
     * @param passed whether the test itself passed
     * @return what to tell the people who ran it; null when there is nothing to tell
     * @throws AssertionError when it asked something else
     */
    @Nullable
    String close(boolean passed) {
        if (cassette.isRecording()) {
            if (!passed) {
                return "nothing was recorded, as the test failed";
            }
            cassette.close();
            return "recorded %d calls in %s: read the file, then commit it".formatted(cassette.size(), file);
        }
        if (passed) {
            cassette.assertUsedUp();
        } else {
            cassette.close();
        }
        return null;
    }
}
