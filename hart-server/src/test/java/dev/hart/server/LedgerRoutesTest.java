package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hart.ledger.LedgerId;
import dev.hart.ledger.LedgerOptions;
import dev.hart.ledger.Ledgers;
import dev.hart.ledger.NewTask;
import dev.hart.ledger.TaskCommand;
import dev.hart.server.ServedHart.Answer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LedgerRoutesTest {
    private static final String LEDGER = "/api/ledgers/team/work";

    @TempDir
    private Path directory;

    private ServedHart served;
    private Ledgers ledgers;

    @BeforeEach
    void open() throws IOException {
        served = new ServedHart(directory, settings -> settings.heartbeat(Duration.ofMillis(50)));
        ledgers = served.hart.unwrap(Ledgers.class);
    }

    @AfterEach
    void close() {
        served.close();
    }

    @Test
    void aTaskIsAddedReadChangedAndItsHistoryTold() {
        Answer added = add("""
            {"task_id":"t1","description":"Count","priority":150,"context":{"path":"a.csv","api_key":"hidden"},
             "task_type":"autonomous","execution_mode":"parallel","spark_budget":"0.6","timeout_s":90.5,
             "deadline":"2999-01-01T10:00:00Z","required_capabilities":["gpu","coding"],"locality":"regional"}\
            """);
        assertThat(added.status()).isEqualTo(201);

        Answer read = served.get(LEDGER + "/tasks/t1");
        assertThat(read.header("ETag")).isEqualTo("\"1\"");
        assertThat(read.json())
                .containsEntry("task_id", "t1")
                .containsEntry("ledger_id", "ledger_team_work")
                .containsEntry("status", "pending")
                .containsEntry("pending_reason", "ready")
                .containsEntry("priority", 100L)
                .containsEntry("task_type", "autonomous")
                .containsEntry("execution_mode", "parallel")
                .containsEntry("context", Map.of("path", "a.csv", "api_key", "[REDACTED]"))
                .containsEntry("spark_budget", "0.6")
                .containsEntry("deadline", "2999-01-01T10:00:00.000Z")
                .containsEntry("required_capabilities", List.of("coding", "gpu"))
                .containsEntry("locality", "regional")
                .containsEntry("prerequisites", List.of())
                .containsEntry("result", null)
                .containsEntry("started_at", null);
        assertThat(read.json().get("timeout_s")).hasToString("90.5");
        assertThat(read.json().get("created_at").toString())
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");

        assertThat(command("t1", "start", "{}").json()).containsEntry("status", "in_progress");
        Answer done = command("t1", "complete", "{\"result\":{\"processed\":100}}");
        assertThat(done.json())
                .containsEntry("status", "completed")
                .containsEntry("version", 3L)
                .containsEntry("result_hash", "5774a12e243fdddde9d5bd5663438a9f199f85e6d7de321fa9e6b936c4315781");
        assertThat(done.header("ETag")).isEqualTo("\"3\"");
        assertThat(events(served.get(LEDGER + "/tasks/t1/history")))
                .extracting(event -> event.get("type"))
                .containsExactly("TASK_CREATED", "TASK_TRANSITIONED", "TASK_TRANSITIONED");
    }

    @Test
    void manyTasksAreAddedAllOrNoneAndMayNameEachOtherInAnyOrder() {
        assertThat(add("{\"tasks\":[" + task("b", ",\"prerequisites\":[\"a\"]") + "," + task("a", "") + "]}")
                        .status())
                .isEqualTo(201);
        assertThat(served.get(LEDGER + "/tasks/a").json()).containsEntry("dependent_task_ids", List.of("b"));

        Answer refused = add("{\"tasks\":[" + task("c", "") + "," + task("a", "") + "]}");

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json()).containsEntry("code", "TASK_EXISTS");
        assertThat(served.get(LEDGER + "/tasks/c").status()).isEqualTo(404);
    }

    @Test
    void aRequestThatComesAgainWithItsKeyChangesNothingAndIsAnsweredAsTheFirstTime() {
        String both = "{\"tasks\":[" + task("a", "") + "," + task("b", "") + "]}";
        String first = add(both, "Idempotency-Key", "k1").body();

        Answer again = add(both, "Idempotency-Key", "k1");
        assertThat(again.status()).isEqualTo(201);
        assertThat(again.body()).isEqualTo(first);
        Answer other = add("{\"tasks\":[" + task("x", "") + "]}", "Idempotency-Key", "k1");
        assertThat(other.status()).isEqualTo(422);
        assertThat(other.json()).containsEntry("code", "IDEMPOTENCY_CONFLICT");

        assertThat(command("a", "start", "{}", "Idempotency-Key", "k2").status())
                .isEqualTo(200);
        assertThat(command("a", "complete", "{}").status()).isEqualTo(200);
        assertThat(command("a", "start", "{}", "Idempotency-Key", "k2").json()).containsEntry("status", "in_progress");
        assertThat(served.get(LEDGER + "/tasks/a").json()).containsEntry("status", "completed");
    }

    @Test
    void aCommandMayDemandTheVersionThatItsCallerSaw() {
        add(task("a", ""));

        assertThat(command("a", "reprioritize", "{\"priority\":60}", "If-Match", "\"1\"")
                        .status())
                .isEqualTo(200);
        Answer late = command("a", "reprioritize", "{\"priority\":70}", "If-Match", "\"1\"");
        assertThat(late.status()).isEqualTo(409);
        assertThat(late.json()).containsEntry("code", "VERSION_CONFLICT");
        assertThat(late.json().get("error").toString()).contains("has version 2");
        assertThat(command("a", "reprioritize", "{\"priority\":70}", "If-Match", "W/\"2\"")
                        .status())
                .isEqualTo(400);
        assertThat(command("a", "reprioritize", "{\"priority\":70}", "If-Match", "*")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aWorkerClaimsBeatsAndCompletesUnderItsLease() {
        add("{\"tasks\":[" + task("low", ",\"priority\":10") + "," + task("high", ",\"priority\":90") + "]}");

        List<Map<String, Object>> leases =
                list(served.post(LEDGER + "/claim", "{\"worker_id\":\"w1\",\"lease_s\":30}"), "leases");
        assertThat(leases).singleElement().satisfies(lease -> {
            assertThat(lease)
                    .containsEntry("lease_token", 1L)
                    .containsEntry("idempotency_key", "ledger_team_work/high");
            assertThat((Map<String, Object>) lease.get("task")).containsEntry("status", "in_progress");
        });
        assertThat(served.post(LEDGER + "/tasks/high/heartbeat", "{\"lease_token\":1}")
                        .json())
                .containsEntry("cancel_requested", false)
                .containsEntry("budget_state", "ok")
                .containsKey("lease_until");
        Answer stale = command("high", "complete", "{\"result\":1,\"lease_token\":0}");
        assertThat(stale.status()).isEqualTo(409);
        assertThat(stale.json()).containsEntry("code", "STALE_LEASE");
        assertThat(command("high", "complete", "{\"result\":1,\"lease_token\":1}")
                        .json())
                .containsEntry("status", "completed")
                .containsEntry("owner_agent_id", "w1");
        assertThat(served.post(LEDGER + "/tasks/high/heartbeat", "{\"lease_token\":1}")
                        .status())
                .isEqualTo(409);
        assertThat(list(served.post(LEDGER + "/claim", "{\"worker_id\":\"w1\",\"most\":5}"), "leases"))
                .hasSize(1);
        assertThat(list(served.post(LEDGER + "/claim", "{\"worker_id\":\"w1\"}"), "leases"))
                .isEmpty();
    }

    @Test
    void tasksAreFilteredAndReadInPages() {
        add("{\"tasks\":["
                + String.join(
                        ",",
                        IntStream.range(0, 7).mapToObj(i -> task("t" + i, "")).toList())
                + "," + task("kid", ",\"parent_task_id\":\"t0\"") + "]}");
        command("t1", "start", "{}");
        command("t2", "cancel", "{\"reason\":\"no\"}");

        assertThat(ids(served.get(LEDGER + "/tasks?status=in_progress,cancelled")))
                .containsExactly("t1", "t2");
        assertThat(ids(served.get(LEDGER + "/tasks?parent=t0"))).containsExactly("kid");
        assertThat(ids(served.get(LEDGER + "/tasks?text=KID"))).containsExactly("kid");
        assertThat(ids(served.get(LEDGER + "/tasks?updated_since=2999-01-01T00:00:00Z")))
                .isEmpty();
        List<String> all = new ArrayList<>();
        String after = "";
        for (int page = 0; page < 3; page++) {
            Answer answer = served.get(LEDGER + "/tasks?limit=3" + after);
            all.addAll(ids(answer));
            after = "&after=" + answer.json().get("next");
        }
        assertThat(all).containsExactly("t0", "t1", "t2", "t3", "t4", "t5", "t6", "kid");
        assertThat(served.get(LEDGER + "/tasks?status=done").json()).containsEntry("code", "INVALID_ARGUMENT");
        assertThat(served.get(LEDGER + "/tasks?limit=1001").status()).isEqualTo(400);
        assertThat(served.get(LEDGER + "/tasks?after=x").status()).isEqualTo(400);
    }

    @Test
    void ledgersAreListedNewestFirstWithWhatTheyAmountTo() {
        add("{\"tasks\":[" + task("a", "") + "," + task("b", "") + "," + task("c", "") + "]}");
        command("a", "start", "{}");
        command("a", "complete", "{}");
        served.post("/api/ledgers/team/later/tasks", task("a", ""));

        Answer first = served.get("/api/ledgers?limit=1");
        assertThat(list(first, "ledgers"))
                .singleElement()
                .satisfies(ledger -> assertThat(ledger).containsEntry("session_id", "later"));
        assertThat(list(served.get("/api/ledgers?limit=5&after=" + first.json().get("next")), "ledgers"))
                .singleElement()
                .satisfies(ledger -> assertThat(ledger)
                        .containsEntry("ledger_id", "ledger_team_work")
                        .containsEntry("total", 3L)
                        .containsEntry("completed", 1L)
                        .containsEntry("progress", "33.3%")
                        .containsEntry("state", "open")
                        .containsEntry("events", 5L)
                        .containsEntry("status_breakdown", Map.of("completed", 1L, "pending", 2L)));
        assertThat(served.get(LEDGER).json()).containsEntry("total", 3L);
    }

    @Test
    void theGraphIsGivenAsJsonAndForDrawingPrograms() {
        add("{\"tasks\":[" + task("a", "") + ",{\"task_id\":\"b\",\"description\":\"Say \\\"no\\\""
                + " <b>\",\"edges\":[{\"from\":\"a\",\"condition\":\"failure\"}]}]}");

        assertThat(list(served.get(LEDGER + "/graph"), "edges"))
                .containsExactly(Map.of(
                        "from_task", "a", "to_task", "b", "kind", "prereq", "condition", "failure", "strict", false));
        Answer dot = served.get(LEDGER + "/graph?format=dot");
        assertThat(dot.header("Content-Type")).startsWith("text/vnd.graphviz");
        assertThat(dot.body())
                .startsWith("digraph \"ledger_team_work\" {")
                .contains("Say \\\"no\\\" <b>", "label=\"failure\"];");
        assertThat(served.get(LEDGER + "/graph?format=mermaid").body())
                .startsWith("flowchart TD\n")
                .contains("|failure|")
                .doesNotContain("<b>");
        assertThat(served.get(LEDGER + "/graph?format=png").status()).isEqualTo(400);
    }

    @Test
    void aGraphIsReadInPagesAndEachEdgeComesOnce() {
        add("{\"tasks\":[" + task("a", "") + "," + task("b", ",\"prerequisites\":[\"a\"]") + ","
                + task("c", ",\"prerequisites\":[\"a\",\"d\"]") + "," + task("d", "") + "," + task("old", "") + ","
                + task("e", ",\"prerequisites\":[\"old\"]") + "]}");
        command("old", "cancel", "{}");
        served.post(LEDGER + "/archive", "{\"older_than\":\"2999-01-01T00:00:00Z\"}");

        Answer first = served.get(LEDGER + "/graph?limit=2");
        assertThat(first.json()).containsEntry("complete", false);
        assertThat(ids(first)).containsExactly("a", "b");
        assertThat(arrows(first)).containsExactly("a b");
        Answer second =
                served.get(LEDGER + "/graph?limit=2&after=" + first.json().get("next"));
        assertThat(ids(second)).containsExactly("c", "d");
        assertThat(arrows(second)).as("from wherever they come").containsExactlyInAnyOrder("a c", "d c");
        Answer last =
                served.get(LEDGER + "/graph?limit=2&after=" + second.json().get("next"));
        assertThat(ids(last)).containsExactly("e");
        assertThat(arrows(last)).as("not from what was put away").isEmpty();
        assertThat(last.json()).doesNotContainKey("next").containsEntry("complete", false);
        assertThat(served.get(LEDGER + "/graph").json())
                .containsEntry("complete", true)
                .doesNotContainKey("next");
        for (String query : List.of("limit=0", "limit=10001", "limit=x", "after=x")) {
            assertThat(served.get(LEDGER + "/graph?" + query).json()).containsEntry("code", "invalid_query");
        }
    }

    @Test
    void aGraphOfTenThousandTasksComesAsOneAndOfOneMoreAsTwo() {
        var ledger = ledgers.ledger(new LedgerId("team", "work"));
        for (int batch = 0; batch < 10; batch++) {
            int from = batch * 1_000;
            ledger.addAll(IntStream.range(from, from + 1_000)
                    .mapToObj(i -> NewTask.of("t" + i, "T"))
                    .toArray(NewTask[]::new));
        }
        Answer all = served.get(LEDGER + "/graph");
        assertThat(all.json()).containsEntry("complete", true).doesNotContainKey("next");
        assertThat(ids(all)).hasSize(10_000);

        ledger.add(NewTask.of("more", "T").after("t9999"));
        Answer most = served.get(LEDGER + "/graph");
        assertThat(most.json()).containsEntry("complete", false);
        assertThat(ids(most)).hasSize(10_000).doesNotContain("more");
        Answer rest = served.get(LEDGER + "/graph?after=" + most.json().get("next"));
        assertThat(ids(rest)).containsExactly("more");
        assertThat(arrows(rest)).containsExactly("t9999 more");
    }

    private static List<String> arrows(Answer graph) {
        return list(graph, "edges").stream()
                .map(edge -> edge.get("from_task") + " " + edge.get("to_task"))
                .toList();
    }

    @Test
    void theHistoryIsReadInPagesOrFromItsEnd() {
        add("{\"tasks\":[" + task("a", "") + "," + task("b", "") + "," + task("c", "") + "]}");

        Answer page = served.get(LEDGER + "/events?limit=2");
        assertThat(events(page)).extracting(event -> event.get("task_id")).containsExactly("a", "b");
        assertThat(page.json()).containsEntry("next", "2");
        assertThat(events(served.get(LEDGER + "/events?after=2")))
                .extracting(event -> event.get("task_id"))
                .containsExactly("c");
        assertThat(events(served.get(LEDGER + "/events?last=1")))
                .singleElement()
                .satisfies(event -> assertThat(event)
                        .containsEntry("id", "3")
                        .containsEntry("seq", 3L)
                        .containsEntry("actor", "local"));
        assertThat(served.get(LEDGER + "/events?after=-1").json()).containsEntry("code", "INVALID_ARGUMENT");
    }

    @Test
    void everyOneOfManyReadersSeesEveryEventOfEveryStripeOnceAndInOrder() throws IOException {
        ledgers.create(new LedgerId("team", "work"), LedgerOptions.defaults().stripes(4));
        for (int i = 0; i < 20; i++) {
            add(task("t" + i, ""));
        }
        List<CompletableFuture<List<String>>> readers =
                Stream.generate(() -> follow("", 40)).limit(8).toList();
        for (int i = 0; i < 20; i++) {
            command("t" + i, "start", "{}");
        }

        for (CompletableFuture<List<String>> reader : readers) {
            List<String> ids = reader.join();
            assertThat(ids).hasSize(40).doesNotHaveDuplicates();
            assertThat(ids.get(39)).isEqualTo(end());
        }
        // Whoever was cut off anywhere sees the rest, and nothing twice.
        List<String> all = readers.get(0).join();
        assertThat(follow(all.get(17), 22).join()).isEqualTo(all.subList(18, 40));
        await().until(() -> served.server.viewers() == 0);
    }

    @Test
    void aReaderIsToldWhatHappensLaterAndTheServerCanStop() {
        add(task("a", ""));
        CompletableFuture<List<String>> reader = follow("1", 1);
        await().until(() -> served.server.viewers() == 1);
        command("a", "start", "{}");
        assertThat(reader.join()).containsExactly("2");

        CompletableFuture<List<String>> idle = follow("2", 1);
        await().until(() -> served.server.viewers() == 1);
        served.server.close();
        assertThat(idle.join()).isEmpty();
        await().until(() -> served.server.viewers() == 0);
    }

    @Test
    void aChangedHistoryIsToldAndTheLedgerIsOnlyReadFromThenOn() throws SQLException {
        add(task("a", ""));
        assertThat(served.get(LEDGER + "/verify").json())
                .containsEntry("ok", true)
                .containsEntry("finding", "ok")
                .containsEntry("events", 1L);
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("data/hart.db"));
                Statement change = database.createStatement()) {
            change.execute("DROP TRIGGER IF EXISTS task_event_no_update");
            change.executeUpdate("UPDATE task_event SET actor = 'someone' WHERE ledger_id = 'ledger_team_work'");
        }

        assertThat(served.get(LEDGER + "/verify").json())
                .containsEntry("ok", false)
                .containsEntry("finding", "broken")
                .containsEntry("seq", 1L);
        Answer write = command("a", "start", "{}");
        assertThat(write.status()).isEqualTo(409);
        assertThat(write.json()).containsEntry("code", "LEDGER_CORRUPT");
        assertThat(served.get(LEDGER).json()).containsEntry("state", "corrupt");
        assertThat(served.get(LEDGER + "/tasks/a").status()).isEqualTo(200);
    }

    @Test
    void whatHartItselfWritesIsReadHereAndNotWritten() {
        String id = served.hart.run(ServedHart.SALES).id();

        assertThat(ids(served.get("/api/ledgers/run/" + id + "/tasks"))).startsWith("run", "action_1");
        Answer refused = served.post("/api/ledgers/run/" + id + "/tasks/action_1/roll_back", "{}");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json()).containsEntry("code", "engine_ledger");
        assertThat(served.post("/api/ledgers/hive/goals/claim", "{\"worker_id\":\"w\"}")
                        .status())
                .isEqualTo(409);
        assertThat(served.get("/api/ledgers/run/" + id + "/verify").json()).containsEntry("ok", true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/tasks",
                "/tasks/t1",
                "/tasks/t1/history",
                "/events",
                "/graph",
                "/snapshots",
                "/verify",
                "/checkpoints"
            })
    void aLedgerThatIsNotThereIsNotFoundAndNotMade(String path) {
        Answer answer = served.get("/api/ledgers/no/body" + path);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json()).containsEntry("code", "LEDGER_NOT_FOUND");
        assertThat(list(served.get("/api/ledgers"), "ledgers")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fresh   | start         | {'force':'yes'}                  | 400 | INVALID_ARGUMENT",
                "fresh   | fly           | {}                               | 400 | INVALID_ARGUMENT",
                "fresh   | fail          | {'error':'x','reason':'mood'}    | 400 | INVALID_ARGUMENT",
                "fresh   | record_spend  | {'amount':'-1'}                  | 400 | INVALID_ARGUMENT",
                "nobody  | start         | {}                               | 404 | TASK_NOT_FOUND",
                "fresh   | complete      | {}                               | 409 | ILLEGAL_TRANSITION",
                "running | start         | {}                               | 409 | NO_CHANGE",
                "waiting | start         | {}                               | 409 | NOT_READY",
                "parent  | complete      | {}                               | 409 | OPEN_CHILDREN",
                "running | complete      | {'lease_token':7}                | 409 | STALE_LEASE",
                "running | complete      | {'lease_token':'x'}              | 400 | INVALID_ARGUMENT",
                "running | reserve       | {'amount':'0.7'}                 | 409 | BUDGET_EXHAUSTED"
            })
    void aCommandThatIsRefusedSaysWhyAndChangesNothing(
            String taskId, String command, String body, int status, String code) {
        add("{\"tasks\":[" + task("fresh", "") + "," + task("running", ",\"spark_budget\":\"0.6\"") + ","
                + task("waiting", ",\"prerequisites\":[\"fresh\"]") + "," + task("parent", "") + ","
                + task("child", ",\"parent_task_id\":\"parent\"") + "]}");
        command("running", "start", "{}");
        command("parent", "start", "{\"force\":true}");
        String before = end();

        Answer answer = command(taskId, command, body.replace('\'', '"'));

        assertThat(answer.json()).as(answer.body()).containsEntry("code", code).containsEntry("success", false);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(end()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'task_id':'a b','description':'x'}                         | 400 | INVALID_ARGUMENT     | task id",
                "{'description':'x'}                                         | 400 | INVALID_ARGUMENT     | task_id",
                "{'task_id':'n','description':' '}                           | 400 | INVALID_ARGUMENT     |"
                        + " description",
                "{'task_id':'n','description':'x','priority':'high'}         | 400 | INVALID_ARGUMENT     | priority",
                "{'task_id':'n','description':'x','max_retries':-1}          | 400 | INVALID_ARGUMENT     | maxRetries",
                "{'task_id':'n','description':'x','spark_budget':'-1'}       | 400 | INVALID_ARGUMENT     |"
                        + " sparkBudget",
                "{'task_id':'n','description':'x','task_type':'odd'}         | 400 | INVALID_ARGUMENT     | task_type",
                "{'task_id':'n','description':'x','colour':'red'}            | 400 | INVALID_ARGUMENT     | colour",
                "{'task_id':'n','description':'x','deadline':'soon'}         | 400 | INVALID_ARGUMENT     | deadline",
                "{'tasks':[]}                                                | 400 | INVALID_ARGUMENT     | tasks",
                "{'tasks':[1]}                                               | 400 | INVALID_ARGUMENT     | tasks",
                "{'task_id':'t','description':'x'}                           | 409 | TASK_EXISTS          | t",
                "{'task_id':'n','description':'x','parent_task_id':'ended'}  | 409 | TASK_ENDED           | ended",
                "{'task_id':'n','description':'x','prerequisites':['gone']}  | 422 | UNKNOWN_DEPENDENCY   | gone",
                "{'task_id':'n','description':'x','prerequisites':['n']}     | 422 | CYCLE                | n",
            })
    void aTaskThatIsRefusedSaysWhyAndIsNotAdded(String body, int status, String code, String named) {
        add("{\"tasks\":[" + task("t", "") + "," + task("ended", "") + "]}");
        command("ended", "cancel", "{}");

        Answer answer = add(body.replace('\'', '"'));

        assertThat(answer.json()).as(answer.body()).containsEntry("code", code);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().get("error").toString()).contains(named);
        assertThat(ids(served.get(LEDGER + "/tasks"))).containsExactly("t", "ended");
    }

    @Test
    void aContextBeyondTheLimitIsRefused() {
        String most = "x".repeat(256 * 1024 - "{\"k\":\"\"}".length());

        assertThat(add(task("fits", ",\"context\":{\"k\":\"" + most + "\"}")).status())
                .isEqualTo(201);
        Answer answer = add(task("over", ",\"context\":{\"k\":\"" + most + "x\"}"));
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.json()).containsEntry("code", "PAYLOAD_TOO_LARGE");
    }

    @Test
    void twoIdsWithOneKeyAreTwoLedgersOfWhichOneIsRefused() {
        served.post("/api/ledgers/a_b/c/tasks", task("t", ""));

        for (Answer answer : List.of(
                served.get("/api/ledgers/a/b_c/tasks"), served.post("/api/ledgers/a/b_c/tasks", task("t", "")))) {
            assertThat(answer.status()).isEqualTo(409);
            assertThat(answer.json()).containsEntry("code", "LEDGER_ID_CLASH");
        }
    }

    @Test
    void aLedgerIsComparedWithWhatItWas() {
        add("{\"tasks\":[" + task("a", "") + "," + task("b", "") + "]}");
        Answer taken = served.post(LEDGER + "/snapshots", "{\"label\":\"before\"}");
        assertThat(taken.status()).isEqualTo(201);
        assertThat(taken.json()).containsEntry("label", "before").containsEntry("task_count", 2L);
        Object id = taken.json().get("snapshot_id");
        command("a", "start", "{}");
        command("a", "complete", "{}");
        add(task("c", ""));

        assertThat(served.get(LEDGER + "/snapshots/" + id + "/compare").json())
                .containsEntry("new_tasks", List.of("c"))
                .containsEntry("removed_tasks", List.of())
                .containsEntry("changed_tasks", List.of(Map.of("task_id", "a", "was", "pending", "now", "completed")))
                .containsEntry("completed_since", List.of("a"));
        assertThat(list(served.get(LEDGER + "/snapshots"), "snapshots")).hasSize(1);
        Answer unknown = served.get(LEDGER + "/snapshots/none/compare");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.json()).containsEntry("code", "SNAPSHOT_NOT_FOUND");
    }

    @Test
    void aStoreThatIsDownIsSaid() {
        add(task("a", ""));
        served.hart.close();

        Answer answer = command("a", "start", "{}");
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.json()).containsEntry("code", "STORE_UNAVAILABLE");
    }

    @Test
    void checkpointsOfAHartThatSignsNothingAreNone() {
        ledgers.ledger(new LedgerId("team", "work")).add(NewTask.of("a", "A"));
        ledgers.ledger(new LedgerId("team", "work")).apply("a", TaskCommand.start());

        assertThat(list(served.get(LEDGER + "/checkpoints"), "checkpoints")).isEmpty();
    }

    private Answer add(String body, String... headers) {
        return served.post(LEDGER + "/tasks", body, headers);
    }

    private Answer command(String task, String command, String body, String... headers) {
        return served.post(LEDGER + "/tasks/" + task + "/" + command, body, headers);
    }

    private static String task(String id, String more) {
        return "{\"task_id\":\"" + id + "\",\"description\":\"Do " + id + "\"" + more + "}";
    }

    private String end() {
        return served.get(LEDGER).json().get("end").toString();
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(Answer answer, String name) {
        return (List<Map<String, Object>>) answer.json().get(name);
    }

    private static List<Map<String, Object>> events(Answer answer) {
        return list(answer, "events");
    }

    private static List<String> ids(Answer answer) {
        return list(answer, "tasks").stream()
                .map(task -> task.get("task_id").toString())
                .toList();
    }

    /** Reads that many ids from a stream behind one of them, or fewer when it ends before. */
    private CompletableFuture<List<String>> follow(String lastEventId, int count) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(served.uri(LEDGER + "/events")).header("Accept", "text/event-stream");
        if (!lastEventId.isEmpty()) {
            request.header("Last-Event-ID", lastEventId);
        }
        return served.client
                .sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream())
                .thenApplyAsync(response -> {
                    List<String> ids = new ArrayList<>();
                    try (InputStream stream = response.body()) {
                        BufferedReader lines =
                                new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
                        for (String line = lines.readLine();
                                line != null && ids.size() < count;
                                line = ids.size() < count ? lines.readLine() : null) {
                            if (line.startsWith("id: ")) {
                                ids.add(line.substring(4));
                            }
                        }
                    } catch (IOException e) {
                        // The server has stopped; what was read counts.
                    }
                    return ids;
                });
    }
}
