package dev.hart.security.trust;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A node's own chain of certificates, and the one before it while that is still valid: peers that have not seen the new one
 * are still understood. Thread-safe.
 */
public final class CertificateRotation {
    private final ChainVerifier verifier;
    private final PublicKey key;
    private final InstantSource clock;
    private volatile @Nullable Held current;
    private volatile @Nullable Held previous;

    private record Held(List<X509Certificate> chain, NodeCredential credential) {}

    /** @param key the node's key, which every certificate of it must have */
    public CertificateRotation(ChainVerifier verifier, PublicKey key, InstantSource clock) {
        this.verifier = verifier;
        this.key = key;
        this.clock = clock;
    }

    /** Takes a chain that is valid now, for this node's key and to the end of a longer time; else nothing changes. */
    public synchronized ChainResult install(List<X509Certificate> chain) {
        ChainResult result = verifier.verify(chain, Purpose.PEER_LINK, clock.instant());
        if (!(result instanceof ChainResult.Valid valid)) {
            return result;
        }
        if (!valid.credential().publicKey().equals(key)) {
            return new ChainResult.Invalid(ChainResult.Failure.ID_MISMATCH, "the chain is of another node's key");
        }
        Held now = current;
        if (now != null && !valid.credential().notAfter().isAfter(now.credential.notAfter())) {
            return new ChainResult.Invalid(
                    ChainResult.Failure.LIFETIME, "the chain ends no later than the one there is");
        }
        previous = now;
        current = new Held(List.copyOf(chain), valid.credential());
        return result;
    }

    /** What the node is, by its newest chain; empty when that has ended. */
    public Optional<NodeCredential> credential() {
        return Optional.ofNullable(current)
                .map(Held::credential)
                .filter(c -> !clock.instant().isAfter(c.notAfter()));
    }

    /** The newest chain, and the one before it while it is valid. */
    public List<List<X509Certificate>> chains() {
        Instant now = clock.instant();
        return java.util.stream.Stream.of(Optional.ofNullable(current), Optional.ofNullable(previous))
                .flatMap(Optional::stream)
                .filter(held -> !now.isAfter(held.credential.notAfter()))
                .map(Held::chain)
                .toList();
    }

    /** Whether two thirds of the newest chain's life are over, or there is none. */
    public boolean isRenewalDue() {
        Held now = current;
        return now == null || !clock.instant().isBefore(now.credential.renewAt());
    }
}
