package dev.hart.ledger;

import static dev.hart.ledger.TaskStatus.BLOCKED;
import static dev.hart.ledger.TaskStatus.DEFERRED;
import static dev.hart.ledger.TaskStatus.DELEGATED;
import static dev.hart.ledger.TaskStatus.IN_PROGRESS;
import static dev.hart.ledger.TaskStatus.PENDING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.store.Store;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks discovered at run time go where an untrusted answer puts them, as far as that is possible. */
class DiscoveryTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private Classifier classifier = Classifier.byRules();
    private final List<Discovery> asked = new ArrayList<>();
    private final Store store = Store.inMemory();
    private final Ledgers ledgers = Ledgers.in(store)
            .clock(() -> now)
            .classifier(discovery -> {
                asked.add(discovery);
                return classifier.classify(discovery);
            })
            .withoutBackgroundThread()
            .open();
    private final Ledger ledger = ledgers.ledger(new LedgerId("agent", "s1"));

    @BeforeEach
    void oneTaskIsRunning() {
        ledger.add(NewTask.of("cook", "Cook"));
        ledger.write(tx -> tx.start("cook"));
    }

    @AfterEach
    void theLedgerIsWhole() {
        assertThat(ledger.verify()).isInstanceOf(VerifyReport.Ok.class);
        store.close();
    }

    private DiscoveredTask add(String answer) {
        classifier = discovery -> answer;
        return ledger.addDynamic("Wash the pan", Map.of("pan", 1L), "cook");
    }

    private DiscoveredTask answered(String answer) {
        return add(answer.replace('\'', '"'));
    }

    @ParameterizedTest
    @CsvSource({
        "Wash the pan first, child",
        "We need more oil, child",
        "Then serve it, sequential",
        "Eat after it is served, sequential",
        "Order pizza if cooking fails, conditional",
        "Call the fire brigade on failure, conditional",
        "Toast to it if it succeeds, conditional",
        "Lay the table, sibling"
    })
    void wordsOfTheDescriptionSayWhereItBelongs(String description, String relationship) {
        DiscoveredTask added = ledger.addDynamic(description, Map.of(), "cook");
        assertThat(added.classification().relationship().wireName()).isEqualTo(relationship);
        assertThat(added.warnings()).isEmpty();
        assertThat(added.task().taskId()).isEqualTo("dynamic_1");
        assertThat(added.task().type()).isEqualTo(TaskType.AUTONOMOUS);
        assertThat(ledger.addDynamic(description, Map.of(), null)
                        .classification()
                        .relationship())
                .isEqualTo(Relationship.INDEPENDENT);
        assertThat(ledger.require("dynamic_2").description()).isEqualTo(description);
    }

    @Test
    void wordsOfTheDescriptionSayHowUrgentItIs() {
        assertThat(ledger.addDynamic("URGENT: stop the leak", Map.of(), null)
                        .task()
                        .priority())
                .isEqualTo(80);
        assertThat(ledger.addDynamic("Eventually paint the wall", Map.of(), null)
                        .task()
                        .priority())
                .isEqualTo(20);
        assertThat(ledger.addDynamic("Insurgently paint", Map.of(), null).task().priority())
                .isEqualTo(50);
    }

    @Test
    void theClassifierIsToldWhatTheLedgerHolds() {
        ledger.addDynamic("Lay the table", Map.of("n", 4L), "cook");
        assertThat(asked.get(0).discoveredBy()).isEqualTo("cook");
        assertThat(asked.get(0).context()).isEqualTo(Map.of("n", 4L));
        assertThat(asked.get(0).tasks()).extracting(Task::taskId).containsExactly("cook");
    }

    @Test
    void aChildBlocksItsRunningParentUntilItIsDone() {
        DiscoveredTask added = answered("{'relationship':'child','related_to_task_id':'cook'}");
        assertThat(added.task().parentTaskId()).isEqualTo("cook");
        assertThat(ledger.require("cook").status()).isEqualTo(BLOCKED);
        ledger.write(tx -> {
            tx.start("dynamic_1");
            return tx.complete("dynamic_1", null);
        });
        assertThat(ledger.require("cook").status()).isEqualTo(IN_PROGRESS);
    }

    @Test
    void aConditionalTaskRunsOnTheOutcomeItNames() {
        DiscoveredTask added = answered("{'relationship':'conditional','related_to_task_id':'cook',"
                + "'condition':{'required_outcome':'failure','condition_description':'burnt'}}");
        assertThat(ledger.waitsFor("dynamic_1"))
                .containsExactly(new Edge("cook", "dynamic_1", Edge.Kind.PREREQ, Outcome.FAILURE, false));
        assertThat(added.task().context().get("classification")).asString().contains("burnt");
        ledger.write(tx -> tx.fail("cook", "burnt", FailureReason.ERROR));
        assertThat(ledger.require("dynamic_1").pendingReason()).isEqualTo(PendingReason.READY);
    }

    @Test
    void aSiblingIsLinkedAndHasTheSameParent() {
        ledger.write(tx -> tx.addChild("cook", "Stir"));
        DiscoveredTask added = answered("{'relationship':'sibling','related_to_task_id':'cook_child_1'}");
        assertThat(added.task().parentTaskId()).isEqualTo("cook");
        assertThat(ledger.graph().siblings("dynamic_1"))
                .extracting(Task::taskId)
                .containsExactly("cook_child_1");
        answered("{'relationship':'sibling','related_to_task_id':'cook'}");
        assertThat(ledger.graph().siblings("dynamic_2"))
                .extracting(Task::taskId)
                .containsExactly("cook");
    }

    @Test
    void aTaskMayBeHandedOnPutOffOrBlocked() {
        assertThat(answered("{'delegation':{'should_delegate':true,'delegate_to':'b','delegation_type':'handoff'}}")
                        .task())
                .satisfies(task -> {
                    assertThat(task.status()).isEqualTo(DELEGATED);
                    assertThat(task.delegatedTo()).isEqualTo("b");
                    assertThat(task.delegationType()).isEqualTo(DelegationType.HANDOFF);
                });
        Task deferred = answered(
                        "{'scheduling':{'defer':true,'defer_until':'2026-01-01T02:00:00+01:00','defer_reason':'later'}}")
                .task();
        assertThat(deferred.status()).isEqualTo(DEFERRED);
        assertThat(deferred.deferredUntil()).isEqualTo(Instant.parse("2026-01-01T01:00:00Z"));
        assertThat(answered("{'blocked_by':['cook'],'priority':70}").task().status())
                .isEqualTo(BLOCKED);
        assertThat(answered("{'blocked_reason':'approval_required'}").task().blockedReason())
                .isEqualTo(BlockedReason.APPROVAL_REQUIRED);
        assertThat(answered("{'scheduling':{'scheduled_at':'2026-01-01T00:00:05Z'}}")
                        .task()
                        .notBefore())
                .isEqualTo(Instant.parse("2026-01-01T00:00:05Z"));
        assertThat(answered("{'blocked_by':['cook'],'delegation':{'should_delegate':true,'delegate_to':'b'}}")
                        .warnings())
                .containsExactly("it is not ready and was not handed to b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "I think it is a child.",
                "[]",
                "{\"relationship\":",
                "{\"a\":1,\"a\":2}",
                "null",
                "{\"relationship\":\"child\"} and {\"priority\":3}"
            })
    void anAnswerThatCannotBeReadIsIndependent(String answer) {
        DiscoveredTask added = add(answer);
        assertThat(added.classification()).isEqualTo(Classification.DEFAULT);
        assertThat(added.warnings()).containsExactly("the answer is not a JSON object");
        assertThat(added.task().status()).isEqualTo(PENDING);
        assertThat(added.task().priority()).isEqualTo(50);
        assertThat(added.task().maxRetries()).isEqualTo(3);
        assertThat(added.task().executionMode()).isEqualTo(ExecutionMode.SEQUENTIAL);
        assertThat(added.task().context()).containsEntry("pan", 1L);
    }

    @Test
    void aClassifierThatFailsDoesNotLoseTheTask() {
        classifier = discovery -> {
            throw new IOException("no model");
        };
        assertThat(ledger.addDynamic("Wash", Map.of(), "cook").classification().relationship())
                .isEqualTo(Relationship.INDEPENDENT);
    }

    @Test
    void anAnswerInsideProseIsFound() {
        assertThat(answered("Here:\n```json\n{'priority': 90}\n```").task().priority())
                .isEqualTo(90);
    }

    @Test
    void whateverIsWrongInAnAnswerIsLeftOut() {
        DiscoveredTask added = answered("{'relationship':'boss','related_to_task_id':'nobody','execution_mode':7,"
                + "'priority':'high','prerequisites':['cook','nobody',3,'cook'],'blocked_by':'cook',"
                + "'blocked_reason':'mood','condition':[],'delegation':{'should_delegate':true,'delegate_to':'a b'},"
                + "'scheduling':{'defer':'yes','scheduled_at':'tomorrow'},"
                + "'retry_config':{'max_retries':99},'reasoning':{}}");
        assertThat(added.warnings())
                .containsExactlyInAnyOrder(
                        "'relationship' cannot be boss",
                        "'related_to_task_id' cannot be nobody",
                        "'execution_mode' cannot be 7",
                        "'priority' cannot be high",
                        "'prerequisites' cannot be nobody",
                        "'prerequisites' cannot be 3",
                        "'blocked_by' cannot be cook",
                        "'blocked_reason' cannot be mood",
                        "'condition' cannot be []",
                        "'delegate_to' cannot be a b",
                        "'defer' cannot be yes",
                        "'scheduled_at' cannot be tomorrow",
                        "'reasoning' cannot be {}");
        assertThat(added.classification().prerequisites()).containsExactly("cook");
        assertThat(added.task().maxRetries()).isEqualTo(5);
        assertThat(added.task().status()).isEqualTo(PENDING);
    }

    @ParameterizedTest
    @CsvSource({"-1, 0", "0, 0", "100, 100", "101, 100", "49.5, 50", "1e400, 100", "-1e400, 0"})
    void aPriorityIsPutIntoItsRange(String given, int stored) {
        assertThat(answered("{'priority':" + given + "}").task().priority()).isEqualTo(stored);
    }

    @Test
    void retriesCanBeSwitchedOff() {
        assertThat(answered("{'retry_config':{'max_retries':4,'retry_on_failure':false}}")
                        .task()
                        .maxRetries())
                .isZero();
        assertThat(answered("{'retry_config':{'max_retries':4}}").task().maxRetries())
                .isEqualTo(4);
        assertThat(answered("{'retry_config':{'max_retries':-4}}").task().maxRetries())
                .isZero();
    }

    @Test
    void aCycleMakesItIndependent() {
        DiscoveredTask added =
                answered("{'relationship':'child','related_to_task_id':'cook','prerequisites':['cook'],'priority':60}");
        assertThat(added.classification().relationship()).isEqualTo(Relationship.INDEPENDENT);
        assertThat(added.warnings()).singleElement().asString().contains("would wait for each other");
        assertThat(added.task().parentTaskId()).isNull();
        assertThat(added.task().priority()).isEqualTo(60);
        assertThat(ledger.waitsFor("dynamic_1")).isEmpty();
        assertThat(ledger.require("cook").status()).isEqualTo(IN_PROGRESS);
    }

    @Test
    void aChildOfAnEndedTaskIsIndependent() {
        ledger.write(tx -> tx.complete("cook", null));
        DiscoveredTask added = answered("{'relationship':'child','related_to_task_id':'cook'}");
        assertThat(added.classification().relationship()).isEqualTo(Relationship.INDEPENDENT);
        assertThat(added.warnings()).singleElement().asString().contains("has ended");
        assertThat(answered("{'relationship':'sequential'}").warnings())
                .containsExactly("'sequential' needs a related task");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void noAnswerWhateverBreaksTheLedger(long seed) {
        Random random = new Random(seed);
        String[] keys = {
            "relationship",
            "related_to_task_id",
            "execution_mode",
            "priority",
            "prerequisites",
            "blocked_by",
            "blocked_reason",
            "condition",
            "depends_on_outcome",
            "required_outcome",
            "delegation",
            "should_delegate",
            "delegate_to",
            "scheduling",
            "defer",
            "defer_until",
            "retry_config",
            "max_retries",
            "reasoning"
        };
        String[] values = {
            "'cook'",
            "'dynamic_1'",
            "'dynamic_2'",
            "'child'",
            "'sibling'",
            "'sequential'",
            "'conditional'",
            "'failure'",
            "['cook']",
            "['dynamic_1','dynamic_3']",
            "true",
            "5",
            "-1e9",
            "null",
            "{}",
            "'2026-01-01T00:00:01Z'",
            "'\u0000'"
        };
        for (int i = 0; i < 60; i++) {
            StringBuilder answer = new StringBuilder();
            int depth = 0;
            for (String key : keys) {
                if (random.nextInt(3) == 0) {
                    continue;
                }
                boolean opens = List.of("condition", "delegation", "scheduling", "retry_config")
                        .contains(key);
                answer.append(answer.isEmpty() || answer.charAt(answer.length() - 1) == '{' ? "" : ",");
                answer.append("'").append(key).append("':");
                if (opens && depth == 0) {
                    answer.append("{");
                    depth++;
                } else {
                    answer.append(values[random.nextInt(values.length)]);
                }
            }
            DiscoveredTask added = answered("{" + answer + "}".repeat(depth + 1));
            assertThat(added.task().taskId()).isEqualTo("dynamic_" + (i + 1));
        }
    }
}
