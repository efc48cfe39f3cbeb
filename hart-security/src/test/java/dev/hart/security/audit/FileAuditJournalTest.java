package dev.hart.security.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.error.StoreUnavailableException;
import dev.hart.security.ChildProcess;
import dev.hart.security.NodeKey;
import dev.hart.spi.AuditEntry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileAuditJournalTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    private Path folder;

    private static AuditLog log(FileAuditJournal journal, NodeKey key) {
        return AuditLog.open(journal, new SignedHeads(key, List.of()), () -> NOW);
    }

    @Test
    void entriesAndHeadsAreThereAfterARestart() throws IOException {
        NodeKey key = NodeKey.inMemory();
        List<AuditEntry> written = new ArrayList<>();
        try (FileAuditJournal journal = FileAuditJournal.in(folder);
                AuditLog log = log(journal, key)) {
            written.add(log.record(AuditEvent.of("auth", "żółw", "line\nbreak", "login, 3:abc,")));
            written.add(log.record(new AuditEvent("auth", "b", "", "logout", Map.of("n", 1))));
        }

        try (FileAuditJournal journal = FileAuditJournal.in(folder)) {
            AuditLog log = log(journal, key);
            List<AuditEntry> read = new ArrayList<>();
            journal.read(1, read::add);
            assertThat(read).isEqualTo(written);
            assertThat(log.verify()).isEqualTo(new AuditReport(2, 2, AuditReport.Finding.SOUND, 0));
            assertThat(log.record(AuditEvent.of("auth", "c", "", "login")).sequence())
                    .isEqualTo(3);
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("audit.log"))))
                .isEqualTo("rw-------");
    }

    @Test
    void aRecordThatWasCutOffIsRemovedWhereverItWasCut() throws IOException {
        Path file = folder.resolve("audit.log");
        NodeKey key = NodeKey.inMemory();
        long whole;
        try (FileAuditJournal journal = FileAuditJournal.in(folder)) {
            AuditLog log = log(journal, key);
            log.record(AuditEvent.of("auth", "a", "", "login"));
            whole = Files.size(file);
            log.record(AuditEvent.of("auth", "b", "", "login"));
        }
        byte[] all = Files.readAllBytes(file);
        for (int length = (int) whole + 1; length < all.length; length++) {
            Files.write(file, java.util.Arrays.copyOf(all, length));
            try (FileAuditJournal journal = FileAuditJournal.in(folder)) {
                assertThat(journal.last())
                        .hasValueSatisfying(last -> assertThat(last.sequence()).isEqualTo(1));
                assertThat(Files.size(file)).isEqualTo(whole);
            }
        }
    }

    @Test
    void somethingElseThanRecordsIsRefusedAndNotChanged() throws IOException {
        for (String text : List.of("hello\n", "3:abc\n", "9999999999:x")) {
            Files.writeString(folder.resolve("audit.log"), text);

            assertThatThrownBy(() -> FileAuditJournal.in(folder)).isInstanceOf(StoreUnavailableException.class);

            assertThat(folder.resolve("audit.log")).hasContent(text.strip());
        }
    }

    @Test
    void oneWriterAtATime() {
        try (FileAuditJournal first = FileAuditJournal.in(folder)) {
            first.read(1, entry -> true);
            assertThatThrownBy(() -> FileAuditJournal.in(folder))
                    .isInstanceOf(InvalidConfigurationException.class)
                    .hasMessageContaining("open already");
        }
        FileAuditJournal.in(folder).close();
    }

    @Test
    void everyConfirmedEntryOutlivesAProcessThatIsKilled() throws Exception {
        for (int round = 0; round < 3; round++) {
            Process process = ChildProcess.of(Writer.class, folder.toString());
            long confirmed = 0;
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
                for (int i = 0; i < 150 + 37 * round; i++) {
                    confirmed = Long.parseLong(lines.readLine());
                }
            }
            process.destroyForcibly().waitFor();

            try (FileAuditJournal journal = FileAuditJournal.in(folder)) {
                AuditLog log = log(journal, NodeKey.in(folder));
                assertThat(log.damage()).isEmpty();
                AuditReport report = log.verify();
                assertThat(report.finding()).isEqualTo(AuditReport.Finding.SOUND);
                assertThat(report.entries()).isGreaterThanOrEqualTo(confirmed);
                assertThat(report.signedUpTo()).isGreaterThanOrEqualTo(confirmed / 100 * 100);
            }
        }
    }

    /** Writes until it is killed, and says what was confirmed. */
    static final class Writer {
        public static void main(String[] folder) {
            FileAuditJournal journal = FileAuditJournal.in(Path.of(folder[0]));
            AuditLog log = log(journal, NodeKey.in(Path.of(folder[0])));
            while (true) {
                System.out.println(
                        log.record(AuditEvent.of("auth", "user", "", "login")).sequence());
            }
        }
    }

    @Test
    void aChangedByteIsFoundByTheCheck() throws IOException {
        NodeKey key = NodeKey.inMemory();
        try (FileAuditJournal journal = FileAuditJournal.in(folder);
                AuditLog log = log(journal, key)) {
            log.record(AuditEvent.of("auth", "ann", "file", "login"));
            log.record(AuditEvent.of("auth", "bob", "file", "login"));
        }
        Path file = folder.resolve("audit.log");
        Files.writeString(
                file, Files.readString(file).replaceFirst("3:ann,", "3:eve,"), StandardOpenOption.TRUNCATE_EXISTING);

        try (FileAuditJournal journal = FileAuditJournal.in(folder)) {
            assertThat(log(journal, key).verify()).isEqualTo(new AuditReport(1, 0, AuditReport.Finding.BROKEN, 1));
        }
    }
}
