package dev.hart.testing;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.List;
import java.util.Map;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;
import org.junit.platform.launcher.listeners.TestExecutionSummary.Failure;

/** Runs tests inside a test, to see them fail. */
final class Launch {
    private Launch() {}

    static TestExecutionSummary of(Class<?> tests, Map<String, String> settings) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(tests))
                .configurationParameters(settings)
                .build();
        LauncherFactory.create().execute(request, listener);
        return listener.getSummary();
    }

    /** What the tests failed with; empty when all passed. */
    static List<Throwable> failures(Class<?> tests, Map<String, String> settings) {
        return of(tests, settings).getFailures().stream()
                .map(Failure::getException)
                .toList();
    }
}
