package dev.hart.security.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.StoreUnavailableException;
import dev.hart.security.NodeKey;
import dev.hart.spi.AuditEntry;
import dev.hart.spi.AuditHead;
import dev.hart.spi.AuditJournal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class AuditLogTest {
    private final NodeKey key = NodeKey.inMemory();
    private final HeadSeal seal = new SignedHeads(key, List.of());
    private final EditableJournal journal = new EditableJournal();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    private AuditLog open() {
        return AuditLog.open(journal, seal, () -> now);
    }

    @Test
    void hashesAreThoseOfTheSheet() {
        AuditLog log = open();

        AuditEntry first = log.record(AuditEvent.of("auth", "user_1", "", "login"));
        now = now.plusMillis(1_500);
        AuditEntry second =
                log.record(new AuditEvent("tool_call", "agent_7", "file:report.txt", "delete", Map.of("bytes", 120)));

        assertThat(first.previousHash()).isEqualTo("0".repeat(64));
        assertThat(first.hash()).isEqualTo("c431fb79f5db41296627b79ce98e6d448fb28311bf8a40d69a002d81073d0671");
        assertThat(second.detail()).isEqualTo("{\"bytes\":120}");
        assertThat(second.hash()).isEqualTo("9eef87c100a44d83e6c93880ccb2a982e0f6fda22b5755cf381f189bd80f3fdb");
        assertThat(log.verify()).isEqualTo(new AuditReport(2, 0, AuditReport.Finding.SOUND, 0));
    }

    @Test
    void aSeparatorInsideAFieldGivesAnotherHash() {
        AuditEntry one = AuditChain.next(1, now, "a", "b|c", "", "x", "", AuditChain.GENESIS);
        AuditEntry other = AuditChain.next(1, now, "a|b", "c", "", "x", "", AuditChain.GENESIS);

        assertThat(one.hash()).isNotEqualTo(other.hash());
    }

    @Test
    void anEntryMissingBelowASignedHeadIsNoticed() {
        AuditLog log = open();
        write(log, 3);
        log.close();

        journal.entries.remove(2);

        assertThat(open().verify()).isEqualTo(new AuditReport(2, 0, AuditReport.Finding.TAIL_MISSING, 3));
    }

    @Test
    void aTailThatNobodySignedIsNoticedByAHeadKeptElsewhere() {
        List<AuditHead> elsewhere = new ArrayList<>();
        AuditLog log = AuditLog.open(journal, seal, () -> now, elsewhere::add);
        write(log, 3);
        log.close();
        journal.entries.remove(2);
        journal.heads.clear();

        assertThat(open().verify().isSound()).isTrue();
        assertThat(open().verify(elsewhere).finding()).isEqualTo(AuditReport.Finding.TAIL_MISSING);
    }

    @Test
    void everyFieldThatIsChangedBreaksTheChainThere() {
        List<UnaryOperator<AuditEntry>> changes = List.of(
                e -> with(e, e.at().plusMillis(1), e.event(), e.actor(), e.target(), e.action(), e.detail()),
                e -> with(e, e.at(), "other", e.actor(), e.target(), e.action(), e.detail()),
                e -> with(e, e.at(), e.event(), "other", e.target(), e.action(), e.detail()),
                e -> with(e, e.at(), e.event(), e.actor(), "other", e.action(), e.detail()),
                e -> with(e, e.at(), e.event(), e.actor(), e.target(), "other", e.detail()),
                e -> with(e, e.at(), e.event(), e.actor(), e.target(), e.action(), "{}"));
        for (UnaryOperator<AuditEntry> change : changes) {
            journal.entries.clear();
            AuditLog log = open();
            write(log, 3);

            journal.entries.set(1, change.apply(journal.entries.get(1)));

            assertThat(log.verify()).isEqualTo(new AuditReport(2, 0, AuditReport.Finding.BROKEN, 2));
        }
    }

    private static AuditEntry with(
            AuditEntry e, Instant at, String event, String actor, String target, String action, String detail) {
        return new AuditEntry(e.sequence(), at, event, actor, target, action, detail, e.previousHash(), e.hash());
    }

    @Test
    void anEntryMissingInTheMiddleIsAGap() {
        AuditLog log = open();
        write(log, 4);

        journal.entries.remove(1);

        assertThat(log.verify()).isEqualTo(new AuditReport(2, 0, AuditReport.Finding.GAP, 2));
    }

    @Test
    void entriesInAnotherOrderBreakTheChain() {
        AuditLog log = open();
        write(log, 3);
        AuditEntry copy = journal.entries.get(0);

        journal.entries.add(1, copy);

        assertThat(log.verify().finding()).isEqualTo(AuditReport.Finding.BROKEN);
    }

    @Test
    void aLogWrittenAnewDoesNotFitTheSignedHead() {
        AuditLog log = open();
        write(log, 3);
        log.close();
        List<AuditHead> signed = List.copyOf(journal.heads);

        journal.entries.clear();
        journal.heads.clear();
        AuditLog anew = AuditLog.open(journal, new SignedHeads(NodeKey.inMemory(), List.of()), () -> now);
        anew.record(AuditEvent.of("auth", "somebody", "", "else"));
        write(anew, 2);
        anew.close();

        assertThat(open().verify(signed).finding()).isEqualTo(AuditReport.Finding.CHECKPOINT_MISMATCH);
        assertThat(open().verify(signed).firstBad()).isEqualTo(3);
        assertThat(open().verify().signedUpTo()).as("by a key that is known").isZero();
    }

    @Test
    void aHeadWhoseSignatureDoesNotFitIsAMismatch() {
        AuditLog log = open();
        write(log, 1);
        log.close();
        AuditHead head = journal.heads.get(0);
        int inPayload = head.envelope().indexOf("ey");
        journal.heads.set(
                0,
                new AuditHead(
                        1,
                        head.envelope().substring(0, inPayload) + "eyJ"
                                + head.envelope()
                                        .substring(inPayload + 3)
                                        .replaceFirst("\"sig\":\"..", "\"sig\":\"zz")));

        assertThat(log.verify().finding()).isEqualTo(AuditReport.Finding.CHECKPOINT_MISMATCH);
        assertThat(open().damage()).isPresent();
    }

    @Test
    void theHeadIsSignedWithTheHundredthEntryAndNotBefore() {
        AuditLog log = open();
        write(log, 99);
        assertThat(journal.heads).isEmpty();

        write(log, 1);

        assertThat(journal.heads).extracting(AuditHead::sequence).containsExactly(100L);
        assertThat(seal.open(journal.heads.get(0).envelope()).map(String::new))
                .hasValue("{\"at\":\"2026-01-01T00:00:00.000Z\",\"hash\":\"%s\",\"sequence\":100}"
                        .formatted(journal.entries.get(99).hash()));
        assertThat(log.verify()).isEqualTo(new AuditReport(100, 100, AuditReport.Finding.SOUND, 0));
    }

    @Test
    void theHeadIsSignedAfterSixtySecondsAndNotBefore() {
        AuditLog log = open();
        write(log, 1);

        now = now.plus(Duration.ofMillis(59_999));
        log.tick();
        assertThat(journal.heads).isEmpty();
        now = now.plusMillis(1);
        log.tick();

        assertThat(journal.heads).hasSize(1);
        now = now.plusSeconds(600);
        log.tick();
        assertThat(journal.heads).as("nothing new is not signed again").hasSize(1);
    }

    @Test
    void secretsAreMaskedAtEveryDepth() {
        String detail = AuditDetail.of(Map.of(
                "user", "ann",
                "Api-Key", "abc",
                "list", List.of(Map.of("card_number", 4111, "ok", true), "x"),
                "a", Map.of("b", Map.of("c", Map.of("userPassword", Map.of("old", 1)))),
                "ssn", "078-05-1120",
                "class_name", "kept"));

        assertThat(detail)
                .isEqualTo(
                        "{\"Api-Key\":\"***\",\"a\":{\"b\":{\"c\":{\"userPassword\":\"***\"}}},\"class_name\":\"kept\","
                                + "\"list\":[{\"card_number\":\"***\",\"ok\":true},\"x\"],\"ssn\":\"***\",\"user\":\"ann\"}");
        assertThat(AuditDetail.of(Map.of("url", "x sk-ant-" + "a1b2".repeat(9))))
                .contains("[REDACTED:")
                .doesNotContain("a1b2a1b2");
    }

    @Test
    void aDetailThatCannotBeCanonicalIsRefusedAndWritesNothing() {
        AuditLog log = open();

        for (Object bad : List.of(1.5, 1L << 53, new Object(), Collections.singletonMap(1, 2))) {
            assertThatThrownBy(() -> log.record(new AuditEvent("e", "a", "", "x", Map.of("k", bad))))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(AuditDetail.of(Map.of("k", (1L << 53) - 1))).isEqualTo("{\"k\":9007199254740991}");
        assertThatThrownBy(() -> AuditEvent.of("e".repeat(51), "a", "", "x"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> AuditEvent.of("e", "a".repeat(101), "", "x"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> AuditEvent.of("e", "\ud800", "", "x")).isInstanceOf(IllegalArgumentException.class);
        assertThat(AuditEvent.of("e".repeat(50), "a".repeat(100), "t".repeat(100), "x"))
                .isNotNull();
        assertThat(journal.entries).isEmpty();
    }

    @Test
    void whatCannotBeKeptIsRefusedAndLeavesNoGap() {
        AuditLog log = open();
        write(log, 1);
        journal.broken = true;

        assertThatThrownBy(() -> write(log, 1)).isInstanceOf(StoreUnavailableException.class);

        journal.broken = false;
        write(log, 1);
        assertThat(log.verify()).isEqualTo(new AuditReport(2, 0, AuditReport.Finding.SOUND, 0));
    }

    @Test
    void aHeadThatCannotBeSignedDoesNotUndoTheEntryAndIsTriedAgain() {
        AuditLog log = open();
        journal.noHeads = true;
        write(log, 100);
        assertThat(journal.entries).hasSize(100);

        journal.noHeads = false;
        write(log, 1);

        assertThat(journal.heads).extracting(AuditHead::sequence).containsExactly(101L);
    }

    @Test
    void aDamagedTailStopsWritingUntilAnOperatorAcknowledgesIt() {
        AuditLog log = open();
        write(log, 3);
        AuditEntry entry = journal.entries.get(2);
        journal.entries.set(2, with(entry, entry.at(), entry.event(), entry.actor(), "x", entry.action(), ""));

        AuditLog again = open();

        assertThat(again.damage())
                .hasValueSatisfying(damage -> assertThat(damage.firstBad()).isEqualTo(3));
        assertThatThrownBy(() -> write(again, 1))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("BROKEN from entry 3");
        assertThat(journal.entries).hasSize(3);
        again.acknowledge("ann");
        write(again, 1);
        assertThat(journal.entries).hasSize(5);
        assertThat(journal.entries.get(3).detail()).isEqualTo("{\"finding\":\"BROKEN\",\"first_bad\":3}");
        assertThat(again.verify().firstBad()).as("the damage is still reported").isEqualTo(3);
    }

    @Test
    void anotherWriterOfTheSameJournalLeavesNoGapAndNoFork() {
        AuditLog one = open();
        AuditLog other = open();

        write(one, 2);
        write(other, 2);
        write(one, 1);

        assertThat(one.verify()).isEqualTo(new AuditReport(5, 0, AuditReport.Finding.SOUND, 0));
    }

    @Test
    void manyThreadsWriteOneChain() throws Exception {
        AuditLog log = open();
        var threads = Executors.newFixedThreadPool(8);
        List<java.util.concurrent.Callable<Object>> work = Collections.nCopies(8, () -> {
            write(log, 50);
            return null;
        });
        for (var done : threads.invokeAll(work)) {
            done.get();
        }
        threads.shutdown();

        assertThat(log.verify().entries()).isEqualTo(400);
        assertThat(log.verify().isSound()).isTrue();
        assertThat(journal.heads).hasSize(4);
    }

    private static void write(AuditLog log, int count) {
        for (int i = 0; i < count; i++) {
            log.record(AuditEvent.of("auth", "user_1", "target", "login"));
        }
    }

    /** A journal that a test may spoil. */
    private static final class EditableJournal implements AuditJournal {
        final List<AuditEntry> entries = new ArrayList<>();
        final List<AuditHead> heads = new ArrayList<>();
        boolean broken;
        boolean noHeads;

        @Override
        public synchronized boolean append(AuditEntry entry) {
            if (broken) {
                throw new StoreUnavailableException("the disk is full");
            }
            long newest = last().map(AuditEntry::sequence).orElse(0L);
            return entry.sequence() == newest + 1 && entries.add(entry);
        }

        @Override
        public synchronized Optional<AuditEntry> last() {
            return entries.isEmpty() ? Optional.empty() : Optional.of(entries.get(entries.size() - 1));
        }

        @Override
        public void read(long from, Predicate<AuditEntry> each) {
            for (Object entry : entries.toArray()) {
                if (((AuditEntry) entry).sequence() >= from && !each.test((AuditEntry) entry)) {
                    return;
                }
            }
        }

        @Override
        public void keep(AuditHead head) {
            if (noHeads) {
                throw new StoreUnavailableException("the disk is full");
            }
            heads.add(head);
        }

        @Override
        public void heads(Predicate<AuditHead> each) {
            List<AuditHead> newestFirst = new ArrayList<>(heads);
            Collections.reverse(newestFirst);
            for (AuditHead head : newestFirst) {
                if (!each.test(head)) {
                    return;
                }
            }
        }
    }
}
