package dev.hart.security.trust;

import java.util.Set;

/** What a chain is shown for. */
public enum Purpose {
    /** A link between nodes: any node with a certificate. */
    PEER_LINK(CertificateTier.LOCAL, CertificateTier.REGIONAL, CertificateTier.CENTRAL),
    /** Work that others give, and deltas. */
    WORK(CertificateTier.LOCAL, CertificateTier.REGIONAL, CertificateTier.CENTRAL),
    /** Coordinating the nodes of a region. */
    COORDINATE(CertificateTier.REGIONAL, CertificateTier.CENTRAL),
    /** Banning a node. */
    BAN(CertificateTier.CENTRAL);

    private final Set<CertificateTier> tiers;

    Purpose(CertificateTier... tiers) {
        this.tiers = Set.of(tiers);
    }

    boolean allows(CertificateTier tier) {
        return tiers.contains(tier);
    }
}
