package dev.hart.ledger;

import java.util.List;

/** What the votes on one result amount to so far. */
public record Consensus(int total, int agreed, Decision decision) {

    /** Accepted or not. */
    public enum Decision {
        /** Fewer than two have voted. */
        UNDECIDED,
        /** More than half agreed. */
        ACCEPTED,
        REJECTED
    }

    static Consensus of(List<Vote> votes) {
        int agreed = (int) votes.stream().filter(Vote::verdict).count();
        Decision decision = votes.size() < Votes.MIN_VERIFIERS
                ? Decision.UNDECIDED
                : 2 * agreed > votes.size() ? Decision.ACCEPTED : Decision.REJECTED;
        return new Consensus(votes.size(), agreed, decision);
    }
}
