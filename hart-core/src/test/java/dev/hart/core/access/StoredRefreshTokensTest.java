package dev.hart.core.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.security.access.RefreshTokenStore;
import dev.hart.security.access.RefreshTokenStore.Family;
import dev.hart.security.access.RefreshTokenStore.Rotation;
import dev.hart.store.Store;
import dev.hart.store.testing.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredRefreshTokensTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant LATER = NOW.plus(Duration.ofDays(7));
    private static final Family ANN = new Family("f1", "ann", "user", "here");

    @TempDir
    private Path directory;

    @Test
    void aTokenIsGoodOnceAndTheFamilySurvivesARestart() {
        try (Store store = Store.sqlite(directory.resolve("t.db"))) {
            new StoredRefreshTokens(store).begin(ANN, "one", LATER);
        }
        try (Store store = Store.sqlite(directory.resolve("t.db"))) {
            isGoodOnce(new StoredRefreshTokens(store));
        }
    }

    @Test
    void postgresqlDoesTheSame() {
        try (Store store = Store.postgres(PostgresServer.freshDatabase())) {
            RefreshTokenStore tokens = new StoredRefreshTokens(store);
            tokens.begin(ANN, "one", LATER);
            isGoodOnce(tokens);
        }
    }

    private static void isGoodOnce(RefreshTokenStore tokens) {
        assertThat(tokens.rotate("unknown", "x", NOW, LATER)).isInstanceOf(Rotation.Refused.class);
        assertThat(tokens.rotate("one", "two", NOW, LATER)).isEqualTo(new Rotation.Rotated(ANN));
        assertThat(tokens.isLive("f1")).isTrue();

        assertThat(tokens.rotate("one", "three", NOW, LATER)).isEqualTo(new Rotation.Reused(ANN));

        assertThat(tokens.isLive("f1")).isFalse();
        assertThat(tokens.rotate("two", "four", NOW, LATER)).isInstanceOf(Rotation.Refused.class);
        tokens.begin(new Family("f2", "ann", "user", "here"), "five", LATER);
        tokens.revokeAll("ann");
        assertThat(tokens.isLive("f2")).isFalse();
    }

    @Test
    void whatHasExpiredIsRefusedAndForgotten() {
        try (Store store = Store.inMemory()) {
            RefreshTokenStore tokens = new StoredRefreshTokens(store);
            tokens.begin(ANN, "one", LATER);
            tokens.begin(new Family("f2", "bob", "user", "here"), "other", LATER.plusSeconds(1));

            assertThat(tokens.rotate("one", "two", LATER, LATER)).isInstanceOf(Rotation.Refused.class);

            assertThat(tokens.isLive("f1")).isFalse();
            assertThat(tokens.rotate("other", "two", LATER, LATER.plusSeconds(9)))
                    .isInstanceOf(Rotation.Rotated.class);
        }
    }

    @Test
    void ofManyWhoShowATokenAtOnceOneGetsTheNext() throws Exception {
        try (Store store = Store.sqlite(directory.resolve("t.db"))) {
            RefreshTokenStore tokens = new StoredRefreshTokens(store);
            tokens.begin(ANN, "one", LATER);
            ExecutorService threads = Executors.newFixedThreadPool(8);
            List<Callable<Rotation>> calls = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String next = "next-" + i;
                calls.add(() -> tokens.rotate("one", next, NOW, LATER));
            }
            int rotated = 0;
            for (var answer : threads.invokeAll(calls)) {
                rotated += answer.get() instanceof Rotation.Rotated ? 1 : 0;
            }
            threads.shutdown();

            assertThat(rotated).isEqualTo(1);
            assertThat(tokens.isLive("f1")).as("the others showed a used one").isFalse();
        }
    }
}
