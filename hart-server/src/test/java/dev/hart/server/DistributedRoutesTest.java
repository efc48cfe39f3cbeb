package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.HartClock;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.server.ServedHart.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DistributedRoutesTest {
    private static final String[] OWNER = {"X-API-Key", ServedHart.KEY};
    private static final String[] ANT = {"X-API-Key", "the-key-of-the-ant"};
    private static final String[] BEE = {"X-API-Key", "the-key-of-the-bee"};
    private static final String[] CAT = {"Authorization", "Bearer the-key-of-the-cat"};

    @TempDir
    private Path directory;

    private ServedHart served;
    private volatile Duration later = Duration.ZERO;

    @BeforeEach
    void open() throws IOException {
        served = new ServedHart(
                directory,
                settings -> settings.apiKey(ServedHart.KEY)
                        .agentKey("ant", ANT[1])
                        .agentKey("bee", BEE[1])
                        .agentKey("cat", "the-key-of-the-cat")
                        .clock(new HartClock() {
                            @Override
                            public Instant instant() {
                                return Instant.now().plus(later);
                            }

                            @Override
                            public void sleep(Duration duration) {
                                later = later.plus(duration);
                            }
                        }));
    }

    @AfterEach
    void close() {
        served.close();
    }

    @Test
    void aGoalIsClaimedWorkedOnAndDone() {
        String goal = goal("""
            {"objective":"Count all","context":{"why":"audit"},"tasks":[
              {"task_id":"one","description":"Count one","context":{"path":"a.csv"}},
              {"description":"Count two","prerequisites":["one"],"capabilities":["math"]}]}\
            """);
        assertThat(goal).matches("goal_\\d{8}_\\d{6}_[0-9a-f]{8}");
        assertThat(progress(goal))
                .containsEntry("objective", "Count all")
                .containsEntry("context", Map.of("why", "audit"))
                .containsEntry("total_tasks", 2L)
                .containsEntry("completed", 0L);
        assertThat(list(served.get("/api/distributed/tasks/available", ANT), "tasks"))
                .containsExactly(
                        Map.of("task_id", "one", "description", "Count one", "capabilities_required", List.of()));

        Map<String, Object> claimed =
                served.post("/api/distributed/tasks/claim", "{}", ANT).json();
        assertThat(claimed)
                .containsEntry("task_id", "one")
                .containsEntry("context", Map.of("path", "a.csv"))
                .containsEntry("lease_token", 1L)
                .containsKey("lease_until");
        assertThat(served.post("/api/distributed/tasks/claim", "{\"capabilities\":[\"math\"]}", BEE)
                        .json())
                .containsEntry("task_id", null)
                .containsEntry("message", "No tasks available");
        Answer submitted = served.post(
                "/api/distributed/tasks/one/submit", "{\"result\":{\"processed\":100},\"lease_token\":1}", ANT);
        assertThat(submitted.json())
                .containsEntry("status", "completed")
                .containsEntry("result_hash", "5774a12e243fdddde9d5bd5663438a9f199f85e6d7de321fa9e6b936c4315781");

        assertThat(served.get("/api/distributed/tasks/available", ANT).body()).contains("\"tasks\":[]");
        assertThat(served.get("/api/distributed/tasks/available?capabilities=math,x", ANT)
                        .body())
                .contains(goal + "_sub_1");
        assertThat(served.post("/api/distributed/tasks/claim", "{\"capabilities\":[\"math\"]}", BEE)
                        .json())
                .containsEntry("task_id", goal + "_sub_1");
        assertThat(progress(goal).get("progress_pct")).hasToString("50");
        served.post("/api/distributed/tasks/" + goal + "_sub_1/submit", "{\"result\":2}", BEE);
        Map<String, Object> done = progress(goal);
        assertThat(done).containsEntry("status", "completed").containsEntry("completed", 2L);
        assertThat(done.get("tasks").toString()).contains("claimed_by=ant", "claimed_by=bee");
        assertThat(served.post("/api/distributed/baselines", "{\"label\":\"done\"}", OWNER)
                        .json()
                        .get("snapshot_id")
                        .toString())
                .startsWith("snap_hive_");
    }

    @Test
    void nobodySubmitsWhatAnotherHoldsOrUnderALeaseThatIsOver() {
        goal("{\"objective\":\"o\",\"tasks\":[{\"task_id\":\"t\",\"description\":\"d\"}]}");
        Answer unclaimed = served.post("/api/distributed/tasks/t/submit", "{\"result\":1}", ANT);
        assertThat(unclaimed.status()).isEqualTo(403);
        assertThat(unclaimed.json()).containsEntry("code", "NOT_OWNER");
        served.post("/api/distributed/tasks/claim", "{}", ANT);

        assertThat(served.post("/api/distributed/tasks/t/submit", "{\"result\":1,\"lease_token\":1}", BEE)
                        .status())
                .isEqualTo(403);
        assertThat(served.post("/api/distributed/tasks/t/submit", "{\"result\":1}", BEE)
                        .status())
                .isEqualTo(403);
        Answer stale = served.post("/api/distributed/tasks/t/submit", "{\"result\":1,\"lease_token\":0}", ANT);
        assertThat(stale.status()).isEqualTo(409);
        assertThat(stale.json()).containsEntry("code", "STALE_LEASE");
        assertThat(served.post("/api/distributed/tasks/none/submit", "{\"result\":1}", ANT)
                        .status())
                .isEqualTo(404);
        Answer missing = served.post("/api/distributed/tasks/t/submit", "{}", ANT);
        assertThat(missing.status()).isEqualTo(400);
        assertThat(missing.json()).containsEntry("error", "result is required");

        String[] withKey = {ANT[0], ANT[1], "Idempotency-Key", "k"};
        String first = served.post("/api/distributed/tasks/t/submit", "{\"result\":1}", withKey)
                .body();
        assertThat(served.post("/api/distributed/tasks/t/submit", "{\"result\":1}", withKey)
                        .body())
                .isEqualTo(first)
                .contains("completed");
    }

    @ParameterizedTest
    @CsvSource({
        "tasks/claim, ''",
        "tasks/t/submit, '\"result\":1,'",
        "tasks/t/verify, ''",
        "tasks/announce, '\"goal_id\":\"g\",\"tasks\":[{}],'",
        "hosts/register, '\"host_id\":\"h\",'"
    })
    void anAgentCannotActAsAnother(String path, String fields) {
        Answer answer = served.post("/api/distributed/" + path, "{" + fields + "\"agent_id\":\"bee\"}", ANT);

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.json()).containsEntry("error", "Cannot act as another agent");
        assertThat(served.get("/api/distributed/hosts", ANT).body()).contains("\"hosts\":[]");
    }

    @Test
    void resultsAreVotedOnByOthersAndARejectedOneIsDoneAgain() {
        String goal = goal("{\"objective\":\"o\",\"tasks\":[{\"task_id\":\"t\",\"description\":\"d\"}]}");
        served.post("/api/distributed/tasks/claim", "{}", ANT);
        Answer early = served.post("/api/distributed/tasks/t/verify", "{\"verdict\":true}", BEE);
        assertThat(early.status()).isEqualTo(409);
        assertThat(early.json()).containsEntry("code", "NOT_READY");
        served.post("/api/distributed/tasks/t/submit", "{\"result\":\"done\"}", ANT);

        assertThat(served.post("/api/distributed/tasks/t/verify", "{}", BEE).json())
                .containsEntry("verified", true);
        assertThat(served.post("/api/distributed/tasks/t/verify", "{\"verdict\":true,\"result_hash\":\"00\"}", BEE)
                        .status())
                .isEqualTo(409);
        assertThat(served.post("/api/distributed/tasks/t/verify", "{\"verdict\":true}", ANT)
                        .status())
                .isEqualTo(403);
        assertThat(served.post("/api/distributed/tasks/t/verify", "{\"verdict\":false}", BEE)
                        .json())
                .containsEntry("verified", false)
                .containsEntry("consensus", Map.of("total", 1L, "agreed", 0L, "decision", "undecided"));
        Answer twice = served.post("/api/distributed/tasks/t/verify", "{\"verdict\":true}", BEE);
        assertThat(twice.status()).isEqualTo(409);
        assertThat(twice.json()).containsEntry("code", "ALREADY_VOTED");

        served.post("/api/distributed/tasks/t/verify", "{\"verdict\":false}", CAT);

        assertThat(progress(goal)).containsEntry("total_tasks", 1L).containsEntry("completed", 0L);
        assertThat(served.post("/api/distributed/tasks/claim", "{}", CAT).json())
                .containsEntry("task_id", "t~1");
    }

    @Test
    void whatMayNotLeaveTheNodeIsShownToItsOwnerOnly() {
        goal("""
            {"objective":"o","tasks":[{"task_id":"secret","description":"d","sensitivity":"secret"},
              {"task_id":"local","description":"d","locality":"local_only"},
              {"task_id":"confidential","description":"d","sensitivity":"confidential"},
              {"task_id":"open","description":"d"}]}\
            """);

        assertThat(list(served.get("/api/distributed/tasks/available", ANT), "tasks"))
                .extracting(task -> task.get("task_id"))
                .containsExactly("open");
        assertThat(list(served.get("/api/distributed/tasks/available", OWNER), "tasks"))
                .hasSize(4);
    }

    @Test
    void anAnnouncementIsANoteOfWhichNothingIsExecuted() {
        String note = "{\"goal_id\":\"g1\",\"objective\":\"o\",\"sender_host\":\"http://far\","
                + "\"tasks\":[{\"task_id\":\"t\",\"description\":\"d\",\"context\":{\"run\":\"rm\"}}]}";

        assertThat(served.post("/api/distributed/tasks/announce", note, ANT).json())
                .containsEntry("goal_id", "g1")
                .containsEntry("local_goal_id", "g1");
        assertThat(served.post("/api/distributed/tasks/announce", note, ANT).json())
                .containsEntry("message", "Already announced");
        assertThat(served.post("/api/distributed/tasks/announce", note, BEE).status())
                .isEqualTo(409);
        assertThat(served.get("/api/distributed/tasks/available", OWNER).body()).contains("\"tasks\":[]");
        assertThat(served.post("/api/distributed/tasks/claim", "{}", OWNER).json())
                .containsEntry("task_id", null);
        assertThat(served.get("/api/ledgers/hive/announcements/tasks", OWNER).body())
                .contains("\"container\":true")
                .doesNotContain("\"rm\"");
        Answer sealed = served.post("/api/distributed/tasks/announce", "{\"encrypted\":true,\"envelope\":\"x\"}", ANT);
        assertThat(sealed.status()).isEqualTo(501);
        assertThat(sealed.json()).containsEntry("code", "peers_missing");
        assertThat(served.post("/api/distributed/tasks/announce", "{\"goal_id\":\"g\"}", ANT)
                        .json())
                .containsEntry("error", "goal_id and tasks required");
    }

    @Test
    void hostsRegisterAndBecomeStaleWhenTheyAreNotSeen() {
        String body = "{\"host_id\":\"h1\",\"host_url\":\"http://10.0.0.1:6777\",\"capabilities\":[\"gpu\"],"
                + "\"compute_budget\":{\"gpu_hours\":2}}";
        assertThat(served.post("/api/distributed/hosts/register", body, ANT).json())
                .containsEntry("host_id", "h1");
        served.post("/api/distributed/hosts/register", body, ANT);

        assertThat(list(served.get("/api/distributed/hosts", BEE), "hosts"))
                .singleElement()
                .satisfies(host -> assertThat(host)
                        .containsEntry("host_url", "http://10.0.0.1:6777")
                        .containsEntry("capabilities", List.of("gpu"))
                        .containsEntry("compute_budget", Map.of("gpu_hours", 2L))
                        .containsEntry("stale", false));
        assertThat(served.get("/api/ledgers/hive/hosts", OWNER).json()).containsEntry("events", 2L);
        assertThat(served.post("/api/distributed/hosts/register", body, BEE).status())
                .isEqualTo(403);
        assertThat(served.post(
                                "/api/distributed/hosts/register",
                                "{\"host_id\":\"h2\",\"host_url\":\"file:///etc\"}",
                                BEE)
                        .status())
                .isEqualTo(400);
        later = Duration.ofSeconds(301);
        assertThat(served.get("/api/distributed/hosts", BEE).body()).contains("\"stale\":true");
    }

    @Test
    void statusTellsTheDatabase() {
        assertThat(served.get("/api/distributed/status", ANT).json())
                .containsEntry("coordinator_active", true)
                .containsEntry("backend_type", "sqlite");
    }

    @Test
    void aGoalNeedsAnObjectiveAndTasksAndOnlyTheOwnerGivesOne() {
        assertThat(served.post("/api/distributed/goals", "{\"tasks\":[{}]}", OWNER)
                        .json())
                .containsEntry("error", "objective is required");
        assertThat(served.post("/api/distributed/goals", "{\"objective\":\"o\",\"tasks\":[]}", OWNER)
                        .json())
                .containsEntry("error", "tasks list is required");
        assertThat(served.post("/api/distributed/goals", "{\"objective\":\"o\",\"tasks\":[{}]}", OWNER)
                        .status())
                .isEqualTo(400);
        assertThat(served.post("/api/distributed/goals", "{\"objective\":\"o\",\"tasks\":[{}]}", ANT)
                        .status())
                .isEqualTo(403);
        assertThat(served.get("/api/distributed/goals/nothing/progress", OWNER).status())
                .isEqualTo(404);
    }

    @Test
    void theHistoryNamesWhoActedAndNobodyElse() {
        String goal = goal("{\"objective\":\"Count\",\"tasks\":[{\"task_id\":\"one\",\"description\":\"Count one\"}]}");
        Map<String, Object> claimed =
                served.post("/api/distributed/tasks/claim", "{}", ANT).json();
        served.post(
                "/api/distributed/tasks/one/submit",
                "{\"result\":1,\"lease_token\":" + claimed.get("lease_token") + "}",
                ANT);
        served.post("/api/distributed/tasks/one/verify", "{\"verdict\":true}", BEE);
        served.post("/api/distributed/tasks/one/verify", "{\"verdict\":true,\"agent_id\":\"dog\"}", OWNER);

        assertThat(list(served.get("/api/ledgers/hive/goals/events", OWNER), "events"))
                .extracting(event -> event.get("type") + " " + event.get("actor"))
                .contains(
                        "TASK_CREATED local",
                        "TASK_CLAIMED ant",
                        "VERIFICATION_RECORDED bee",
                        "VERIFICATION_RECORDED dog")
                .doesNotContain("TASK_CLAIMED local", "TASK_CLAIMED hart")
                .noneMatch(event -> event.endsWith(" hart"));
        assertThat(goal).startsWith("goal_");
        served.post("/api/ledgers/team/work/tasks", "{\"task_id\":\"t\",\"description\":\"T\"}", OWNER);
        assertThat(list(served.get("/api/ledgers/team/work/events", OWNER), "events"))
                .extracting(event -> event.get("actor"))
                .containsExactly("local");
    }

    @Test
    void keysOfAgentsWithoutAKeyOfTheServerAreRefused() {
        assertThatThrownBy(() -> HartServer.of(served.hart)
                        .port(0)
                        .agentKey("ant", ANT[1])
                        .start())
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("set an API key too");
        assertThatThrownBy(() -> HartServer.of(served.hart).agentKey("a b", ANT[1]))
                .isInstanceOf(InvalidConfigurationException.class);
        assertThatThrownBy(() -> HartServer.of(served.hart).agentKey("ant", "short"))
                .isInstanceOf(InvalidConfigurationException.class);
    }

    private String goal(String body) {
        Answer answer = served.post("/api/distributed/goals", body, OWNER);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer.json().get("goal_id").toString();
    }

    private Map<String, Object> progress(String goal) {
        return served.get("/api/distributed/goals/" + goal + "/progress", OWNER).json();
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(Answer answer, String name) {
        return (List<Map<String, Object>>) answer.json().get(name);
    }
}
