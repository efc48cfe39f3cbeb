package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Spark;
import dev.hart.error.HartException;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Chains, checkpoints and seals: what tampering is found by, and what becomes of a ledger that was tampered with. */
class VerificationTest extends LedgerContract {
    private static final byte[] ZEROES = new byte[32];
    private final List<Checkpoint> sunk = new ArrayList<>();

    private int stripe(String taskId) {
        return EventChain.stripe(taskId, home.stripes);
    }

    /** Three events of task t1: created, started, completed. */
    private void threeEvents() {
        add("t1");
        start("t1");
        complete("t1", Map.of("n", 1L));
        assertThat(ledger.verify()).isEqualTo(new VerifyReport.Ok(3, 0));
    }

    private VerifyReport after(String tampering, Object... values) {
        breaks();
        tamper(tampering, values);
        return ledger.verify();
    }

    @Test
    void case39aChangedByteIsFoundWhereItIs() {
        threeEvents();
        assertThat(after("UPDATE task_event SET payload = replace(payload, 'pending', 'pendinG') WHERE seq = 2"))
                .isEqualTo(new VerifyReport.Broken(stripe("t1"), 2, "its hash is not that of its content"));
    }

    @Test
    void everyFieldOfAnEventIsHashed() {
        threeEvents();
        for (String change : List.of("task_id = 't2'", "type = 'NOTE'", "at = at + 1", "actor = 'node-2'")) {
            assertThat(after("UPDATE task_event SET " + change + " WHERE seq = 3"))
                    .as(change)
                    .isEqualTo(new VerifyReport.Broken(stripe("t1"), 3, "its hash is not that of its content"));
            tamper(
                    "UPDATE task_event SET task_id = 't1', type = 'TASK_TRANSITIONED', at = ?, actor = 'node-1'"
                            + " WHERE seq = 3",
                    START.toEpochMilli());
            assertThat(ledger.verify()).isEqualTo(new VerifyReport.Ok(3, 0));
        }
    }

    @Test
    void case39aDeletedEventIsMissing() {
        threeEvents();
        assertThat(after("DELETE FROM task_event WHERE seq = 2"))
                .isEqualTo(new VerifyReport.MissingSeq(stripe("t1"), 2));
    }

    @Test
    void aCutTailIsMissing() {
        threeEvents();
        assertThat(after("DELETE FROM task_event WHERE seq = 3"))
                .isEqualTo(new VerifyReport.MissingSeq(stripe("t1"), 3));
    }

    @Test
    void anExchangedHashBreaksTheChain() {
        threeEvents();
        assertThat(after("UPDATE task_event SET hash = ?, prev_hash = ? WHERE seq = 2", ZEROES, ZEROES))
                .isEqualTo(
                        new VerifyReport.Broken(stripe("t1"), 2, "it does not name the hash of the event before it"));
    }

    @Test
    void aHeadThatFitsNoEventIsFound() {
        threeEvents();
        assertThat(after("UPDATE ledger_head SET hash = ?", ZEROES)).isInstanceOf(VerifyReport.Broken.class);
    }

    @Test
    void aChangedRowDiffersFromItsEvents() {
        threeEvents();
        for (String change : List.of(
                "status = 'failed'",
                "result_json = '{\"n\":2}'",
                "version = 9",
                "started_at = NULL",
                "owner_node_id = 'x'",
                "claimable = NOT claimable",
                "due_at = 7",
                "more_json = '{\"pause_count\":1}'",
                "status = 'asleep'",
                "more_json = '{'")) {
            assertThat(after("UPDATE task SET " + change))
                    .as(change)
                    .isInstanceOf(VerifyReport.ProjectionDiffers.class);
            assertThat(ledger.rebuild()).as(change).isEqualTo(new VerifyReport.Ok(3, 0));
        }
    }

    @Test
    void deletedAndInventedRowsAreFound() {
        threeEvents();
        for (String tampering : List.of(
                "INSERT INTO task_edge VALUES ('%s', 't1', 't0', 'prereq', 'success', "
                                .formatted(ledger.id().key())
                        + (home.isPostgres() ? "false)" : "0)"),
                "INSERT INTO task_message VALUES ('%s', 't1', 't0', 1, 'completion', NULL, 1)"
                        .formatted(ledger.id().key()))) {
            assertThat(after(tampering)).isInstanceOf(VerifyReport.ProjectionDiffers.class);
            assertThat(ledger.rebuild()).isEqualTo(new VerifyReport.Ok(3, 0));
        }
        assertThat(after("DELETE FROM task")).isEqualTo(new VerifyReport.ProjectionDiffers("t1", "its row is gone"));
    }

