package dev.hart.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LeaseStateTest {
    private static final Set<String> LEGAL = Set.of(
            "QUEUED RESERVED",
            "QUEUED TIMED_OUT",
            "QUEUED CANCELLED",
            "QUEUED REFUSED",
            "RESERVED ACTIVE",
            "RESERVED RELEASED",
            "RESERVED LOST",
            "RESERVED RECOVERED",
            "ACTIVE REVOKING",
            "ACTIVE RELEASED",
            "ACTIVE LOST",
            "ACTIVE RECOVERED",
            "REVOKING RELEASED",
            "REVOKING LOST",
            "REVOKING RECOVERED");

    @ParameterizedTest
    @EnumSource
    void aLeaseMovesOnlyAlongTheTable(LeaseState from) {
        for (LeaseState to : EnumSet.allOf(LeaseState.class)) {
            assertThat(from.canBecome(to)).as(from + " " + to).isEqualTo(LEGAL.contains(from + " " + to));
        }
    }
}
