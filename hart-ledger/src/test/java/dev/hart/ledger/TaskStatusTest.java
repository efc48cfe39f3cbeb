package dev.hart.ledger;

import static dev.hart.ledger.TaskStatus.BLOCKED;
import static dev.hart.ledger.TaskStatus.CANCELLED;
import static dev.hart.ledger.TaskStatus.COMPLETED;
import static dev.hart.ledger.TaskStatus.DEFERRED;
import static dev.hart.ledger.TaskStatus.DELEGATED;
import static dev.hart.ledger.TaskStatus.FAILED;
import static dev.hart.ledger.TaskStatus.IN_PROGRESS;
import static dev.hart.ledger.TaskStatus.NOT_APPLICABLE;
import static dev.hart.ledger.TaskStatus.PAUSED;
import static dev.hart.ledger.TaskStatus.PENDING;
import static dev.hart.ledger.TaskStatus.SKIPPED;
import static dev.hart.ledger.TaskStatus.TERMINATED;
import static dev.hart.ledger.TaskStatus.USER_STOPPED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.LedgerException;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TaskStatusTest {
    /** The sheet's table, row by row: from, then what may follow. */
    private static final String TABLE = """
            pending: in_progress paused cancelled skipped not_applicable deferred delegated blocked
            deferred: pending in_progress cancelled skipped not_applicable
            in_progress: completed failed paused user_stopped blocked terminated not_applicable delegated
            delegated: completed failed in_progress cancelled blocked
            paused: resuming cancelled terminated not_applicable skipped deferred
            user_stopped: resuming cancelled terminated not_applicable skipped deferred
            blocked: pending resuming failed cancelled not_applicable deferred
            resuming: in_progress paused failed
            completed: rolled_back
            """;

    static Stream<Arguments> everyPair() {
        return Stream.of(TaskStatus.values())
                .flatMap(from -> Stream.of(TaskStatus.values()).map(to -> Arguments.of(from, to)));
    }

    private static boolean isInTable(TaskStatus from, TaskStatus to) {
        return TABLE.lines()
                .filter(line -> line.startsWith(from.wireName() + ":"))
                .anyMatch(line -> Set.of(
                                line.substring(line.indexOf(':') + 1).trim().split(" "))
                        .contains(to.wireName()));
    }

    @ParameterizedTest
    @MethodSource("everyPair")
    void aTaskMovesOnlyAlongTheTable(TaskStatus from, TaskStatus to) {
        assertThat(from.canBecome(to)).isEqualTo(isInTable(from, to));
        assertThat(from.next().contains(to)).isEqualTo(isInTable(from, to));
    }

    @Test
    void fortyEightOfTheTwoHundredAndTwentyFivePairsAreLegalAndNoneToItself() {
        assertThat(everyPair()).hasSize(225);
        assertThat(Stream.of(TaskStatus.values())
                        .mapToInt(status -> status.next().size())
                        .sum())
                .isEqualTo(48);
        assertThat(TaskStatus.values()).noneMatch(status -> status.canBecome(status));
    }

    @Test
    void theGroupsAreThoseOfTheSheet() {
        assertThat(TaskStatus.values())
                .filteredOn(TaskStatus::isTerminal)
                .containsExactly(
                        COMPLETED, FAILED, CANCELLED, TERMINATED, SKIPPED, NOT_APPLICABLE, TaskStatus.ROLLED_BACK);
        assertThat(TaskStatus.values())
                .filteredOn(TaskStatus::isResolved)
                .containsExactly(COMPLETED, SKIPPED, NOT_APPLICABLE);
        assertThat(TaskStatus.values())
                .filteredOn(TaskStatus::isActive)
                .containsExactly(IN_PROGRESS, DELEGATED, TaskStatus.RESUMING);
        assertThat(TaskStatus.values())
                .filteredOn(TaskStatus::isResumable)
                .containsExactly(PAUSED, USER_STOPPED, BLOCKED);
        assertThat(PENDING.isTerminal() || DEFERRED.isTerminal()).isFalse();
        assertThat(DELEGATED.isResumable()).isFalse();
    }

    @Test
    void aWireNameIsReadBackAndAnUnknownOneIsRefusedWithTheKnownOnes() {
        assertThat(TaskStatus.values()).allMatch(status -> TaskStatus.ofWireName(status.wireName()) == status);
        assertThatThrownBy(() -> TaskStatus.ofWireName("validating"))
                .isInstanceOf(LedgerException.class)
                .hasMessageStartingWith("'validating' is no TaskStatus; it can be pending, deferred, in_progress");
    }
}
