package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Spark;
import dev.hart.error.LedgerException;
import dev.hart.store.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Documents of the reference come in whole or not at all. */
class ReferenceImportTest {
    private static final Instant START = Instant.parse("2026-01-10T09:10:00Z");

    private Instant now = START;
    private final Store store = Store.inMemory();
    private final Ledgers ledgers =
            Ledgers.in(store).clock(() -> now).withoutBackgroundThread().open();
    private final LedgerId id = LedgerId.forUserAndPrompt("123", "456");
    private final Ledger ledger = ledgers.ledger(id);

    @AfterEach
    void theLedgerIsWhole() {
        assertThat(ledger.verify()).isInstanceOf(VerifyReport.Ok.class);
        store.close();
    }

    private static String sample() throws IOException {
        return new String(
                ReferenceImportTest.class
                        .getResourceAsStream("reference-ledger.json")
                        .readAllBytes(),
                StandardCharsets.UTF_8);
    }

    private static ReferenceLedger document(String tasks) {
        return ReferenceLedger.parse("{'agent_id':'456','session_id':'123_456','tasks':{%s}}"
                .formatted(tasks)
                .replace('\'', '"'));
    }

    private List<String> problems(ReferenceLedger document) {
        try {
            ledgers.importReference(document);
        } catch (LedgerException e) {
            assertThat(e.code()).isEqualTo("IMPORT_REFUSED");
            assertThat(ledger.exists()).isFalse();
            return e.getMessage().lines().skip(1).map(line -> line.substring(2)).toList();
        }
        throw new AssertionError("it was imported");
    }

