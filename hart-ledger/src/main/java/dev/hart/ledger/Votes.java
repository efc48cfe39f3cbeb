package dev.hart.ledger;

import dev.hart.error.LedgerException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What verifiers say of results, and what follows when enough have spoken. */
final class Votes {
    static final int MIN_VERIFIERS = 2;
    private static final int MAX_REPETITIONS = 3;

    private final LedgerJournal journal;
    private final Lifecycle lifecycle;
    private final Creation creation;
    private final int expected;

    /** @param expected how many verifiers decide; at least 2 */
    Votes(LedgerJournal journal, Lifecycle lifecycle, Creation creation, int expected) {
        Limits.requireRange("expected verifiers", expected, MIN_VERIFIERS, 100);
        this.journal = journal;
        this.lifecycle = lifecycle;
        this.creation = creation;
        this.expected = expected;
    }

    Consensus vote(TaskRow row, String verifier, boolean verdict, @Nullable Object evidence) {
        Limits.requireId("verifier", verifier);
        String hash = row.resultHash;
        if (row.status != TaskStatus.COMPLETED || hash == null) {
            throw new LedgerException(
                    "NOT_READY",
                    "task %s is %s and has no result to verify"
                            .formatted(journal.name(row.taskId), row.status.wireName()));
        }
        if (verifier.equals(row.workerId)) {
            throw new LedgerException(
                    "NOT_OWNER",
                    "%s produced the result of task %s and cannot verify it"
                            .formatted(verifier, journal.name(row.taskId)));
        }
        List<Vote> votes = ofRound(row);
        for (Vote vote : votes) {
            if (vote.verifier().equals(verifier)) {
                if (vote.verdict() == verdict) {
                    return Consensus.of(votes);
                }
                throw new LedgerException(
                        "ALREADY_VOTED",
                        "%s has voted %s on attempt %d of task %s"
                                .formatted(verifier, vote.verdict(), row.retryCount + 1, journal.name(row.taskId)));
            }
        }
        Vote vote = new Vote(
                row.taskId,
                row.retryCount + 1,
                verifier,
                hash,
                verdict,
                evidence == null
                        ? null
                        : CanonicalJson.read(
                                journal.redacted(evidence, journal.options().maxPayloadBytes())
                                        .text()),
                Instant.ofEpochMilli(journal.now()));
        journal.record(
                row.taskId,
                Projection.VERIFICATION_RECORDED,
                new CanonicalJson.Raw(CanonicalJson.write(document(vote))));
        journal.tables().insertVote(vote);
        return decide(row, ofRound(row));
    }

    private List<Vote> ofRound(TaskRow row) {
        return journal.unflushed().votes(row.taskId).stream()
                .filter(vote ->
                        vote.attempt() == row.retryCount + 1 && Objects.equals(vote.resultHash(), row.resultHash))
                .toList();
    }

    private Consensus decide(TaskRow row, List<Vote> votes) {
        Consensus consensus = Consensus.of(votes);
        if (votes.size() == expected && consensus.decision() == Consensus.Decision.REJECTED) {
            lifecycle.move(
                    row,
                    TaskStatus.ROLLED_BACK,
                    Projection.ROLLED_BACK,
                    Map.of("reason", "its verifiers rejected the result"));
            if (repetitions(row) < MAX_REPETITIONS && parentIsOpen(row)) {
                creation.retryAsNew(row);
            }
        }
        return consensus;
    }

    /** A parent that has ended takes no child any more. */
    private boolean parentIsOpen(TaskRow row) {
        return row.parentTaskId == null
                || !journal.require(row.parentTaskId).status.isTerminal();
    }

    private int repetitions(TaskRow row) {
        int count = 0;
        for (TaskRow at = row; at.supersedes != null; at = journal.require(at.supersedes)) {
            count++;
        }
        return count;
    }

    static Map<String, @Nullable Object> document(Vote vote) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("attempt", (long) vote.attempt());
        document.put("verifier", vote.verifier());
        document.put("result_hash", vote.resultHash());
        document.put("verdict", vote.verdict());
        document.put("evidence", vote.evidence());
        return document;
    }

    static Vote vote(String taskId, long at, Map<String, ? extends @Nullable Object> document) {
        return new Vote(
                taskId,
                ((Number) Objects.requireNonNull(document.get("attempt"))).intValue(),
                (String) Objects.requireNonNull(document.get("verifier")),
                (String) Objects.requireNonNull(document.get("result_hash")),
                Boolean.TRUE.equals(document.get("verdict")),
                document.get("evidence"),
                Instant.ofEpochMilli(at));
    }
}
