package dev.hart.security.trust;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A node's names in its certificate.
 *
 * @param nodeId the key's id, 32 hex digits
 * @param region one DNS label in lower case; null for the root and centrals
 * @param trustDomain the domain that the network's operator owns, in lower case
 */
public record NodeIdentity(String nodeId, @Nullable String region, String trustDomain) {
    private static final Pattern DOMAIN =
            Pattern.compile("(?=.{1,200}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+");

    public NodeIdentity {
        nodeId = new HaltScope.Node(nodeId).id();
        region = region == null ? null : new HaltScope.Region(region).name();
        if (!DOMAIN.matcher(trustDomain).matches()) {
            throw new IllegalArgumentException("a trust domain is a DNS name of two labels or more, in lower case");
        }
    }

    /** What a region's certificates end in: {@code us-east-1.example.org}. */
    public String domain() {
        return region == null ? trustDomain : region + "." + trustDomain;
    }

    /** Its DNS name: {@code <node id>.us-east-1.example.org}. */
    public String dnsName() {
        return nodeId + "." + domain();
    }

    /** Its SPIFFE id: {@code spiffe://example.org/region/us-east-1/node/<node id>}. */
    public String uri() {
        return "spiffe://" + trustDomain + (region == null ? "" : "/region/" + region) + "/node/" + nodeId;
    }
}