    @Test
    void case37TheReferencesHashesAreThoseOfPythonsJson() {
        assertThat(PythonJson.sha256(Map.of("processed", 100L)))
                .isEqualTo("012144ebbed7c5510e9ac3172292be821db9fd43cace0436661a9992293066dd");
        String good = "'t1':{'task_id':'t1','description':'Process data','result':null,"
                + "'data_hash':'fc119a93891c020bae864755550c2d7878fc55cf769a42d04896bf39f8b1488a'}";
        assertThat(ledgers.importReference(document(good)).notes()).isEmpty();
        assertThat(ledger.require("t1").dataHash()).as("made anew").matches("[0-9a-f]{64}");
        assertThat(ledger.require("t1").dataHash()).doesNotStartWith("fc119a");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "1.0 | 1.0",
                "100 | 100",
                "0.1 | 0.1",
                "1e16 | 1e+16",
                "123456789012345.6 | 123456789012345.6",
                "9999999999999998.0 | 9999999999999998.0",
                "1e-4 | 0.0001",
                "1e-5 | 1e-05",
                "1.5e-7 | 1.5e-07",
                "-2.50 | -2.5",
                "1e22 | 1e+22",
                "1.7976931348623157e308 | 1.7976931348623157e+308",
                "5e-324 | 5e-324",
                "33.33333333333333570180911920033395290374755859375 | 33.333333333333336",
                "123456789012345678901234567890 | 123456789012345678901234567890",
                "[] | []",
                "{} | {}",
                "[1,true,null] | [1, true, null]",
                "{\"b\":1,\"a\":\"é\\n\\\"\\u007f\"} | {\"a\": \"\\u00e9\\n\\\"\\u007f\", \"b\": 1}",
                "{\"\uFF61\":1,\"\uD83D\uDE00\":2} | {\"\\uff61\": 1, \"\\ud83d\\ude00\": 2}",
            })
    void valuesAreWrittenAsPythonWritesThem(String json, String python) {
        assertThat(PythonJson.write(CanonicalJson.read(json))).isEqualTo(python);
    }

    @Test
    void aSavedLedgerComesInWhole(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("ledger_456_123_456.json");
        Files.writeString(file, sample());
        ImportReport report = ledgers.importReference(ReferenceLedger.read(file), ZoneId.of("Europe/Paris"));
        assertThat(report.ledger()).isEqualTo(id);
        assertThat(report.tasks()).isEqualTo(12);
        assertThat(report.notes())
                .containsExactly(
                        "task 'action_6': it was resuming and is pending now",
                        "task 'action_9': priority 150 was put into 0 to 100",
                        "task 'action_10': these fields are not known and were kept in its history: colour",
                        "task 'action_11': its sibling 'gone' is not there");

        Task first = ledger.require("action_1");
        assertThat(first.status()).isEqualTo(TaskStatus.COMPLETED);
        assertThat(first.createdAt()).isEqualTo(Instant.parse("2026-01-10T08:00:00.123Z"));
        assertThat(first.completedAt()).isEqualTo(Instant.parse("2026-01-10T08:05:00.500Z"));
        assertThat(first.sparkSpent()).isEqualTo(new Spark(600_000));
        assertThat(first.timeSpent()).isEqualTo(Duration.ofSeconds(240));
        assertThat(first.progress()).isEqualTo(100);
        assertThat(first.resultHash()).isEqualTo(CanonicalJson.sha256(first.result()));
        assertThat(first.context()).containsEntry("persona", "Zoë");
        assertThat(first.executionMode()).isEqualTo(ExecutionMode.PARALLEL);
        assertThat(first.createdNo()).isLessThan(ledger.require("action_11").createdNo());

        Task second = ledger.require("action_2");
        assertThat(second.status()).isEqualTo(TaskStatus.IN_PROGRESS);
        assertThat(second.timeBudget()).contains(Duration.ofMillis(3_600_500));
        assertThat(second.sparkBudget()).contains(new Spark(100_000_000));
        assertThat(second.progress()).isEqualTo(41);
        assertThat(second.slaBreached()).isTrue();
        assertThat(second.ownerUserId()).isEqualTo("123");
        assertThat(second.computeRequirements()).containsEntry("gpu", true);

        assertThat(ledger.require("action_3").blockedReason()).isEqualTo(BlockedReason.DEPENDENCY);
        assertThat(ledger.require("action_3").retryCount()).isEqualTo(1);
        assertThat(ledger.require("action_4").pendingReason()).isEqualTo(PendingReason.AWAITING_PREREQUISITES);
        assertThat(ledger.require("action_5").originalResult()).isEqualTo(Map.of("x", 1L));
        assertThat(ledger.require("action_6").status()).isEqualTo(TaskStatus.PENDING);
        assertThat(ledger.require("action_6").pendingReason()).isEqualTo(PendingReason.READY);
        assertThat(ledger.require("action_7").failureReason()).isEqualTo(FailureReason.TIMEOUT);
        assertThat(ledger.require("action_8").failureReason()).isEqualTo(FailureReason.DEPENDENCY_FAILED);
        assertThat(ledger.require("action_9").deferredUntil()).isEqualTo(Instant.parse("2029-12-31T23:00:00Z"));
        assertThat(ledger.require("action_9").priority()).isEqualTo(100);
        assertThat(ledger.require("action_10").delegationType()).isEqualTo(DelegationType.HANDOFF);
        assertThat(ledger.require("action_11").linkedSiblings()).containsExactly("action_10");
        assertThat(ledger.ready(10)).extracting(Task::taskId).containsExactly("action_6");
    }

    @Test
    void whatCameInGoesOnByTheRulesOfTheLedger() throws IOException {
        ledgers.importReference(ReferenceLedger.parse(sample()));
        ledger.write(tx -> tx.complete("action_2", "checked"));
        assertThat(ledger.require("action_3").status()).isEqualTo(TaskStatus.PENDING);
        assertThat(ledger.require("action_4").claimable()).isTrue();
        ledger.write(tx -> tx.retryAsNew("action_7"));
        assertThat(ledger.waitsFor("action_8")).extracting(Edge::from).containsExactly("action_7~1");
        now = Instant.parse("2030-01-01T00:00:00Z");
        assertThat(ledger.require("action_9").status()).isEqualTo(TaskStatus.PENDING);
        assertThat(ledger.rebuild()).isInstanceOf(VerifyReport.Ok.class);
    }

    @Test
    void historiesAreKeptWithTheirTimesInUtc() throws IOException {
        ledgers.importReference(ReferenceLedger.parse(sample()), ZoneId.of("Europe/Paris"));
        Map<String, Object> document = ledger.document("action_1");
        assertThat(document.get("state_history"))
                .isEqualTo(List.of(
                        Map.of("status", "pending", "timestamp", "2026-01-10T08:00:00.500Z", "reason", "Task created"),
                        Map.of(
                                "status", "in_progress",
                                "previous_status", "pending",
                                "timestamp", "2026-01-10T08:01:00.500Z",
                                "reason", "Started"),
                        Map.of(
                                "status", "completed",
                                "previous_status", "in_progress",
                                "timestamp", "2026-01-10T08:05:00.500Z",
                                "reason", "Completed")));
        assertThat(document.get("ownership_history")).asList().hasSize(2);
        assertThat(ledger.document("action_3").get("retry_errors")).isEqualTo(List.of("timeout: no answer"));
        assertThat(ledger.require("action_1").steps().get(0)).containsEntry("timestamp", "2026-01-10T08:03:00.500Z");
        List<LedgerEvent> history = ledger.history("action_10");
        assertThat(history).extracting(LedgerEvent::type).containsExactly("TASK_CREATED", "TASK_IMPORTED");
        assertThat(history.get(1).payload().get("history")).asString().contains("colour=green");
        assertThat(ledger.document("action_6").get("state_history")).asList().hasSize(1);
        assertThat(ledger.history("action_6").get(1).payload())
                .containsEntry("reason", "imported while it was resuming");
    }

    @Test
    void aLedgerWithTasksTakesNoDocument() throws IOException {
        ledger.add(NewTask.of("mine", "Mine"));
        ReferenceLedger document = ReferenceLedger.parse(sample());
        assertThatThrownBy(() -> ledgers.importReference(document))
                .hasMessageContaining("has tasks already")
                .isInstanceOfSatisfying(
                        dev.hart.error.LedgerException.class,
                        refused -> assertThat(refused.code()).isEqualTo("LEDGER_EXISTS"));
        assertThat(ledger.tasks()).hasSize(1);
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() {
        assertThat(problems(document("""
                        'a b':{'description':'Bad id'},
                        'blank':{'description':' '},
                        'key':{'task_id':'other','description':'x'},
                        'enums':{'description':'x','status':'sleeping','task_type':'job','sensitivity':'low'},
                        'times':{'description':'x','created_at':'yesterday','deadline':[]},
                        'numbers':{'description':'x','max_retries':-1,'time_budget_s':-5,'spark_budget':'lots',
                            'retry_count':1.5,'progress_pct':1e999999},
                        'shapes':{'description':'x','context':[],'prerequisites':'a','checkpoints':{},'sla_breached':'no'},
                        'lost':{'description':'x','prerequisites':['nobody'],'blocked_by':['noone'],'parent_task_id':'none'},
                        'c1':{'description':'x','prerequisites':['c2']},'c2':{'description':'x','prerequisites':['c1']},
                        'p':{'description':'x'},'q':{'description':'x','parent_task_id':'p','blocked_by':['p']},
                        'self':{'description':'x','prerequisites':['self']},
                        'altered':{'description':'x','data_hash':'00','status':'completed','result':1,'result_hash':'11'},
                        'text':'no object'""".replace("\n", " "))))
                .satisfiesExactlyInAnyOrder(
                        p -> assertThat(p).startsWith("task 'a b': its id must be"),
                        p -> assertThat(p).startsWith("task 'blank': 'description' must be a text"),
                        p -> assertThat(p).startsWith("task 'key': 'task_id' must be the key"),
                        p -> assertThat(p).isEqualTo("task 'enums': 'status' cannot be sleeping"),
                        p -> assertThat(p).isEqualTo("task 'enums': 'task_type' cannot be job"),
                        p -> assertThat(p).isEqualTo("task 'enums': 'sensitivity' cannot be low"),
                        p -> assertThat(p).startsWith("task 'times': 'created_at' must be a time"),
                        p -> assertThat(p).startsWith("task 'times': 'deadline' must be a time"),
                        p -> assertThat(p).startsWith("task 'numbers': 'max_retries': "),
                        p -> assertThat(p).startsWith("task 'numbers': 'time_budget_s': "),
                        p -> assertThat(p).startsWith("task 'numbers': 'spark_budget' must be"),
                        p -> assertThat(p).startsWith("task 'numbers': 'retry_count' must be a whole number"),
                        p -> assertThat(p).startsWith("task 'numbers': 'progress_pct' must be a number"),
                        p -> assertThat(p).startsWith("task 'shapes': 'context' must be an object"),
                        p -> assertThat(p).startsWith("task 'shapes': 'prerequisites' must be a list"),
                        p -> assertThat(p).startsWith("task 'shapes': 'checkpoints' must be a list"),
                        p -> assertThat(p).startsWith("task 'shapes': 'sla_breached' must be true or false"),
                        p -> assertThat(p).isEqualTo("task 'lost' names the prerequisite 'nobody', which is not there"),
                        p -> assertThat(p).isEqualTo("task 'lost' names the blocker 'noone', which is not there"),
                        p -> assertThat(p).isEqualTo("task 'lost' names the parent 'none', which is not there"),
                        p -> assertThat(p).isEqualTo("these tasks wait for each other: c1, c2, c1"),
                        p -> assertThat(p).isEqualTo("these tasks wait for each other: p, q, p"),
                        p -> assertThat(p).isEqualTo("these tasks wait for each other: self, self"),
                        p -> assertThat(p).startsWith("task 'altered': its 'data_hash' is 00"),
                        p -> assertThat(p).startsWith("task 'altered': its 'result_hash' is 11"),
                        p -> assertThat(p).isEqualTo("task 'text' is not an object"));
    }

    @Test
    void aDocumentOfSomethingElseIsRefused() {
        for (String text : List.of("", "[]", "{\"a\":1,\"a\":2}", "not json")) {
            assertThatThrownBy(() -> ReferenceLedger.parse(text)).hasMessageContaining("no ledger document");
        }
        assertThat(problems(ReferenceLedger.parse("{}")))
                .satisfiesExactly(
                        p -> assertThat(p).isEqualTo("'tasks' must be an object"),
                        p -> assertThat(p).startsWith("'agent_id' must be"),
                        p -> assertThat(p).startsWith("'session_id' must be"));
    }

    @Test
    void alteredHashesAreOnlyNotedWhereThatIsAskedFor() {
        ReferenceLedger altered =
                document("'a':{'description':'x','data_hash':'00','status':'completed','result':1,'result_hash':'11'}");
        ImportReport report = ledgers.importReference(altered.withoutHashCheck());
        assertThat(report.notes()).hasSize(2).allMatch(note -> note.contains("changed after it was hashed"));
        assertThat(ledger.isDefinitionIntact("a")).isTrue();
    }

    @Test
    void secretsAndTooMuchDoNotComeIn() {
        ledgers.importReference(document("'a':{'description':'x','context':{'password':'p'},'status':'completed',"
                + "'result':{'token':'t'},'mystery':{'api_key':'k'}}"));
        assertThat(ledger.require("a").context()).isEqualTo(Map.of("password", "[REDACTED]"));
        assertThat(ledger.require("a").result()).isEqualTo(Map.of("token", "[REDACTED]"));
        assertThat(ledger.history("a").toString()).doesNotContain("api_key=k");
    }

    @Test
    void aResultTooLargeIsRefusedUnlessTheLedgerWasMadeForIt() {
        String large = "x".repeat(300 * 1024);
        ReferenceLedger document = document("'a':{'description':'x','status':'completed','result':'" + large + "'},"
                + "'b':{'description':'x','context':{'c':'" + large + "'}}");
        assertThat(problems(document)).hasSize(2).allMatch(p -> p.contains("is more than 256 KiB of JSON"));
        ledgers.create(id, LedgerOptions.defaults().maxPayloadBytes(1024 * 1024));
        assertThat(ledgers.importReference(document).tasks()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(TaskStatus.class)
    void everyStatusComesInAsItIs(TaskStatus status) {
        ledgers.importReference(document("'a':{'description':'x','status':'" + status.wireName() + "'}"));
        assertThat(ledger.require("a").status()).isEqualTo(status == TaskStatus.RESUMING ? TaskStatus.PENDING : status);
        assertThat(ReferenceLedger.actionState(status))
                .isEqualTo(
                        switch (status) {
                            case PENDING, DEFERRED, ROLLED_BACK -> "assigned";
                            case IN_PROGRESS, DELEGATED, RESUMING -> "in_progress";
                            case COMPLETED, TERMINATED, CANCELLED, SKIPPED, NOT_APPLICABLE -> "terminated";
                            case BLOCKED, USER_STOPPED -> "pending";
                            case FAILED -> "error";
                            case PAUSED -> "fallback_requested";
                        });
    }

    @Test
    void aChainOfTenThousandTasksComesIn() {
        StringBuilder tasks = new StringBuilder("'t0':{'description':'x'}");
        for (int i = 1; i < 10_000; i++) {
            tasks.append(",'t%d':{'description':'x','prerequisites':['t%d']}".formatted(i, i - 1));
        }
        assertThat(ledgers.importReference(document(tasks.toString())).tasks()).isEqualTo(10_000);
        assertThat(ledger.ready(10)).extracting(Task::taskId).containsExactly("t0");
    }
}
