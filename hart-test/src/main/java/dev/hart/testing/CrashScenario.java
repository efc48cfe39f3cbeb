package dev.hart.testing;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.error.InvalidConfigurationException;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The program of a process that plays the scenario of a test annotated with {@link CrashEverywhere}: first, perhaps, to its end
 * in a folder where another process was killed, then in a fresh folder until it is killed itself.
 */
final class CrashScenario {
    static final String FINISH = "finish";
    private static final String LOG = "log.jsonl";

    private final Class<?> tests;
    private final Method method;

    CrashScenario(Class<?> tests, Method method) {
        this.tests = tests;
        this.method = method;
        method.setAccessible(true);
    }

    static boolean takes(Class<?> parameter) {
        return parameter == Hart.class
                || parameter == Path.class
                || parameter == FakeClock.class
                || parameter == ScriptedModel.class;
    }

    static Path log(Path folder) {
        return folder.resolve(LOG);
    }

    /** Arguments: test class, declaring class, method, its parameter types, and then, for each folder, what to do, a number, and the folder. */
    public static void main(String[] args) throws Exception {
        CrashScenario scenario = new CrashScenario(Class.forName(args[0]), method(args[1], args[2], args[3]));
        for (int i = 4; i < args.length; i += 3) {
            CrashPoint point = args[i].equals(FINISH)
                    ? null
                    : new CrashPoint(CrashPoint.Kind.valueOf(args[i]), Integer.parseInt(args[i + 1]), "");
            scenario.play(Path.of(args[i + 2]), point);
        }
    }

    /** The arguments of {@link #main} that name a scenario. */
    static List<String> arguments(Class<?> tests, Method method) {
        return List.of(
                tests.getName(),
                method.getDeclaringClass().getName(),
                method.getName(),
                String.join(
                        ",",
                        Arrays.stream(method.getParameterTypes())
                                .map(Class::getName)
                                .toList()));
    }

    private static Method method(String type, String name, String parameters) throws ReflectiveOperationException {
        List<Class<?>> types = new ArrayList<>();
        for (String parameter : parameters.isEmpty() ? new String[0] : parameters.split(",")) {
            types.add(Class.forName(parameter));
        }
        return Class.forName(type).getDeclaredMethod(name, types.toArray(new Class<?>[0]));
    }

    /** Plays the scenario on what is in the folder. */
    private void play(Path folder, @Nullable CrashPoint point) throws IOException, ReflectiveOperationException {
        CrashLog.Content before = CrashLog.read(log(folder));
        Path workspace = Files.createDirectories(folder.resolve("workspace"));
        FakeClock clock = FakeClock.create();
        if (before.at() != null) {
            clock.advance(Duration.between(FakeClock.START, before.at()));
        }
        ScriptedModel model = ScriptedModel.on(clock);
        Object test = instance(tests);
        try (CrashLog log = CrashLog.append(log(folder))) {
            log.processStarts();
            CrashRecorder recorder = new CrashRecorder(log, point);
            HartBuilder builder = Hart.configure()
                    .dataDirectory(folder.resolve("data"))
                    .workspace(workspace)
                    .clock(clock)
                    .onEvent(recorder::event)
                    .intercept(recorder);
            if (List.of(method.getParameterTypes()).contains(ScriptedModel.class)) {
                builder.model(model);
            } else {
                builder.withoutModel();
            }
            if (test instanceof CrashEverywhere.Setup setup) {
                setup.configure(builder);
            }
            try (Hart opened = builder.create()) {
                recorder.watch(opened);
                CrashedHart hart = new CrashedHart(opened, before.begun(), log);
                Throwable thrown = thrownBy(test, hart, workspace, clock, model);
                log.end(hart.ends(), thrown);
            }
        }
    }

    private @Nullable Throwable thrownBy(Object test, Hart hart, Path workspace, FakeClock clock, ScriptedModel model)
            throws ReflectiveOperationException {
        Object[] arguments = Arrays.stream(method.getParameterTypes())
                .map(type -> type == Hart.class
                        ? hart
                        : type == Path.class ? workspace : type == FakeClock.class ? clock : model)
                .toArray();
        try {
            method.invoke(test, arguments);
            return null;
        } catch (InvocationTargetException e) {
            Throwable thrown = Objects.requireNonNull(e.getCause());
            thrown.printStackTrace();
            return thrown;
        }
    }

    private static Object instance(Class<?> type) throws ReflectiveOperationException {
        @Nullable Class<?> outer = type.getEnclosingClass();
        boolean inner = outer != null && !Modifier.isStatic(type.getModifiers());
        try {
            if (inner) {
                Constructor<?> constructor = type.getDeclaredConstructor(outer);
                constructor.setAccessible(true);
                return constructor.newInstance(instance(outer));
            }
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (NoSuchMethodException e) {
            throw new InvalidConfigurationException(
                    "a test class with @CrashEverywhere needs a constructor without parameters, and %s has none"
                            .formatted(type.getName()),
                    e);
        }
    }
}
