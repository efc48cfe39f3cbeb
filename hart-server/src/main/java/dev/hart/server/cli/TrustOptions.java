package dev.hart.server.cli;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.security.node.NodeSafety;
import dev.hart.security.trust.Enforcement;
import dev.hart.security.trust.TrustAnchors;
import dev.hart.server.HartServerBuilder;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whom the node trusts. An option wins over its variable. */
final class TrustOptions {
    @Option(
            names = "--trust-anchor",
            paramLabel = "HEX",
            description = "a public key of 64 hex digits whose halt orders are taken; may be given again")
    private List<String> anchors = new ArrayList<>();

    @Option(
            names = "--trust-threshold",
            paramLabel = "N",
            description = "how many anchors must sign to resume, and a release (all of them)")
    private @Nullable Integer threshold;

    @Option(names = "--region", description = "the region whose orders are this node's too")
    private @Nullable String region;

    @Option(
            names = "--release",
            paramLabel = "DIR",
            description = "the folder with the signed release that this node must be")
    private @Nullable Path release;

    @Option(
            names = "--enforcement",
            paramLabel = "MODE",
            description = "what a failed check of the start means: off, warn, soft or hard (hard)")
    private @Nullable String enforcement;

    @Option(
            names = "--operator-key",
            paramLabel = "HEX",
            description = "a public key of a person who may clear an emergency stop; may be given again")
    private List<String> operators = new ArrayList<>();

    @Option(
            names = "--peer",
            paramLabel = "URL",
            description = "another node, which gets the orders that this one took; may be given again")
    private List<String> peers = new ArrayList<>();

    @Option(
            names = "--lan-peer",
            paramLabel = "URL",
            description = "the same for a node on your own network; may be given again")
    private List<String> lanPeers = new ArrayList<>();

    /**
     * What the options and variables say.
     *
     * @throws InvalidConfigurationException when they do not fit together
     */
    NodeSafety.Settings settings(Path dataDirectory, Map<String, String> environment) {
        NodeSafety.Settings settings = NodeSafety.in(dataDirectory);
        List<String> keys = given(anchors, environment, "HART_TRUST_ANCHORS");
        Path folder = release;
        if (folder == null && !text(environment, "HART_RELEASE").isEmpty()) {
            folder = Path.of(text(environment, "HART_RELEASE"));
        }
        if (keys.isEmpty() && (threshold != null || region != null || folder != null)) {
            throw new InvalidConfigurationException(
                    "--trust-threshold, --region and --release mean nothing without a --trust-anchor");
        }
        if (!keys.isEmpty()) {
            settings.trust(TrustAnchors.ofHex(threshold == null ? keys.size() : threshold, keys));
        }
        if (region != null) {
            settings.region(region);
        }
        if (folder != null) {
            settings.release(folder.toAbsolutePath().normalize());
        }
        String mode = enforcement == null ? text(environment, "HART_ENFORCEMENT_MODE") : enforcement;
        if (!mode.isEmpty()) {
            settings.enforcement(Enforcement.parse(mode));
        }
        List<String> people = given(operators, environment, "HART_OPERATOR_KEYS");
        if (!people.isEmpty()) {
            settings.operators(TrustAnchors.ofHex(1, people));
        }
        return settings;
    }

    /** Whether any anchor is named. */
    boolean namesAnchors(Map<String, String> environment) {
        return !given(anchors, environment, "HART_TRUST_ANCHORS").isEmpty();
    }

    void peers(HartServerBuilder server, Map<String, String> environment) {
        given(peers, environment, "HART_PEERS").forEach(peer -> server.peer(uri(peer)));
        given(lanPeers, environment, "HART_LAN_PEERS").forEach(peer -> server.peerOnOwnNetwork(uri(peer)));
    }

    private static URI uri(String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigurationException("a peer is like https://node.example, was '" + text + "'", e);
        }
    }

    private static List<String> given(List<String> options, Map<String, String> environment, String variable) {
        return options.isEmpty()
                ? Arrays.stream(text(environment, variable).split(","))
                        .map(String::strip)
                        .filter(part -> !part.isEmpty())
                        .toList()
                : options;
    }

    private static String text(Map<String, String> environment, String variable) {
        return environment.getOrDefault(variable, "").strip();
    }
}
