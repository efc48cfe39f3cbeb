package dev.hart.server.cli;

import dev.hart.security.trust.BootReport;
import java.util.List;
import java.util.Locale;

/** What the checks of a node's start found, in a few words. */
final class Postures {
    private Postures() {}

    /** @param trusts whether the node has trust anchors */
    static String line(boolean trusts, BootReport report) {
        String failed = String.join("; ", failures(report));
        String behind = failed.isEmpty() ? "" : "; but " + failed;
        return switch (report.posture()) {
            case LOCAL ->
                (trusts
                                ? "kill switch only: without a release nothing says what the code should be"
                                : "development: no trust anchors, so no release is checked and no other node believed")
                        + behind;
            case VERIFIED ->
                "verified: release "
                        + (report.manifest() == null ? "" : report.manifest().version()) + behind;
            case REFUSED ->
                "refused, and started all the same (enforcement "
                        + report.enforcement().name().toLowerCase(Locale.ROOT) + "): " + failed;
        };
    }

    /** Each failed check with what it found. */
    static List<String> failures(BootReport report) {
        return report.steps().stream()
                .filter(step -> step.outcome() == BootReport.Outcome.FAILED)
                .map(step -> step.name() + ": " + step.detail())
                .toList();
    }
}
