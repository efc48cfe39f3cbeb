package dev.hart.testing;

import dev.hart.error.InvalidConfigurationException;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;

/** Gives each invocation of a test annotated with {@link ShuffledSteps} its seed. */
final class ShuffleExtension implements TestTemplateInvocationContextProvider {
    private static final Namespace NAMESPACE = Namespace.create(ShuffleExtension.class);
    private static final Pattern INVOCATION = Pattern.compile("\\[test-template-invocation:#(\\d+)]$");
    private static final int MAX_TIMES = 10_000;

    @Override
    public boolean supportsTestTemplate(ExtensionContext test) {
        return AnnotationSupport.isAnnotated(test.getTestMethod(), ShuffledSteps.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext test) {
        int times =
                test.getRequiredTestMethod().getAnnotation(ShuffledSteps.class).times();
        if (times < 1 || times > MAX_TIMES) {
            throw new InvalidConfigurationException(
                    "times of %s must be 1 to %d, was %d".formatted(test.getRequiredTestMethod(), MAX_TIMES, times));
        }
        long[] seeds = TestSettings.of(test)
                .get("hart.seed")
                .map(seed -> new long[] {Long.parseLong(seed)})
                .orElseGet(
                        () -> new SplittableRandom().longs(times, 0, 1L << 32).toArray());
        test.getStore(NAMESPACE).put("seeds", seeds);
        return Arrays.stream(seeds).mapToObj(ShuffleExtension::named);
    }

    private static TestTemplateInvocationContext named(long seed) {
        return new TestTemplateInvocationContext() {
            @Override
            public String getDisplayName(int invocation) {
                return "seed " + seed;
            }
        };
    }

    /** The seed of an invocation; empty for a test that is not shuffled. */
    static OptionalLong seed(ExtensionContext test) {
        long[] seeds = test.getStore(NAMESPACE).get("seeds", long[].class);
        Matcher invocation = INVOCATION.matcher(test.getUniqueId());
        return seeds == null || !invocation.find()
                ? OptionalLong.empty()
                : OptionalLong.of(seeds[Integer.parseInt(invocation.group(1)) - 1]);
    }
}
