package dev.hart.security.trust;

import static java.util.Objects.requireNonNull;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.error.StoreUnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a {@link CircuitBreaker} goes by. Not thread-safe. */
public final class CircuitBreakerBuilder implements Cloneable {
    private final Path directory;

    @Nullable
    TrustAnchors anchors;

    int haltThreshold = 1;

    @Nullable
    String nodeId;

    @Nullable
    String region;

    Predicate<String> operator = credential -> false;

    @Nullable
    TrustAnchors operators;

    BiConsumer<String, HaltAnswer.Refused> refusals = (source, refused) -> {};
    InstantSource clock = InstantSource.system();

    CircuitBreakerBuilder(Path directory) {
        this.directory = requireNonNull(directory);
    }

    /** Whose orders are taken; unless set, nobody's, and only an operator stops the node. */
    public CircuitBreakerBuilder anchors(TrustAnchors anchors) {
        this.anchors = requireNonNull(anchors);
        return this;
    }

    /** How many anchors must sign a HALT; 1 unless set. A RESUME always needs the anchors' threshold. */
    public CircuitBreakerBuilder haltThreshold(int haltThreshold) {
        this.haltThreshold = haltThreshold;
        return this;
    }

    /** The node's key id; unless set, orders to a node are never for this one. */
    public CircuitBreakerBuilder node(String nodeId) {
        this.nodeId = new HaltScope.Node(nodeId).id();
        return this;
    }

    /** The node's region; unless set, orders to a region are never for this one. */
    public CircuitBreakerBuilder region(String region) {
        this.region = new HaltScope.Region(region).name();
        return this;
    }

    /** Says whether a credential is an operator's; unless set, none is. Compare secrets in constant time. */
    public CircuitBreakerBuilder operator(Predicate<String> operator) {
        this.operator = requireNonNull(operator);
        return this;
    }

    /**
     * The keys of people who may end an emergency stop with a signed {@link ClearOrder}, and how many of them must sign; unless
     * set, nobody may. Such an order names the node, so {@link #node} must be set too.
     */
    public CircuitBreakerBuilder operators(TrustAnchors operators) {
        this.operators = requireNonNull(operators);
        return this;
    }

    /** Told of refused orders, at most once per source and minute: the audit log. */
    public CircuitBreakerBuilder onRefused(BiConsumer<String, HaltAnswer.Refused> refusals) {
        this.refusals = requireNonNull(refusals);
        return this;
    }

    /** The system's clock unless set. */
    public CircuitBreakerBuilder clock(InstantSource clock) {
        this.clock = requireNonNull(clock);
        return this;
    }

    /**
     * Opens the breaker with what it was told before.
     *
     * @throws InvalidConfigurationException when the threshold fits no anchors, the folder is missing, or another breaker
     *     uses it
     * @throws StoreUnavailableException when the folder cannot be used
     */
    public CircuitBreaker open() {
        int most = anchors == null ? 1 : anchors.keys().size();
        if (haltThreshold < 1 || haltThreshold > most) {
            throw new InvalidConfigurationException(
                    "haltThreshold is 1 to the number of anchors (" + most + "), was " + haltThreshold);
        }
        if (operators != null && nodeId == null) {
            throw new InvalidConfigurationException("orders of operators name a node, and this breaker has no node id");
        }
        if (!Files.isDirectory(directory)) {
            throw new InvalidConfigurationException(
                    "the folder " + directory + " of the halt state is missing; make it");
        }
        try {
            return new CircuitBreaker((CircuitBreakerBuilder) clone(), directory);
        } catch (CloneNotSupportedException e) {
            throw new AssertionError("it is Cloneable", e);
        }
    }
}
