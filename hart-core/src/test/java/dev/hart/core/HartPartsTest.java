package dev.hart.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Hart;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Ledgers;
import dev.hart.ledger.NewTask;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HartPartsTest {
    @TempDir
    private Path directory;

    @Test
    void aHartGivesItsLedgersAndNamesThemToWhoeverAsksForAnotherPart() {
        try (Hart hart = Hart.configure()
                .dataDirectory(directory.resolve("data"))
                .workspace(directory)
                .withoutModel()
                .create()) {
            Ledgers ledgers = hart.unwrap(Ledgers.class);
            ledgers.ledger(new LedgerId("team", "work")).add(NewTask.of("t", "T"));

            assertThat(hart.unwrap(Ledgers.class)).isSameAs(ledgers);
            assertThat(ledgers.find("ledger_team_work")).isPresent();
            assertThatThrownBy(() -> hart.unwrap(String.class))
                    .isInstanceOf(InvalidConfigurationException.class)
                    .hasMessage("this runtime has no part java.lang.String; it has dev.hart.ledger.Ledgers,"
                            + " dev.hart.spi.LeaseJournal, dev.hart.security.audit.AuditLog,"
                            + " dev.hart.security.node.FeatureGates, dev.hart.security.access.Tokens,"
                            + " dev.hart.security.Guardrails, dev.hart.security.rules.TrustQuarantine");
        }
    }
}
