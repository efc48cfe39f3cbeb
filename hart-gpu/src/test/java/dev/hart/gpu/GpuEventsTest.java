package dev.hart.gpu;

import static dev.hart.gpu.ScriptedProbe.gib;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.GpuException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What listeners are told of devices and leases. */
@Timeout(30)
class GpuEventsTest {
    private final MovedClock clock = new MovedClock();
    private final ScriptedProbe probe = new ScriptedProbe().with("cuda:0", 5, 5);
    private final KeptJournal journal = new KeptJournal();
    private final ScriptedProcesses processes = new ScriptedProcesses();
    private final BlockingQueue<GpuEvent> told = new LinkedBlockingQueue<>();
    private Gpus gpus;

    private void open() throws InterruptedException {
        gpus = Gpus.configure()
                .probes(List.of(probe))
                .clock(clock)
                .journal(journal)
                .processes(processes)
                .executor(Runnable::run)
                .listener(told::add)
                .withoutBackgroundThread()
                .open();
        gpus.devices();
    }

    @AfterEach
    void close() {
        if (gpus != null) {
            gpus.close();
        }
    }

    private LeaseRequest request(double size) {
        return gpus.request("model").bytes(gib(size)).timeout(Duration.ofMinutes(30));
    }

    private VramLease active(LeaseRequest request) throws InterruptedException {
        VramLease lease = request.acquire();
        lease.activate();
        return lease;
    }

    private List<String> names(int many) throws InterruptedException {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            GpuEvent event = told.poll(10, TimeUnit.SECONDS);
            names.add(event == null ? "nothing" : event.name());
        }
        return names;
    }

    @Test
    void aLeaseIsToldFromItsGrantToItsEnd() throws InterruptedException {
        open();
        VramLease lease = active(request(4).tenant("ann"));
        lease.activate();
        lease.close();
        lease.close();

        LeaseFacts facts = new LeaseFacts(lease.id(), "model", "ann", lease.grants());
        assertThat(told.poll(10, TimeUnit.SECONDS))
                .isEqualTo(new GpuEvent.LeaseGranted(facts, LeasePriority.NORMAL, LeaseMode.GPU));
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(new GpuEvent.LeaseActive(facts));
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(new GpuEvent.LeaseReleased(facts));
        request(4).acquire().close();
        assertThat(names(2)).containsExactly("gpu.lease.granted", "gpu.lease.released");
        assertThat(told).isEmpty();
    }

    @Test
    void whoWaitsIsToldBeforeItIsServed() throws InterruptedException {
        open();
        VramLease first = active(request(4));
        CompletableFuture<VramLease> second =
                request(3).priority(LeasePriority.BATCH).acquireAsync();
        first.close();

        assertThat(second).isCompleted();
        assertThat(names(2)).containsExactly("gpu.lease.granted", "gpu.lease.active");
        assertThat(told.poll(10, TimeUnit.SECONDS))
                .isEqualTo(new GpuEvent.LeaseQueued("model", "local", LeasePriority.BATCH, gib(3), 1));
        assertThat(names(2)).containsExactlyInAnyOrder("gpu.lease.granted", "gpu.lease.released");
    }

    @Test
    void whoOnlyTriesIsNotQueued() throws InterruptedException {
        open();
        active(request(4));
        assertThat(request(4).tryAcquire()).isInstanceOf(LeaseAnswer.Refused.class);
        assertThat(request(4).acquireAsync().cancel(false)).isTrue();

        assertThat(names(4))
                .containsExactly("gpu.lease.granted", "gpu.lease.active", "gpu.lease.queued", "gpu.lease.cancelled");
    }

    @Test
    void aWaitThatTookTooLongIsTold() throws InterruptedException {
        open();
        active(request(4));
        CompletableFuture<VramLease> waiting =
                request(4).timeout(Duration.ofSeconds(5)).acquireAsync();
        clock.advanceSeconds(5);
        gpus.tick();

        assertThat(waiting).isCompletedExceptionally();
        assertThat(names(4))
                .containsExactly("gpu.lease.granted", "gpu.lease.active", "gpu.lease.queued", "gpu.lease.timed_out");
    }

    @Test
    void whoGivesWayIsToldAndThenReleased() throws InterruptedException {
        open();
        active(request(4).evictable(Duration.ofSeconds(1)).onTakenBack(VramLease::close));
        clock.advanceSeconds(10);
        request(4).acquire();

        assertThat(names(3)).containsExactly("gpu.lease.granted", "gpu.lease.active", "gpu.lease.queued");
        assertThat(names(3)).containsExactlyInAnyOrder("gpu.lease.revoked", "gpu.lease.released", "gpu.lease.granted");
    }

    @Test
    void aDeviceThatIsGoneIsToldOnceAndItsLeasesAreLost() throws InterruptedException {
        open();
        active(request(4));
        probe.without("cuda:0");
        gpus.refresh();
        gpus.refresh();
        probe.with("cuda:0", 5, 5);
        gpus.refresh();
        probe.without("cuda:0");
        gpus.refresh();

        assertThat(names(2)).containsExactly("gpu.lease.granted", "gpu.lease.active");
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo(new GpuEvent.DeviceLost("cuda:0", "uuid-of-cuda:0"));
        assertThat(names(2)).containsExactly("gpu.lease.lost", "gpu.device.lost");
        assertThat(told).isEmpty();
    }

    @Test
    void aLeaseThatAnEarlierProcessLeftIsToldAsRecovered() throws InterruptedException {
        open();
        VramLease left = active(request(4));
        names(2);
        processes.restart();
        gpus = null;
        open();

        assertThat(told.poll(10, TimeUnit.SECONDS))
                .isEqualTo(new GpuEvent.LeaseRecovered(new LeaseFacts(left.id(), "model", "local", left.grants())));
    }

    @Test
    void aGrantThatCouldNotBeNotedIsNotTold() throws InterruptedException {
        open();
        journal.broken = true;
        assertThatThrownBy(() -> request(4).acquire()).hasMessageContaining("disk");
        journal.broken = false;
        request(4).acquire();

        assertThat(names(1)).containsExactly("gpu.lease.granted");
        assertThat(told).isEmpty();
    }

    @Test
    void closingTellsWhatEnds() throws InterruptedException {
        open();
        active(request(4));
        CompletableFuture<VramLease> waiting = request(4).acquireAsync();
        gpus.close();

        assertThat(waiting).isCompletedExceptionally();
        assertThat(names(5))
                .containsExactly(
                        "gpu.lease.granted",
                        "gpu.lease.active",
                        "gpu.lease.queued",
                        "gpu.lease.cancelled",
                        "gpu.lease.released");
    }

    @Test
    void aListenerThatHangsOrThrowsHoldsUpNoLease() throws InterruptedException {
        open();
        CountDownLatch hanging = new CountDownLatch(1);
        gpus.listen(event -> {
            throw new IllegalStateException("never mind");
        });
        try (Listening slow = gpus.listen(event -> {
            try {
                hanging.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        })) {
            for (int i = 0; i < 100; i++) {
                request(4).acquire().close();
            }
            assertThat(names(200)).doesNotContain("nothing");
        } finally {
            hanging.countDown();
        }
        request(4).acquire();
        assertThat(names(1)).containsExactly("gpu.lease.granted");
    }

    @Test
    void whatCanNeverFitIsNoEvent() throws InterruptedException {
        open();
        assertThatThrownBy(() -> request(40).acquire()).isInstanceOf(GpuException.class);
        request(4).acquire();
        assertThat(names(1)).containsExactly("gpu.lease.granted");
    }
}
