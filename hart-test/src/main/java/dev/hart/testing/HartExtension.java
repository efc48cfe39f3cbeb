package dev.hart.testing;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.error.InvalidConfigurationException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;

/** Gives tests annotated with {@link HartTest} or {@link Recorded} their parameters, and cleans up behind them. */
final class HartExtension implements BeforeEachCallback, ParameterResolver, AfterEachCallback {
    private static final Namespace NAMESPACE = Namespace.create(HartExtension.class);
    private static final Pattern INVOCATION = Pattern.compile("\\[test-template-invocation:#(\\d+)\\]");

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
        return test.getTestMethod().isPresent()
                && parameter.getDeclaringExecutable() instanceof Method
                && !CrashExtension.isScenario(parameter.getDeclaringExecutable())
                && isOurs(parameter.getParameter(), test);
    }

    /** Opens a recording before the test, so that one that is missing says so first. */
    @Override
    public void beforeEach(ExtensionContext test) {
        if (annotation(test, Recorded.class).isPresent()) {
            runtimeOf(test);
        }
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
        TestRuntime runtime = runtimeOf(test);
        Class<?> type = parameter.getParameter().getType();
        if (type == Hart.class) {
            return runtime.hart();
        }
        if (type == HartBuilder.class) {
            return runtime.builder();
        }
        if (type == FakeClock.class) {
            return runtime.clock();
        }
        if (type == Cassette.class) {
            return Objects.requireNonNull(runtime.recording()).cassette();
        }
        if (type == Faults.class) {
            return Objects.requireNonNull(runtime.faults());
        }
        return type == ScriptedModel.class ? runtime.model() : runtime.workspace();
    }

    @Override
    public void afterEach(ExtensionContext test) {
        TestRuntime runtime = test.getStore(NAMESPACE).remove(TestRuntime.class, TestRuntime.class);
        if (runtime != null) {
            String said = runtime.close(
                    test.getDisplayName(), test.getExecutionException().orElse(null));
            if (said != null) {
                test.publishReportEntry("recording", said);
            }
        }
    }

    private static TestRuntime runtimeOf(ExtensionContext test) {
        ExtensionContext.Store store = test.getStore(NAMESPACE);
        TestRuntime open = store.get(TestRuntime.class, TestRuntime.class);
        if (open != null) {
            return open;
        }
        OptionalLong shuffled = ShuffleExtension.seed(test);
        TestRuntime opened = TestRuntime.open(new TestRuntime.Settings(
                annotation(test, HartTest.class).map(HartTest::durable).orElse(false),
                takes(test, ScriptedModel.class),
                takes(test, Faults.class),
                recording(test),
                shuffled.isPresent(),
                shuffled.orElseGet(() -> seed(test))));
        store.put(TestRuntime.class, opened);
        return opened;
    }

    private static @Nullable TestRecording recording(ExtensionContext test) {
        Recorded order = annotation(test, Recorded.class).orElse(null);
        if (order == null) {
            return null;
        }
        if (takes(test, ScriptedModel.class)) {
            throw new InvalidConfigurationException(
                    "the answers of %s are recorded, and its model is scripted: leave out @Recorded or the ScriptedModel"
                            .formatted(test.getRequiredTestMethod()));
        }
        return TestRecording.open(order, TestSettings.of(test), test.getRequiredTestClass(), fileName(test));
    }

    /** The method's name, and what tells its overloads and invocations apart. */
    private static String fileName(ExtensionContext test) {
        Method method = test.getRequiredTestMethod();
        StringBuilder name = new StringBuilder(method.getName());
        boolean overloaded = Arrays.stream(method.getDeclaringClass().getDeclaredMethods())
                .filter(other -> !other.isSynthetic() && other.getName().equals(method.getName()))
                .skip(1)
                .findAny()
                .isPresent();
        if (overloaded) {
            for (Class<?> type : method.getParameterTypes()) {
                name.append('-').append(type.getSimpleName().replace("[]", "s"));
            }
        }
        Matcher invocation = INVOCATION.matcher(test.getUniqueId());
        while (invocation.find()) {
            name.append('-').append(invocation.group(1));
        }
        return name.toString();
    }

    /** The annotation of the method, else of the class, else of a class around it. */
    private static <A extends Annotation> Optional<A> annotation(ExtensionContext test, Class<A> annotation) {
        Optional<A> found = AnnotationSupport.findAnnotation(test.getTestMethod(), annotation);
        @Nullable Class<?> type = test.getRequiredTestClass();
        while (found.isEmpty() && type != null) {
            found = AnnotationSupport.findAnnotation(type, annotation);
            type = type.getEnclosingClass();
        }
        return found;
    }

    /** The one that was asked for to repeat a test, else a new one. */
    private static long seed(ExtensionContext test) {
        return TestSettings.of(test).get("hart.seed").map(Long::parseLong).orElseGet(System::nanoTime);
    }

    /** Whether the test, or a method around it, takes such a parameter: only then the runtime has one. */
    private static boolean takes(ExtensionContext test, Class<?> parameter) {
        if (takes(test.getRequiredTestMethod(), parameter)) {
            return true;
        }
        @Nullable Class<?> type = test.getRequiredTestClass();
        while (type != null) {
            for (var annotation : Arrays.asList(BeforeEach.class, AfterEach.class)) {
                if (AnnotationSupport.findAnnotatedMethods(type, annotation, HierarchyTraversalMode.TOP_DOWN).stream()
                        .anyMatch(method -> takes(method, parameter))) {
                    return true;
                }
            }
            type = type.getEnclosingClass();
        }
        return false;
    }

    private static boolean takes(Method method, Class<?> parameter) {
        return Arrays.asList(method.getParameterTypes()).contains(parameter);
    }

    private static boolean isOurs(Parameter parameter, ExtensionContext test) {
        Class<?> type = parameter.getType();
        return type == Hart.class
                || type == HartBuilder.class
                || type == FakeClock.class
                || type == ScriptedModel.class
                || type == Faults.class
                || (type == Cassette.class && annotation(test, Recorded.class).isPresent())
                || (type == Path.class && !AnnotationSupport.isAnnotated(parameter, TempDir.class));
    }
}
