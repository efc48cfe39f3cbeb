package dev.hart.security.trust;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the checks of a start found, step by step, and what the node may do because of it.
 *
 * @param steps in the order in which they were made
 * @param manifest the release that this node is; null when it could not be verified
 * @param jvm how open the JVM is; null when that could not be seen
 * @param credential who the node is, by its certificates; null when it has none
 */
public record BootReport(
        Posture posture,
        Enforcement enforcement,
        List<Step> steps,
        @Nullable ReleaseManifest manifest,
        @Nullable JvmPosture jvm,
        @Nullable NodeCredential credential) {

    /** What the node is to others. */
    public enum Posture {
        /** Nobody said whom to trust: guardrails are on, and there is no network. */
        LOCAL,
        /** Every check up to the certificates passed. */
        VERIFIED,
        /** A check failed: no network, no peers, no remote orders. */
        REFUSED
    }

    /** What became of a step. */
    public enum Outcome {
        PASSED,
        FAILED,
        /** It does not apply, such as certificates on a flat node. */
        SKIPPED
    }

    /**
     * One step.
     *
     * @param detail for people; holds no secret
     */
    public record Step(String name, Outcome outcome, String detail) {}

    public BootReport {
        steps = List.copyOf(steps);
    }

    /** Whether no step failed. */
    public boolean passed() {
        return steps.stream().noneMatch(step -> step.outcome() == Outcome.FAILED);
    }

    /** Whether the node may speak to others. */
    public boolean allowsNetwork() {
        return posture == Posture.VERIFIED;
    }

    /** Whether the node may run agents. */
    public boolean allowsAgents() {
        return posture != Posture.REFUSED || enforcement == Enforcement.OFF || enforcement == Enforcement.WARN;
    }

    /** The step of that name. */
    public Optional<Step> step(String name) {
        return steps.stream().filter(step -> step.name().equals(name)).findFirst();
    }
}
