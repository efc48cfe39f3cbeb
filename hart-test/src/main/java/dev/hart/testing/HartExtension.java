package dev.hart.testing;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;

/** Gives tests annotated with {@link HartTest} their parameters, and cleans up behind them. */
final class HartExtension implements ParameterResolver, AfterEachCallback {
    private static final Namespace NAMESPACE = Namespace.create(HartExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
        return test.getTestMethod().isPresent()
                && parameter.getDeclaringExecutable() instanceof Method
                && isOurs(parameter.getParameter());
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
        return type == ScriptedModel.class ? runtime.model() : runtime.workspace();
    }

    @Override
    public void afterEach(ExtensionContext test) {
        TestRuntime runtime = test.getStore(NAMESPACE).remove(TestRuntime.class, TestRuntime.class);
        if (runtime != null) {
            runtime.close(test.getDisplayName(), test.getExecutionException().orElse(null));
        }
    }

    private static TestRuntime runtimeOf(ExtensionContext test) {
        ExtensionContext.Store store = test.getStore(NAMESPACE);
        TestRuntime open = store.get(TestRuntime.class, TestRuntime.class);
        if (open != null) {
            return open;
        }
        boolean durable = annotation(test).map(HartTest::durable).orElse(false);
        TestRuntime opened = TestRuntime.open(durable, takesModel(test));
        store.put(TestRuntime.class, opened);
        return opened;
    }

    /** The annotation of the method, else of the class, else of a class around it. */
    private static Optional<HartTest> annotation(ExtensionContext test) {
        Optional<HartTest> found = AnnotationSupport.findAnnotation(test.getTestMethod(), HartTest.class);
        @Nullable Class<?> type = test.getRequiredTestClass();
        while (found.isEmpty() && type != null) {
            found = AnnotationSupport.findAnnotation(type, HartTest.class);
            type = type.getEnclosingClass();
        }
        return found;
    }

    /** Whether the test, or a method around it, takes a model: only then the runtime has one. */
    private static boolean takesModel(ExtensionContext test) {
        if (takesModel(test.getRequiredTestMethod())) {
            return true;
        }
        @Nullable Class<?> type = test.getRequiredTestClass();
        while (type != null) {
            for (var annotation : Arrays.asList(BeforeEach.class, AfterEach.class)) {
                if (AnnotationSupport.findAnnotatedMethods(type, annotation, HierarchyTraversalMode.TOP_DOWN).stream()
                        .anyMatch(HartExtension::takesModel)) {
                    return true;
                }
            }
            type = type.getEnclosingClass();
        }
        return false;
    }

    private static boolean takesModel(Method method) {
        return Arrays.asList(method.getParameterTypes()).contains(ScriptedModel.class);
    }

    private static boolean isOurs(Parameter parameter) {
        Class<?> type = parameter.getType();
        return type == Hart.class
                || type == HartBuilder.class
                || type == FakeClock.class
                || type == ScriptedModel.class
                || (type == Path.class && !AnnotationSupport.isAnnotated(parameter, TempDir.class));
    }
}
