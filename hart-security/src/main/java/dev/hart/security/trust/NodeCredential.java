package dev.hart.security.trust;

import java.math.BigInteger;
import java.security.PublicKey;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who a node is, as a verified chain of certificates says.
 *
 * @param issuerKey the key that signed its certificate
 */
public record NodeCredential(
        NodeIdentity identity,
        CertificateTier tier,
        Set<String> capabilities,
        PublicKey publicKey,
        PublicKey issuerKey,
        BigInteger serial,
        Instant notBefore,
        Instant notAfter) {

    public NodeCredential {
        capabilities = Set.copyOf(capabilities);
    }

    /** The node's id: its key's id. */
    public String nodeId() {
        return identity.nodeId();
    }

    /** When the certificate should be renewed: after two thirds of its life. */
    public Instant renewAt() {
        long life = notAfter.toEpochMilli() - notBefore.toEpochMilli();
        return notBefore.plusMillis(life / 3 * 2);
    }

    /** The credential under the reference's field names, for people to read; it is signed by nobody. */
    public Map<String, Object> view() {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("node_id", nodeId());
        view.put("public_key", HexFormat.of().formatHex(Ed25519.raw(publicKey)));
        view.put("tier", tier.word());
        view.put("region_name", identity.region() == null ? "" : identity.region());
        view.put("issued_at", notBefore.toString());
        view.put("expires_at", notAfter.toString());
        view.put("capabilities", List.copyOf(new TreeSet<>(capabilities)));
        view.put("parent_public_key", HexFormat.of().formatHex(Ed25519.raw(issuerKey)));
        return view;
    }
}
