package dev.hart.testing;

import dev.hart.error.InvalidConfigurationException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Plays a test annotated with {@link CrashEverywhere} in processes of its own instead of calling its method here. */
final class CrashExtension implements ParameterResolver, InvocationInterceptor {

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
        return isScenario(parameter.getDeclaringExecutable())
                && CrashScenario.takes(parameter.getParameter().getType());
    }

    static boolean isScenario(Object executable) {
        return executable instanceof Method method && AnnotationSupport.isAnnotated(method, CrashEverywhere.class);
    }

    /** Nothing: the method is not called here. */
    @Override
    public @Nullable Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
        return null;
    }

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> call, ExtensionContext test)
            throws Throwable {
        CrashEverywhere order = AnnotationSupport.findAnnotation(call.getExecutable(), CrashEverywhere.class)
                .orElse(null);
        if (order == null) {
            invocation.proceed();
            return;
        }
        if (order.maxPoints() < 1 || order.timeoutSeconds() < 1) {
            throw new InvalidConfigurationException(
                    "maxPoints and timeoutSeconds of %s must be at least 1, were %d and %d"
                            .formatted(call.getExecutable(), order.maxPoints(), order.timeoutSeconds()));
        }
        invocation.skip();
        Path folder = Files.createTempDirectory("hart-crash-").toRealPath();
        try {
            CrashRuns.Result result = CrashRuns.play(test.getRequiredTestClass(), call.getExecutable(), order, folder);
            System.out.println(result.summary());
            test.publishReportEntry("crashes", result.summary());
            result.check();
        } finally {
            Folders.delete(folder);
        }
    }
}
