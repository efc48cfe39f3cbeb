package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.LedgerException;
import dev.hart.store.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A process remembers what it wrote; what another one has written since counts all the same. */
class LedgerMemoryTest {
    private static final LedgerId ID = new LedgerId("memory", "s");
    private static final ClaimRequest W = ClaimRequest.by(WorkerProfile.of("w", "n", "i"));

    @FunctionalInterface
    private interface Play {
        void by(Ledger here, Ledger there);
    }

    private static void play(LedgerHome home, Path folder, Play play) {
        Store one = home.open(folder);
        try (Store other = home.openAgain(folder);
                Ledgers here = ledgers(one);
                Ledgers there = ledgers(other)) {
            Ledger ledger = here.create(ID, LedgerOptions.defaults().stripes(home.stripes));
            play.by(ledger, there.ledger(ID));
            assertThat(ledger.verify().isOk()).isTrue();
        } finally {
            home.close(one);
        }
    }

    private static Ledgers ledgers(Store store) {
        return Ledgers.in(store)
                .clock(() -> Instant.parse("2026-01-01T00:00:00Z"))
                .withoutBackgroundThread()
                .open();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SQLITE_MEMORY")
    void aTaskThatAnotherProcessEndedCannotBeEndedAgain(LedgerHome home, @TempDir Path folder) {
        play(home, folder, (here, there) -> {
            here.add(NewTask.of("t", "Do"));
            here.apply("t", TaskCommand.start());
            there.apply("t", TaskCommand.complete("there"));
            assertThatThrownBy(() -> here.apply("t", TaskCommand.complete("here")))
                    .isInstanceOf(LedgerException.class)
                    .hasMessage("task ledger_memory_s/t already is completed");
            assertThat(here.require("t").result()).isEqualTo("there");
        });
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SQLITE_MEMORY")
    void aRefusalGoesByWhatTheOtherProcessWrote(LedgerHome home, @TempDir Path folder) {
        play(home, folder, (here, there) -> {
            here.addAll(NewTask.of("first", "Do"), NewTask.of("second", "Do").after("first"));
            assertThatThrownBy(() -> here.apply("second", TaskCommand.start())).isInstanceOf(LedgerException.class);
            there.apply("first", TaskCommand.start());
            there.apply("first", TaskCommand.complete("done"));
            assertThat(here.apply("second", TaskCommand.start()).status()).isEqualTo(TaskStatus.IN_PROGRESS);
        });
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SQLITE_MEMORY")
    void whatAWriteOnlyReadsIsWhatTheOtherProcessWrote(LedgerHome home, @TempDir Path folder) {
        play(home, folder, (here, there) -> {
            here.add(NewTask.of("t", "Do").priority(10));
            there.apply("t", new TaskCommand.Reprioritize(20));
            assertThat(here.<Integer>write(tx -> tx.task("t").priority())).isEqualTo(20);
        });
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SQLITE_MEMORY")
    void aPauseByAnotherProcessHoldsHere(LedgerHome home, @TempDir Path folder) {
        play(home, folder, (here, there) -> {
            here.addAll(NewTask.of("a", "Do"), NewTask.of("b", "Do"));
            there.pause();
            assertThat(here.claim(W)).isEmpty();
            there.unpause();
            assertThat(here.claim(W)).isPresent();
        });
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SQLITE_MEMORY")
    void edgesOfAnotherProcessAreFollowed(LedgerHome home, @TempDir Path folder) {
        play(home, folder, (here, there) -> {
            here.addAll(NewTask.of("first", "Do"), NewTask.of("second", "Do").after("first"));
            there.add(NewTask.of("third", "Do").after("first"));
            here.apply("first", TaskCommand.start());
            here.apply("first", TaskCommand.complete("done"));
            assertThat(List.of(here.require("second"), here.require("third"))).allMatch(Task::claimable);
            there.write(tx -> tx.removePrerequisite("third", "first"));
            assertThat(here.waiters("first")).extracting(Edge::to).containsExactly("second");
        });
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SQLITE_MEMORY")
    void aHeartbeatGoesByTheLeaseAsItIsNow(LedgerHome home, @TempDir Path folder) {
        play(home, folder, (here, there) -> {
            here.add(NewTask.of("t", "Do"));
            Lease lease = here.claim(W.leasedFor(Duration.ofSeconds(10))).orElseThrow();
            there.apply("t", new TaskCommand.Release(""), CommandOptions.none().under(lease.token()));
            assertThatThrownBy(() -> here.heartbeat(lease))
                    .isInstanceOfSatisfying(
                            LedgerException.class, e -> assertThat(e.code()).isEqualTo("STALE_LEASE"));
        });
    }
}
