package dev.hart.server.cli;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.error.StoreUnavailableException;
import dev.hart.security.NodeKey;
import dev.hart.security.trust.CircuitBreaker;
import dev.hart.security.trust.CircuitBreakerBuilder;
import dev.hart.security.trust.TrustAnchors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whose orders the node takes. */
final class TrustOptions {
    @Option(
            names = "--trust-anchor",
            paramLabel = "HEX",
            description = "a public key of 64 hex digits whose halt orders are taken; may be given again")
    private List<String> anchors = new ArrayList<>();

    @Option(
            names = "--trust-threshold",
            paramLabel = "N",
            description = "how many anchors must sign to resume (all of them)")
    private @Nullable Integer threshold;

    @Option(names = "--region", description = "the region whose orders are this node's too")
    private @Nullable String region;

    /** The kill switch in the data directory; null when no anchor is given. */
    @Nullable
    CircuitBreaker open(Path dataDirectory) {
        if (anchors.isEmpty()) {
            if (threshold != null || region != null) {
                throw new InvalidConfigurationException(
                        "--trust-threshold and --region mean nothing without a --trust-anchor");
            }
            return null;
        }
        try {
            Files.createDirectories(dataDirectory);
        } catch (IOException e) {
            throw new StoreUnavailableException("cannot create the data directory " + dataDirectory + ": " + e, e);
        }
        CircuitBreakerBuilder builder = CircuitBreaker.in(dataDirectory)
                .anchors(TrustAnchors.ofHex(threshold == null ? anchors.size() : threshold, anchors))
                .node(NodeKey.in(dataDirectory).keyId());
        return (region == null ? builder : builder.region(region)).open();
    }
}
