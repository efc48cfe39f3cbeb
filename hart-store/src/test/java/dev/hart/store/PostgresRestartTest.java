package dev.hart.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.StoreUnavailableException;
import dev.hart.store.testing.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class PostgresRestartTest {
    private static final Duration CONNECTION_WAIT = Duration.ofSeconds(3);
    private static final int WRITERS = 20;

    /** Writers of one lane do not wait one after the other for a server that is gone. */
    private static void assertAllFailWithinOneWaitOrTwo(Store store) throws Exception {
        ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
        try {
            long start = System.nanoTime();
            List<Future<Integer>> writes = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                writes.add(writers.submit(() -> store.write("lane", tx -> StoreContract.insert(tx, "lost"))));
            }
            for (Future<Integer> write : writes) {
                assertThatThrownBy(write::get).hasCauseInstanceOf(StoreUnavailableException.class);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(CONNECTION_WAIT.multipliedBy(4));
        } finally {
            writers.shutdownNow();
        }
    }

    @Test
    void aServerThatDiesFailsReadsAndWritesAndKeepsWhatWasCommittedWhenItIsBack() throws Exception {
        Semaphore heard = new Semaphore(0);
        try (PostgresServer server = PostgresServer.start()) {
            String url = server.newDatabase();
            try (Store store = PostgresStore.open(
                            url, Durability.FULL, new PostgresStore.Waits(CONNECTION_WAIT, Duration.ofSeconds(30)));
                    Store other = Store.postgres(url)) {
                store.listen("news", heard::release);
                store.migrate("test", StoreContract.class);
                store.write(tx -> StoreContract.insert(tx, "before"));

                server.kill();
                assertThatThrownBy(() -> store.write(tx -> StoreContract.insert(tx, "lost")))
                        .isInstanceOf(StoreUnavailableException.class)
                        .hasMessageMatching("database \\S+ (lost the connection|cannot be reached): .*")
                        .extracting(e -> ((StoreUnavailableException) e).outcomeUnknown())
                        .isEqualTo(false);
                assertThatThrownBy(() -> StoreContract.texts(store))
                        .isInstanceOf(StoreUnavailableException.class)
                        .hasMessageMatching("database \\S+ (lost the connection|cannot be reached): .*");
                assertAllFailWithinOneWaitOrTwo(store);
                heard.drainPermits();
                assertThat(heard.tryAcquire(2, 20, TimeUnit.SECONDS))
                        .as("a listener is called again and again while nothing can be heard")
                        .isTrue();

                server.restart();
                assertThat(StoreContract.texts(store)).containsExactly("before");
                store.write(tx -> StoreContract.insert(tx, "after"));
                assertThat(StoreContract.texts(store)).containsExactly("before", "after");
                heard.drainPermits();
                other.signal("news");
                assertThat(heard.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            }
        }
    }
}
