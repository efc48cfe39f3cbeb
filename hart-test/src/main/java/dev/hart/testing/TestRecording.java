package dev.hart.testing;

import dev.hart.HartBuilder;
import dev.hart.HartClock;
import dev.hart.core.tool.ToolRegistry;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.model.LanguageModel;
import dev.hart.tool.ToolSpec;
import dev.hart.tools.BuiltInTools;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The recording of one test annotated with {@link Recorded}. */
final class TestRecording {
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
        Path file = settings.folder(tests).resolve(name + ".recording.json");
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