    @Test
    void case37resultsHaveTheHashesOfTheSheet() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("b", 1L);
        object.put("a", List.of(1L, 2L, "é"));
        assertHash("5774a12e243fdddde9d5bd5663438a9f199f85e6d7de321fa9e6b936c4315781", "t1", Map.of("processed", 100L));
        assertHash("58bf5b5478e5d1fb7441daeff9fd1ed60a4ad5fbfabc64715cd8608f3f59f6da", "t2", "done");
        assertHash("74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b", "t3", null);
        assertHash("bc90d58ee98de8eaa31c625d4f77e1cf5abb44c8911b2ed8e43fadacd3723acc", "t4", object);
    }

    private void assertHash(String expected, String id, Object result) {
        add(id);
        start(id);
        assertThat(complete(id, result).resultHash()).isEqualTo(expected);
    }

    @Test
    void aSealedDefinitionIsWatched() {
        addAll("a", "b");
        NewTask task = NewTask.of("t1", "Process data")
                .priority(70)
                .context(Map.of("n", 1L))
                .after("a")
                .timeout(Duration.ofMillis(1_500))
                .sparkBudget(new Spark(600_000))
                .computeRequirements(Map.of("vram_gb", 8L))
                .requiredCapabilities("gpu", "coding");
        ledger.add(task.sealed());
        String expected = CanonicalJson.sha256OfText("{\"compute_requirements\":{\"vram_gb\":8},\"context\":{\"n\":1},"
                + "\"description\":\"Process data\",\"execution_mode\":\"sequential\",\"locality\":\"global\","
                + "\"max_retries\":3,\"parent_task_id\":null,\"prerequisites\":[\"a\"],\"priority\":70,"
                + "\"required_capabilities\":[\"coding\",\"gpu\"],\"sensitivity\":\"public\",\"spark_budget\":\"0.6\","
                + "\"task_id\":\"t1\",\"task_type\":\"pre_assigned\",\"time_budget_s\":null,\"timeout_s\":1.5}");
        assertThat(task("t1").dataHash()).isEqualTo(expected);
        assertThat(ledger.isDefinitionIntact("t1")).isTrue();
        assertThat(ledger.isDefinitionIntact("a")).as("not sealed").isTrue();
        ledger.apply("t1", new TaskCommand.Reprioritize(1));
        run(l -> l.addPrerequisite("t1", "b", Outcome.SUCCESS, false));
        run(l -> l.removePrerequisite("t1", "a"));
        assertThat(ledger.isDefinitionIntact("t1")).isTrue();
        finish("b");
        start("t1");
        assertThat(ledger.isDefinitionIntact("t1")).isTrue();
        breaks();
        tamper("UPDATE task SET description = 'Process other data' WHERE task_id = 't1'");
        assertThat(ledger.isDefinitionIntact("t1")).isFalse();
        assertRefused("TASK_NOT_FOUND", () -> ledger.isDefinitionIntact("nobody"));
    }

    // Checkpoints

    private Ledger signedBy(TestSigner signer) {
        return builder(store).signer(signer).checkpointSink(sunk::add).open().ledger(ledger.id());
    }

    @Test
    void aCheckpointSignsTheHeads() {
        TestSigner key = TestSigner.rfc8032("k1");
        Ledger signed = signedBy(key);
        assertThat(ledger.checkpoint()).as("nobody signs").isEmpty();
        assertThat(signed.checkpoint()).as("nothing to sign").isEmpty();
        threeEvents();
        Checkpoint checkpoint = signed.checkpoint().orElseThrow();
        assertThat(signed.checkpoint()).isEmpty();
        assertThat(checkpoint.no()).isEqualTo(1);
        assertThat(checkpoint.heads())
                .containsExactly(
                        new Checkpoint.Head(stripe("t1"), 3, events().get(2).hash()));
        assertThat(Checkpoints.isSignedBy(
                        key.publicKey(),
                        checkpoint.statement().getBytes(StandardCharsets.UTF_8),
                        HexFormat.of().parseHex(checkpoint.signature())))
                .isTrue();
        assertThat(sunk).containsExactly(checkpoint);
        assertThat(signed.checkpoints()).containsExactly(checkpoint);
        assertThat(signed.verify()).isEqualTo(new VerifyReport.Ok(3, 1));
        assertThat(ledger.verify()).as("the stored keys are taken").isEqualTo(new VerifyReport.Ok(3, 1));
    }

    @Test
    void theLastCheckpointIsSignedOnClose() {
        Ledgers signing = builder(store).signer(TestSigner.fresh("k1")).open();
        signing.ledger(ledger.id()).add(NewTask.of("t", "T"));
        assertThat(ledger.checkpoints()).isEmpty();
        signing.close();
        assertThat(ledger.checkpoints()).hasSize(1);
    }

    @Test
    void case39aTailThatWasCutOffAfterACheckpointIsFound() {
        threeEvents();
        Ledger signed = signedBy(TestSigner.rfc8032("k1"));
        String second = events().get(1).hash();
        signed.checkpoint();
        assertThat(after("DELETE FROM task_event WHERE seq = 3"))
                .isEqualTo(new VerifyReport.BehindCheckpoint(stripe("t1"), 2, 3));
        tamper(
                "UPDATE ledger_head SET seq = 2, hash = ? WHERE seq = 3",
                HexFormat.of().parseHex(second));
        tamper("DELETE FROM task");
        VerifyReport report = signed.verify();
        assertThat(report).isEqualTo(new VerifyReport.BehindCheckpoint(stripe("t1"), 2, 3));
        assertThat(report.toString()).endsWith("a signed checkpoint knows event 3: its tail was cut off");
        assertThat(signed.verifyTail()).isEqualTo(report);
    }

    @Test
    void aHistoryThatWasWrittenAnewIsFoundByItsCheckpoint() {
        Ledger other = ledger;
        ledger = ledger(LedgerOptions.defaults());
        threeEvents();
        String key = ledger.id().key();
        Ledger signed = signedBy(TestSigner.rfc8032("k1"));
        signed.checkpoint();
        breaks();
        tamper("UPDATE ledger_checkpoint SET heads_json = replace(heads_json, '\"seq\":3', '\"seq\":2')");
        assertThat(signed.verify())
                .isEqualTo(new VerifyReport.BadSignature(1, "k1", "the signature is not that of its content"));
        assertThat(ledgers.ledger(other.id()).verify().isOk()).isTrue();
        assertThat(key).isNotEqualTo(other.id().key());
    }

    @Test
    void aRotatedKeyLeavesOldCheckpointsGood() {
        TestSigner old = TestSigner.rfc8032("k1");
        TestSigner next = TestSigner.fresh("k2");
        threeEvents();
        signedBy(old).checkpoint();
        Ledgers rotating = builder(store).signer(old).open();
        rotating.rotateKey(next);
        add("t2");
        Ledger signed = signedBy(next);
        signed.checkpoint();
        assertThat(signed.checkpoints()).extracting(Checkpoint::keyId).containsExactly("k1", "k2");
        assertThat(signed.verify()).isEqualTo(new VerifyReport.Ok(4, 2));
        List<LedgerEvent> node = events(rotating.ledger(new LedgerId("node", "node-1")));
        assertThat(node).extracting(LedgerEvent::type).containsExactly("KEY_ROTATED");
        assertThat(node.get(0).payload())
                .containsKeys("old_key_id", "new_key_id", "new_public_key", "signed_by_old", "signed_by_new");
        assertThatThrownBy(() -> ledgers.rotateKey(next))
                .isInstanceOf(HartException.class)
                .hasMessageContaining("sign nothing");
    }

    @Test
    void aForgedRotationMakesNoKeyGood() {
        TestSigner mine = TestSigner.fresh("mine");
        TestSigner forger = TestSigner.fresh("forger");
        threeEvents();
        signedBy(forger).checkpoint();
        breaks();
        Ledger signed = signedBy(mine);
        VerifyReport unknown = new VerifyReport.BadSignature(1, "forger", "this key may not sign here");
        assertThat(signed.verify()).isEqualTo(unknown);
        forge(mine, forger, forger.sign(new byte[] {1}), forger.sign(new byte[] {2}));
        assertThat(signed.verify()).isEqualTo(unknown);
    }

    private void forge(TestSigner own, TestSigner old, byte[] byOld, byte[] byNew) {
        tamper(
                "INSERT INTO ledger_key VALUES (?, ?, ?, ?, ?, ?)",
                own.keyId(),
                own.publicKey().getEncoded(),
                1L,
                old.keyId(),
                byOld,
                byNew);
    }

    @Test
    void nodesThatNameEachOthersKeysTrustThem() {
        TestSigner here = TestSigner.fresh("here");
        TestSigner there = TestSigner.fresh("there");
        threeEvents();
        signedBy(there).checkpoint();
        PublicKey known = there.publicKey();
        Ledger signed = builder(store).signer(here).trust("there", known).open().ledger(ledger.id());
        assertThat(signed.verify()).isEqualTo(new VerifyReport.Ok(3, 1));
        signed.add(NewTask.of("t2", "T"));
        signed.checkpoint();
        assertThat(signed.verify()).isEqualTo(new VerifyReport.Ok(4, 2));
    }

    @Test
    void checkpointsOfUnknownKeysAreCountedWhereTheyMayBe() {
        threeEvents();
        signedBy(TestSigner.fresh("there")).checkpoint();
        Ledger lenient = builder(store)
                .signer(TestSigner.fresh("here"))
                .leaveUnknownKeysAside()
                .open()
                .ledger(ledger.id());
        assertThat(lenient.verify()).isEqualTo(new VerifyReport.Ok(3, 0, 1));
        lenient.add(NewTask.of("t2", "T"));
        lenient.checkpoint();
        assertThat(lenient.verify()).isEqualTo(new VerifyReport.Ok(4, 1, 1));
        breaks();
        tamper("UPDATE ledger_checkpoint SET signature = ? WHERE key_id = 'here'", new byte[64]);
        assertThat(lenient.verify())
                .isEqualTo(new VerifyReport.BadSignature(2, "here", "the signature is not that of its content"));
    }

    @Test
    void aSignerIsAskedForWithTheFirstCheckpointAndNotBefore() {
        List<String> asked = new ArrayList<>();
        TestSigner key = TestSigner.fresh("k1");
        Ledger signed = builder(store)
                .signer(() -> {
                    asked.add("k1");
                    return key;
                })
                .open()
                .ledger(ledger.id());
        signed.add(NewTask.of("t1", "T"));
        assertThat(signed.verify()).isEqualTo(new VerifyReport.Ok(1, 0));
        assertThat(asked).isEmpty();
        signed.checkpoint();
        assertThat(asked).isNotEmpty();
    }

    @Test
    void aSignatureThatItsOwnKeyDoesNotVerifyIsNotKept() {
        TestSigner shown = TestSigner.fresh("k1");
        TestSigner signs = TestSigner.fresh("k1");
        threeEvents();
        Ledger signed = signedBy(new TestSigner("k1", signs.privateKey(), shown.publicKey()));
        assertRefused("BAD_SIGNER", signed::checkpoint);
        assertThat(ledger.checkpoints()).isEmpty();
        assertThat(ledger.verify()).isEqualTo(new VerifyReport.Ok(3, 0));
    }

    // A corrupt ledger

    @Test
    void aCorruptLedgerIsOnlyRead() {
        threeEvents();
        add("t2");
        Lease lease = claim("w");
        VerifyReport report = after("UPDATE task_event SET actor = 'nobody' WHERE seq = 2 AND task_id = 't1'");
        assertThat(report).isInstanceOf(VerifyReport.Broken.class);
        assertThatThrownBy(() -> add("t3"))
                .hasMessage("%s may only be read, it is not what was written: %s; keep the file and restore a backup"
                        .formatted(ledger.id().key(), report));
        for (Ledger one : List.of(ledger, inAnotherProcess())) {
            assertRefused("LEDGER_CORRUPT", () -> one.add(NewTask.of("t3", "T")));
            assertRefused("LEDGER_CORRUPT", () -> one.heartbeat(lease));
            assertRefused("LEDGER_CORRUPT", () -> one.claim(ClaimRequest.by(worker("w"))));
            assertRefused("LEDGER_CORRUPT", one::pause);
            assertRefused("LEDGER_CORRUPT", () -> one.write(l -> l.append("t1", "NOTE", Map.of())));
            assertRefused("LEDGER_CORRUPT", () -> one.archive(now));
            assertThat(one.require("t1").status()).isEqualTo(TaskStatus.COMPLETED);
            assertThat(events(one)).hasSize(5);
            assertThat(one.history("t1")).hasSize(3);
        }
        now = START.plusSeconds(100);
        ledgers.tick();
        assertThat(task("t2").status()).as("nothing happens to it").isEqualTo(TaskStatus.IN_PROGRESS);
        assertThat(ledger.rebuild()).as("its events are wrong").isEqualTo(report);
        assertThat(ledger(LedgerOptions.defaults()).add(NewTask.of("t", "T")).version())
                .as("others go on")
                .isEqualTo(1);
    }

    @Test
    void theFirstWriteOfAProcessLooksAtTheTail() {
        Map<String, Object[]> tamperings = new LinkedHashMap<>();
        tamperings.put("UPDATE task_event SET actor = 'nobody' WHERE task_id = 't1' AND seq = 3", new Object[0]);
        tamperings.put("DELETE FROM task_event WHERE task_id = 't1' AND seq = 2", new Object[0]);
        tamperings.put("UPDATE ledger_head SET hash = ? WHERE seq > 0", new Object[] {ZEROES});
        tamperings.put("UPDATE task SET status = 'failed' WHERE task_id = 't1'", new Object[0]);
        tamperings.put("UPDATE task SET status = 'asleep' WHERE task_id = 't1'", new Object[0]);
        tamperings.put("DELETE FROM task WHERE task_id = 't1'", new Object[0]);
        breaks();
        tamperings.forEach((tampering, values) -> {
            ledger = ledger(LedgerOptions.defaults());
            threeEvents();
            String ofOne = tampering + " AND ledger_id = '" + ledger.id().key() + "'";
            tamper(ofOne, values);
            Ledger other = inAnotherProcess();
            assertThatThrownBy(() -> other.add(NewTask.of("t3", "T")))
                    .as(tampering)
                    .isInstanceOf(HartException.class)
                    .extracting(LedgerContract::code)
                    .isEqualTo("LEDGER_CORRUPT");
            assertThatThrownBy(() -> inAnotherProcess().add(NewTask.of("t3", "T")))
                    .hasMessageContaining("may only be read");
            String status = store.read(
                    tx -> new LedgerTables(tx, ledger.id(), false).info().status());
            assertThat(status).as(tampering).isEqualTo(LedgerJournal.Status.CORRUPT);
        });
    }

    @Test
    void theTailIsWholeInTheMiddleOfWork() {
        ledger.write(l -> {
            for (int i = 0; i < 40; i++) {
                l.add(NewTask.of("t" + i, "T"));
                for (int j = 0; j < 20; j++) {
                    l.append("t" + i, "NOTE", Map.of("j", (long) j));
                }
            }
            return true;
        });
        assertThat(ledger.verifyTail().isOk()).isTrue();
        Ledger other = builder(store).open().ledger(ledger.id());
        store.write(tx -> {
            ledger.in(tx, l -> l.start("t1"));
            return other.in(tx, l -> l.start("t2"));
        });
    }

    @Test
    void rebuildingMakesTheSameRows() {
        ledger.addAll(
                NewTask.of("goal", "Goal").asAutoCompleting(),
                NewTask.of("a", "A").childOf("goal").context(Map.of("n", 1L)),
                NewTask.of("b", "B").childOf("goal").after("a").blockedBy("a"),
                NewTask.of("c", "C")
                        .after("b", Outcome.FAILURE)
                        .requiredCapabilities("gpu")
                        .sealed(),
                NewTask.of("d", "D").scheduledAt(START.plusSeconds(5)));
        now = START.plusSeconds(1);
        finish("a");
        Lease lease = claim("w");
        now = START.plusSeconds(2);
        ledger.heartbeat(lease);
        ledger.apply("c", new TaskCommand.PostStatus("hi", Map.of("n", 1L)));
        ledger.vote("a", "v1", true, Map.of("why", "x"), 2);
        ledger.apply("d", new TaskCommand.Delegate("x", DelegationType.HANDOFF, null));
        List<Task> before = ledger.tasks();
        List<Edge> edges = ledger.edges();
        List<TaskMessage> messages = ledger.messages("b");
        List<Vote> votes = ledger.votes("a");
        assertThat(ledger.rebuild().isOk()).isTrue();
        assertThat(ledger.tasks()).as("heartbeats are kept").isEqualTo(before);
        for (String table : List.of("task", "task_edge", "task_message", "task_verification")) {
            tamper("DELETE FROM " + table);
        }
        assertThat(ledger.verify().isOk()).isFalse();
        assertRefused("LEDGER_CORRUPT", () -> add("e"));
        assertThat(ledger.rebuild().isOk()).isTrue();
        assertThat(ledger.edges()).isEqualTo(edges);
        assertThat(ledger.messages("b")).isEqualTo(messages);
        assertThat(ledger.votes("a")).isEqualTo(votes);
        Map<String, Task> after = byId();
        for (Task task : before) {
            if (!task.taskId().equals(lease.taskId())) {
                assertThat(after.get(task.taskId())).isEqualTo(task);
            }
        }
        assertThat(after.get(lease.taskId()).leaseUntil())
                .as("no event tells of heartbeats")
                .isEqualTo(START.plusSeconds(91));
        ledger.apply(lease, TaskCommand.complete(null));
        add("e");
    }

    // Votes

    private void completed(String id) {
        add(id);
        start(id);
        complete(id, "result of " + id);
    }

    @Test
    void case36votesDecide() {
        completed("t1");
        assertThat(ledger.consensus("t1")).isEqualTo(new Consensus(0, 0, Consensus.Decision.UNDECIDED));
        ledger.vote("t1", "A", true, null, 2);
        assertThat(ledger.vote("t1", "A", true, null, 2)).isEqualTo(new Consensus(1, 1, Consensus.Decision.UNDECIDED));
        assertRefused("ALREADY_VOTED", () -> ledger.vote("t1", "A", false, null, 2));
        assertThat(ledger.vote("t1", "B", true, Map.of("token", "x"), 2))
                .isEqualTo(new Consensus(2, 2, Consensus.Decision.ACCEPTED));
        assertThat(task("t1").status()).isEqualTo(TaskStatus.COMPLETED);
        assertThat(ledger.votes("t1").get(1).evidence()).isEqualTo(Map.of("token", "[REDACTED]"));
        assertThat(ledger.votes("t1").get(0).resultHash()).isEqualTo(task("t1").resultHash());
    }

    @Test
    void case36aRejectedResultIsRolledBackAndRepeatedThreeTimes() {
        completed("t1");
        ledger.add(NewTask.of("after", "A").after("t1"));
        String id = "t1";
        for (int n = 1; n <= 4; n++) {
            ledger.vote(id, "A", true, null, 2);
            assertThat(ledger.vote(id, "B", false, null, 2))
                    .isEqualTo(new Consensus(2, 1, Consensus.Decision.REJECTED));
            assertThat(task(id).status()).isEqualTo(TaskStatus.ROLLED_BACK);
            String next = "t1~" + n;
            assertThat(ledger.task(next).isPresent()).isEqualTo(n <= 3);
            if (n <= 3) {
                assertThat(task("after").unmetEdges()).isEqualTo(1);
                finish(next);
                id = next;
            }
        }
    }

    @Test
    void theProducerDoesNotVoteAndNobodyVotesOnWhatIsNotThere() {
        add("t1");
        assertRefused("NOT_READY", () -> ledger.vote("t1", "A", true, null, 2));
        Lease lease = claim("w");
        ledger.apply(lease, TaskCommand.complete("x"));
        assertRefused("NOT_OWNER", () -> ledger.vote("t1", "w", true, null, 2));
        assertRefused("INVALID_ARGUMENT", () -> ledger.vote("t1", "A", true, null, 1));
        assertRefused("TASK_NOT_FOUND", () -> ledger.vote("nobody", "A", true, null, 2));
        add("t2");
        ledger.apply("t2", new TaskCommand.Delegate("B", DelegationType.HANDOFF, null));
        ledger.apply("t2", new TaskCommand.CompleteDelegation("x"));
        assertRefused("NOT_OWNER", () -> ledger.vote("t2", "B", true, null, 2));
        assertThat(ledger.vote("t2", "w", true, null, 3).total()).isEqualTo(1);
        assertThat(ledger.vote("t2", "v", false, null, 3).decision()).isEqualTo(Consensus.Decision.REJECTED);
        assertThat(task("t2").status()).as("the third has not spoken").isEqualTo(TaskStatus.COMPLETED);
        assertThat(ledger.vote("t2", "u", true, null, 3).decision()).isEqualTo(Consensus.Decision.ACCEPTED);
    }
}
