package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hart.HartClock;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.VramLease;
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

/** Leases on device memory over HTTP: two cards of 24 GiB, of each of which 23 can be leased. */
class GpuRoutesTest {
    private static final String LEASES = "/api/gpu/leases";

    private static final class MovedClock implements HartClock {
        private Instant now = Instant.parse("2026-01-02T10:00:00Z");

        @Override
        public synchronized Instant instant() {
            return now;
        }

        @Override
        public void sleep(Duration duration) {
            move(duration);
        }

        synchronized void move(Duration duration) {
            now = now.plus(duration);
        }
    }

    @TempDir
    private Path directory;

    private final MovedClock clock = new MovedClock();
    private ServedHart served;

    @BeforeEach
    void serve() throws IOException {
        served = new ServedHart(directory, server -> server.clock(clock));
    }

    @AfterEach
    void close() {
        served.close();
    }

    private List<VramLease> held() {
        try {
            return served.hart.unwrap(Gpus.class).status().leases();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private Map<String, Object> lease(String body) {
        ServedHart.Answer answer = served.post(LEASES, body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer.json();
    }

    private static String token(Map<String, Object> lease) {
        return "{\"fencingToken\":" + lease.get("fencing_token") + "}";
    }

    @Test
    void devicesAreToldInGigabytes() {
        lease("{\"bytes\":6442450944}");
        assertThat(served.get("/api/gpu/devices").body())
                .contains("\"id\":\"cuda:0\"", "\"total_gb\":24", "\"plannable_gb\":17", "\"leased_gb\":6")
                .contains("\"id\":\"cuda:1\"", "\"plannable_gb\":23");
    }

    @Test
    void aLeaseIsTakenActivatedAndGivenBack() {
        Map<String, Object> lease = lease("{\"tool\":\"whisper\",\"priority\":\"INTERACTIVE\"}");
        assertThat(lease)
                .containsEntry("state", "RESERVED")
                .containsEntry("mode", "GPU")
                .containsEntry("tenant", "local");
        String path = LEASES + "/" + lease.get("id");

        assertThat(served.post(path + "/activate", token(lease)).json()).containsEntry("state", "ACTIVE");
        assertThat(served.get(LEASES).body()).contains(lease.get("id").toString(), "\"ACTIVE\"");
        Map<String, Object> vram = served.get("/api/tools/vram").json();
        assertThat(vram.get("allocations")).hasToString("{whisper=2}");
        assertThat(vram.get("total_allocated_gb")).hasToString("2");

        assertThat(served.send("DELETE", path, null).json()).containsEntry("state", "RELEASED");
        assertThat(held()).isEmpty();
        assertThat(served.send("DELETE", path, null).status()).isEqualTo(404);
    }

    @Test
    void whatDoesNotFitNowIsWaitedForAndCanBeAskedAfter() {
        Map<String, Object> large = lease("{\"bytes\":21474836480,\"devices\":2}");
        ServedHart.Answer waiting = served.post(LEASES, "{\"bytes\":21474836480}");
        assertThat(waiting.status()).isEqualTo(202);
        assertThat(waiting.json()).containsEntry("state", "QUEUED");
        String path = LEASES + "/" + waiting.json().get("id");
        assertThat(served.post(path + "/activate", "{\"fencingToken\":1}").json())
                .containsEntry("code", "lease_not_given");

        served.send("DELETE", LEASES + "/" + large.get("id"), null);

        Map<String, Object> granted = await().until(
                        () -> served.get(path).json(),
                        lease -> !lease.get("state").equals("QUEUED"));
        assertThat(granted).containsEntry("state", "RESERVED").containsKey("lease_id");
    }

    @Test
    void whoGivesUpWaitingLeavesTheQueue() throws InterruptedException {
        lease("{\"bytes\":21474836480,\"devices\":2}");
        String id =
                served.post(LEASES, "{\"bytes\":21474836480}").json().get("id").toString();
        assertThat(served.send("DELETE", LEASES + "/" + id, null).json()).containsEntry("state", "CANCELLED");
        assertThat(served.hart.unwrap(Gpus.class).status().waiting()).isZero();
    }

    @Test
    void aLeaseThatNobodyRenewsForAMinuteIsGivenBack() {
        Map<String, Object> kept = lease("{\"tool\":\"whisper\"}");
        lease("{\"tool\":\"whisper\"}");
        clock.move(Duration.ofSeconds(59));
        assertThat(served.post(LEASES + "/" + kept.get("id") + "/renew", token(kept))
                        .status())
                .isEqualTo(200);
        clock.move(Duration.ofSeconds(1));
        assertThat(served.get(LEASES + "/" + kept.get("id")).json()).containsEntry("state", "RESERVED");
        assertThat(held())
                .extracting(VramLease::id)
                .containsExactly(kept.get("lease_id").toString());
    }

    @Test
    void onlyWhoKnowsItsTokenMayRenewALease() {
        Map<String, Object> lease = lease("{\"tool\":\"whisper\"}");
        ServedHart.Answer stale = served.post(LEASES + "/" + lease.get("id") + "/renew", "{\"fencingToken\":0}");
        assertThat(stale.status()).isEqualTo(409);
        assertThat(stale.json()).containsEntry("code", "GPU_LEASE_STALE");
    }

    @Test
    void whatCannotBeIsRefusedAtOnce() {
        assertThat(served.post(LEASES, "{\"bytes\":25769803776}").status())
                .as("24 GiB of 23")
                .isEqualTo(507);
        assertThat(served.post(LEASES, "{\"tool\":\"nosuch\"}").status()).isEqualTo(404);
        for (String bad : List.of(
                "{}",
                "{\"bytes\":0}",
                "{\"bytes\":-1}",
                "{\"tool\":\"\"}",
                "{\"tool\":\"a b\",\"bytes\":1}",
                "{\"tool\":\"whisper\",\"devices\":0}",
                "{\"tool\":\"whisper\",\"priority\":\"SYSTEM\"}")) {
            assertThat(served.post(LEASES, bad).status()).as(bad).isEqualTo(400);
        }
        assertThat(held()).isEmpty();
    }

    @Test
    void leasesOfTheApplicationAreShownButNotGivenBackByOthers() throws InterruptedException {
        try (VramLease own = served.hart.unwrap(Gpus.class).request("whisper").acquire()) {
            assertThat(served.get(LEASES + "/" + own.id()).json()).containsEntry("state", "RESERVED");
            assertThat(served.send("DELETE", LEASES + "/" + own.id(), null).status())
                    .isEqualTo(404);
            assertThat(held()).hasSize(1);
        }
    }

    @Test
    void aServerThatClosesGivesBackWhatItsCallersHold() {
        lease("{\"tool\":\"whisper\"}");
        served.server.close();
        assertThat(held()).isEmpty();
    }
}
