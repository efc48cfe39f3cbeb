package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.server.ServedHart.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class LedgerCommandRoutesTest {
    private static final String LEDGER = "/api/ledgers/team/work";

    @TempDir
    private Path directory;

    private ServedHart served;

    @BeforeEach
    void open() throws IOException {
        served = new ServedHart(directory, settings -> settings);
    }

    @AfterEach
    void close() {
        served.close();
    }

    // ---- options

    @Test
    void aLedgerIsMadeWithOptions() {
        Answer made = served.post(LEDGER, """
            {"resume":"requeue","on_child_failure":"fail_parent","on_dependency_failure":"cancel","stripes":4,
             "retry_base_s":0.5,"retry_cap_s":60,"retry_jitter":0.25,"lease_s":30,"ageing_step_s":600,
             "any_capability":true,"messages":false,"log_heartbeats":true,"max_payload_bytes":2048,
             "origin":{"node_id":"n1","region":"eu"}}\
            """);
        assertThat(made.status()).as(made.body()).isEqualTo(200);
        assertThat(made.json()).containsEntry("ledger_id", "ledger_team_work").containsEntry("total", 0L);
        assertThat(options(served.get(LEDGER)))
                .containsEntry("resume", "requeue")
                .containsEntry("on_child_failure", "fail_parent")
                .containsEntry("on_dependency_failure", "cancel")
                .containsEntry("stripes", 4L)
                .containsEntry("any_capability", true)
                .containsEntry("messages", false)
                .containsEntry("log_heartbeats", true)
                .containsEntry("max_payload_bytes", 2048L)
                .containsEntry("origin", Map.of("node_id", "n1", "region", "eu"))
                .hasEntrySatisfying("retry_base_s", half -> assertThat(half).hasToString("0.5"))
                .hasEntrySatisfying("lease_s", half -> assertThat(half).hasToString("30"));

        add(task("a", "") + "," + task("b", ",\"prerequisites\":[\"a\"]"));
        command("a", "start", "{}");
        command("a", "fail", "{\"error\":\"no\"}");
        assertThat(status("b")).as("onDependencyFailure").isEqualTo("cancelled");
        String most = "x".repeat(2048 - "{\"k\":\"\"}".length());
        assertThat(served.post(LEDGER + "/tasks", task("fits", ",\"context\":{\"k\":\"" + most + "\"}"))
                        .status())
                .isEqualTo(201);
        assertThat(served.post(LEDGER + "/tasks", task("over", ",\"context\":{\"k\":\"" + most + "x\"}"))
                        .status())
                .isEqualTo(413);
    }

    @Test
    void aLedgerThatIsThereMustHaveTheOptionsThatAreGiven() {
        served.post(LEDGER, "{\"lease_s\":30}");
        assertThat(served.post(LEDGER, "{}").status()).isEqualTo(200);
        assertThat(served.post(LEDGER, "{\"lease_s\":30}").status()).isEqualTo(200);
        Answer other = served.post(LEDGER, "{\"lease_s\":31}");
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.json()).containsEntry("code", "LEDGER_EXISTS");
        assertThat(options(served.get(LEDGER)).get("lease_s")).hasToString("30");
        assertThat(served.post("/api/ledgers/run/x", "{}").json()).containsEntry("code", "engine_ledger");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'colour':'red'}             | colour",
                "{'resume':'maybe'}           | resume",
                "{'stripes':0}                | stripes",
                "{'stripes':65}               | stripes",
                "{'lease_s':0.5}              | lease",
                "{'retry_jitter':1.5}         | retryJitter",
                "{'max_payload_bytes':1023}   | maxPayloadBytes",
                "{'messages':'yes'}           | messages",
                "{'origin':{'town':'x'}}      | origin"
            })
    void anOptionThatCannotBeIsRefusedAndNoLedgerIsMade(String body, String named) {
        Answer answer = served.post(LEDGER, body.replace('\'', '"'));
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.json()).containsEntry("code", "INVALID_ARGUMENT");
        assertThat(answer.json().get("error").toString()).contains(named);
        assertThat(served.get(LEDGER).status()).isEqualTo(404);
    }

    // ---- families

    @Test
    void tasksAreAddedBelowATask() {
        add(task("p", "") + "," + task("c", "") + "," + task("s", ""));
        Answer child = command("p", "add_child", "{\"description\":\"Look\",\"priority\":80}");
        assertThat(child.status()).isEqualTo(201);
        assertThat(child.json()).containsEntry("task_id", "p_child_1").containsEntry("priority", 80L);
        assertThat(command("p", "add_child", "{\"description\":\"Look\",\"task_id\":\"mine\"}")
                        .status())
                .isEqualTo(400);
        assertThat(ids(command("s", "add_siblings", "{\"descriptions\":[\"A\",\"B\"]}")))
                .containsExactly("s_sibling_1", "s_sibling_2");
        assertThat(ids(command("s", "add_siblings", "{\"descriptions\":[\"C\"]}")))
                .containsExactly("s_sibling_3");
        assertThat(ids(command("c", "add_chain", "{\"descriptions\":[\"A\",\"B\"]}")))
                .containsExactly("c_seq_1", "c_seq_2");
        assertThat(status("c_seq_2")).isEqualTo("blocked");
        command("s", "start", "{\"force\":true}");
        assertThat(ids(command("s", "add_subtasks", "{\"tasks\":[" + task("s.1", "") + "]}")))
                .containsExactly("s.1");
        assertThat(status("s")).isEqualTo("blocked");
        assertThat(ids(served.post(LEDGER + "/chain", "{\"descriptions\":[\"A\",\"B\",\"C\"]}")))
                .containsExactly("seq_task_1", "seq_task_2", "seq_task_3");
        served.post(LEDGER + "/link_siblings", "{\"task_ids\":[\"seq_task_1\",\"s.1\"]}");
        assertThat(served.get(LEDGER + "/tasks/seq_task_1").json()).containsEntry("sibling_task_ids", List.of("s.1"));
    }

    @Test
    void goalsAndDiscoveredTasksAreAdded() {
        add(task("a", ""));
        Answer goal = served.post(
                LEDGER + "/goals", "{\"objective\":\"Count all\",\"tasks\":[{\"description\":\"Count one\"}]}");
        assertThat(goal.status()).isEqualTo(201);
        assertThat(status(goal.json().get("goal_id") + "_sub_1")).isEqualTo("pending");
        Answer found = served.post(LEDGER + "/dynamic", "{\"description\":\"Then look again\",\"by\":\"a\"}");
        assertThat(found.status()).as(found.body()).isEqualTo(201);
        assertThat(found.json()).containsKeys("relationship", "warnings");
        assertThat(served.post(LEDGER + "/dynamic", "{\"description\":\"x\",\"by\":\"nobody\"}")
                        .json())
                .containsEntry("code", "TASK_NOT_FOUND");
    }

    @Test
    void aPartIsDelegatedAndComesBack() {
        add(task("p", ""));
        command("p", "start", "{}");
        Answer part = command("p", "delegate_part", """
            {"agent":"bee","description":"Count","type":"escalation","lease_s":60,"skills":["count"]}\
            """);
        assertThat(part.status()).isEqualTo(201);
        assertThat(part.json()).containsEntry("status", "delegated").containsEntry("delegated_to", "bee");
        String id = part.json().get("task_id").toString();
        assertThat(status("p")).isEqualTo("blocked");
        assertThat(command("p", "finish_delegation", "{\"ok\":true}").json()).containsEntry("code", "NOT_DELEGATED");
        assertThat(command(id, "finish_delegation", "{\"ok\":true,\"result\":{\"n\":7}}")
                        .json())
                .containsEntry("status", "completed")
                .containsEntry("result", Map.of("n", 7L));
        assertThat(status("p")).isEqualTo("in_progress");
    }

    // ---- what a task waits for

    @Test
    void whatATaskWaitsForIsChanged() {
        add(task("a", "") + "," + task("b", "") + "," + task("c", ""));
        assertThat(command("b", "add_prerequisite", "{\"prerequisite\":\"a\",\"condition\":\"any\"}")
                        .json())
                .containsEntry("claimable", false);
        Answer circle = command("a", "add_prerequisite", "{\"prerequisite\":\"b\"}");
        assertThat(circle.status()).isEqualTo(422);
        assertThat(circle.json()).containsEntry("code", "CYCLE");
        assertThat(command("b", "remove_prerequisite", "{\"prerequisite\":\"a\"}")
                        .json())
                .containsEntry("claimable", true);
        assertThat(command("c", "block_by", "{\"blockers\":[\"a\",\"b\"]}").json())
                .containsEntry("status", "blocked");
        command("c", "remove_blocker", "{\"blocker\":\"a\"}");
        assertThat(command("c", "remove_blocker", "{\"blocker\":\"b\"}").json()).containsEntry("status", "pending");
    }

    // ---- ends

    @Test
    void cascadesTellWhatTheyChangedAndWhatTheyCouldNot() {
        add(task("a", "") + "," + task("b", ",\"prerequisites\":[\"a\"]") + ","
                + task("c", ",\"prerequisites\":[\"b\"]"));
        command("b", "start", "{\"force\":true}");
        assertThat(command("a", "cancel_cascade", "{\"reason\":\"no need\"}").json())
                .containsEntry("changed", List.of("a", "c"))
                .containsEntry("refused", List.of("b"));

        add(task("x", "") + "," + task("y", ",\"prerequisites\":[\"x\"]"));
        for (String id : List.of("x", "y")) {
            command(id, "start", "{}");
            command(id, "complete", "{\"result\":1}");
        }
        assertThat(command("x", "roll_back_cascade", "{}").json())
                .containsEntry("changed", List.of("y", "x"))
                .containsEntry("refused", List.of());
        assertThat(status("x")).isEqualTo("rolled_back");
    }

    @Test
    void anEndedTaskIsRepeatedAsANewOne() {
        add(task("a", "") + "," + task("b", ",\"prerequisites\":[\"a\"]"));
        assertThat(command("a", "retry_as_new", "{}").status()).isEqualTo(409);
        command("a", "start", "{}");
        command("a", "fail", "{\"error\":\"boom\"}");
        Answer again = command("a", "retry_as_new", "{}");
        assertThat(again.status()).isEqualTo(201);
        assertThat(again.json()).containsEntry("task_id", "a~1").containsEntry("supersedes", "a");
        command("a~1", "start", "{}");
        Answer done = command("a~1", "complete_and_route", "{\"outcome\":\"success\",\"result\":1}");
        assertThat(done.status()).as(done.body()).isEqualTo(200);
        assertThat((Map<String, Object>) done.json().get("next")).containsEntry("task_id", "b");
        assertThat(command("b", "complete_and_route", "{\"outcome\":\"any\"}").status())
                .isEqualTo(400);
        command("b", "start", "{}");
        assertThat((Map<String, Object>) command("b", "complete_and_route", "{\"outcome\":\"failure\"}")
                        .json()
                        .get("task"))
                .containsEntry("status", "pending")
                .containsEntry("retry_count", 1L);
    }

    @Test
    void aTaskIsHandedToAnotherWorkerWhichAloneMayGoOn() {
        add(task("a", ""));
        served.post(LEDGER + "/claim", "{\"worker_id\":\"w1\"}");
        assertThat(command("a", "transfer", "{\"worker_id\":\"w2\"}").status()).isEqualTo(400);
        assertThat(command("a", "transfer", "{\"worker_id\":\"w2\",\"lease_token\":0}")
                        .json())
                .containsEntry("code", "STALE_LEASE");
        Answer handed = command("a", "transfer", "{\"worker_id\":\"w2\",\"lease_token\":1,\"lease_s\":30}");
        assertThat(handed.json()).as(handed.body()).containsEntry("lease_token", 2L);
        assertThat(command("a", "complete", "{\"result\":1,\"lease_token\":1}").json())
                .containsEntry("code", "STALE_LEASE");
        assertThat(command("a", "complete", "{\"result\":1,\"lease_token\":2}").json())
                .containsEntry("owner_agent_id", "w2");
    }

    @Test
    void aWorkerWhoseLeaseIsOverAddsNothing() {
        add(task("a", ""));
        served.post(LEDGER + "/claim", "{\"worker_id\":\"w1\"}");
        Answer stale = command("a", "add_siblings", "{\"descriptions\":[\"B\"],\"lease_token\":0}");
        assertThat(stale.json()).containsEntry("code", "STALE_LEASE");
        assertThat(ids(served.get(LEDGER + "/tasks"))).containsExactly("a");
        assertThat(command("a", "add_siblings", "{\"descriptions\":[\"B\"],\"lease_token\":1}")
                        .status())
                .isEqualTo(201);
    }

    @Test
    void theseCommandsMayDemandAVersionToo() {
        add(task("a", ""));
        Answer late = command("a", "add_child", "{\"description\":\"x\"}", "If-Match", "\"2\"");
        assertThat(late.json()).containsEntry("code", "VERSION_CONFLICT");
        assertThat(command("a", "add_child", "{\"description\":\"x\"}", "If-Match", "\"1\"")
                        .status())
                .isEqualTo(201);
        Answer keyed = command("a", "add_child", "{\"description\":\"x\"}", "Idempotency-Key", "k");
        assertThat(keyed.status()).isEqualTo(400);
        assertThat(keyed.json()).containsEntry("code", "invalid_header");
    }

    // ---- votes

    @Test
    void twoWhoRejectHaveATaskDoneAgain() {
        add(task("a", ""));
        assertThat(command("a", "vote", "{\"verdict\":true}").json()).containsEntry("code", "NOT_READY");
        command("a", "start", "{}");
        command("a", "complete", "{\"result\":\"done\"}");
        String hash = "58bf5b5478e5d1fb7441daeff9fd1ed60a4ad5fbfabc64715cd8608f3f59f6da";
        assertThat(command("a", "vote", "{\"verdict\":true,\"result_hash\":\"00\"}")
                        .json())
                .containsEntry("code", "VERSION_CONFLICT");
        assertThat(command(
                                "a",
                                "vote",
                                "{\"verdict\":false,\"evidence\":{\"why\":\"thin\"},\"result_hash\":\"" + hash + "\"}")
                        .json())
                .containsEntry("total", 1L)
                .containsEntry("decision", "undecided");
        assertThat(command("a", "vote", "{\"verdict\":true}").json()).containsEntry("code", "ALREADY_VOTED");
        Answer votes = served.get(LEDGER + "/tasks/a/votes");
        assertThat(list(votes, "votes"))
                .singleElement()
                .satisfies(vote -> assertThat(vote)
                        .containsEntry("verifier", "local")
                        .containsEntry("result_hash", hash)
                        .containsEntry("evidence", Map.of("why", "thin")));
        assertThat(command("a", "vote", "{\"verdict\":false,\"verifier\":\"bee\"}")
                        .json())
                .containsEntry("decision", "rejected");
        assertThat(status("a")).isEqualTo("rolled_back");
        assertThat(status("a~1")).isEqualTo("pending");
    }

    // ---- the ledger as a whole

    @Test
    void allTasksOfAKindAreChangedAtOnce() {
        add(task("a", "") + "," + task("b", "") + "," + task("c", ""));
        command("a", "start", "{}");
        assertThat(whole("pause_all_active", "{\"reason\":\"night\"}")).containsEntry("changed", 1L);
        assertThat(status("a")).isEqualTo("paused");
        assertThat(whole("resume_all_paused", "{}")).containsEntry("changed", 1L);
        assertThat(whole("defer_all_pending", "{\"until\":\"2999-01-01T00:00:00Z\"}"))
                .containsEntry("changed", 2L);
        assertThat(whole("undefer_all", "{}")).containsEntry("changed", 2L);
        command("a", "complete", "{}");
        assertThat(whole("archive", "{\"older_than\":\"2000-01-01T00:00:00Z\"}"))
                .containsEntry("changed", 0L);
        assertThat(whole("archive", "{\"older_than\":\"2999-01-01T00:00:00Z\"}"))
                .containsEntry("changed", 1L);
        assertThat(ids(served.get(LEDGER + "/tasks"))).containsExactly("b", "c");
        assertThat(whole("archive", "{}")).containsEntry("code", "INVALID_ARGUMENT");
    }

    @Test
    void aPausedLedgerGivesOutNothing() {
        add(task("a", ",\"execution_mode\":\"parallel\"") + "," + task("b", ",\"priority\":90"));
        assertThat(ids(served.get(LEDGER + "/ready"))).containsExactly("b", "a");
        assertThat(ids(served.get(LEDGER + "/ready?parallel=true"))).containsExactly("a");
        assertThat(whole("pause", "{}")).containsEntry("state", "paused");
        assertThat(ids(served.get(LEDGER + "/ready"))).isEmpty();
        assertThat(list(served.post(LEDGER + "/claim", "{\"worker_id\":\"w\"}"), "leases"))
                .isEmpty();
        assertThat(whole("unpause", "{}")).containsEntry("state", "open");
        assertThat(list(served.post(LEDGER + "/claim", "{\"worker_id\":\"w\"}"), "leases"))
                .hasSize(1);
        Map<String, Object> report = served.get(LEDGER + "/report").json();
        assertThat(report).containsKeys("progress", "awareness", "text");
        assertThat(report.get("text").toString()).contains("Do a");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "team | tasks/a/cancel_cascade  | {'colour':'red'}           | 400 | INVALID_ARGUMENT",
                "team | tasks/a/add_siblings    | {'descriptions':[]}        | 400 | INVALID_ARGUMENT",
                "team | tasks/a/block_by        | {'blockers':['nobody']}    | 422 | UNKNOWN_DEPENDENCY",
                "team | tasks/no/retry_as_new   | {}                         | 404 | TASK_NOT_FOUND",
                "none | tasks/a/retry_as_new    | {}                         | 404 | LEDGER_NOT_FOUND",
                "none | pause                   | {}                         | 404 | LEDGER_NOT_FOUND",
                "run  | pause                   | {}                         | 409 | engine_ledger",
                "hive | tasks/a/vote            | {'verdict':true}           | 409 | engine_ledger"
            })
    void whatIsRefusedChangesNothing(String agent, String path, String body, int status, String code) {
        add(task("a", ""));
        Object before = served.get(LEDGER).json().get("end");
        Answer answer = served.post(String.join("/", "/api/ledgers", agent, "work", path), body.replace('\'', '"'));
        assertThat(answer.json()).as(answer.body()).containsEntry("code", code);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(served.get(LEDGER).json()).containsEntry("end", before);
    }

    private void add(String tasks) {
        Answer added = served.post(LEDGER + "/tasks", "{\"tasks\":[" + tasks + "]}");
        assertThat(added.status()).as(added.body()).isEqualTo(201);
    }

    private Answer command(String task, String command, String body, String... headers) {
        return served.post(LEDGER + "/tasks/" + task + "/" + command, body, headers);
    }

    private Map<String, Object> whole(String command, String body) {
        return served.post(LEDGER + "/" + command, body).json();
    }

    private Object status(String task) {
        return served.get(LEDGER + "/tasks/" + task).json().get("status");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> options(Answer answer) {
        return (Map<String, Object>) answer.json().get("options");
    }

    private static String task(String id, String more) {
        return "{\"task_id\":\"" + id + "\",\"description\":\"Do " + id + "\"" + more + "}";
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(Answer answer, String name) {
        return (List<Map<String, Object>>) answer.json().get(name);
    }

    private static List<String> ids(Answer answer) {
        return list(answer, "tasks").stream()
                .map(task -> task.get("task_id").toString())
                .toList();
    }
}
