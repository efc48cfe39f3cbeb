package dev.hart.security.trust;

/** What a chain of certificates proves. */
public sealed interface ChainResult {

    /** It proves this. */
    record Valid(NodeCredential credential) implements ChainResult {}

    /**
     * It proves nothing.
     *
     * @param message for logs
     */
    record Invalid(Failure failure, String message) implements ChainResult {}

    /** Why a chain proves nothing; stable names. */
    enum Failure {
        NO_TRUST_ANCHOR,
        BAD_SIGNATURE,
        EXPIRED,
        NOT_YET_VALID,
        NOT_CA,
        PATH_TOO_LONG,
        INVALID_NAME,
        REVOKED,
        CRL_STALE,
        UNKNOWN_CRITICAL,
        PROFILE,
        TIER_ORDER,
        CAPABILITY,
        ID_MISMATCH,
        LIFETIME,
        LOW_ORDER_KEY
    }
}
