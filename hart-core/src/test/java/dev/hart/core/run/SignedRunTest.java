package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.HartClock;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.RunState;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.ledger.Checkpoint;
import dev.hart.ledger.Ledger;
import dev.hart.ledger.LedgerEvent;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Ledgers;
import dev.hart.ledger.VerifyReport;
import dev.hart.recipe.Recipe;
import dev.hart.security.NodeKey;
import dev.hart.spi.Signer;
import dev.hart.store.Store;
import dev.hart.tool.Effect;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PublicKey;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The ledger of a run that has ended is signed by the node's key. */
@Timeout(60)
class SignedRunTest {
    private final PreparedTools tools = new PreparedTools();
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final PrintStream usual = System.err;

    @TempDir
    Path folder;

    @BeforeEach
    void listen() {
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void listenNoMore() {
        System.setErr(usual);
    }

    private Run runOne(HartBuilder builder) {
        try (Hart hart = PreparedTools.open(builder.dataDirectory(folder).withoutModel())) {
            tools.register(hart, "act", Effect.WRITE, (text, context) -> "done");
            return hart.run(Recipe.named("one").action("a", a -> a.tool("act")).build(), Inputs.none());
        }
    }

    /** What a reader who knows only this key sees. */
    private <T> T read(Signer known, Run run, Function<Ledger, T> work) {
        try (Store store = Store.sqlite(folder.resolve("hart.db"));
                Ledgers ledgers = Ledgers.in(store)
                        .clock(HartClock.system())
                        .trust(known.keyId(), known.publicKey())
                        .withoutBackgroundThread()
                        .open()) {
            return work.apply(ledgers.ledger(LedgerId.run(run.id())));
        }
    }

    private void change(String sql, Object... values) {
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("hart.db"));
                var unguard = database.createStatement();
                PreparedStatement change = database.prepareStatement(sql)) {
            unguard.execute("DROP TRIGGER IF EXISTS task_event_no_delete");
            for (int i = 0; i < values.length; i++) {
                change.setObject(i + 1, values[i]);
            }
            assertThat(change.executeUpdate()).as(sql).isPositive();
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    @Test
    void aRunThatEndedHasACheckpointOfItsLastEventByTheNodesKey() {
        Run run = runOne(Hart.configure());
        NodeKey key = NodeKey.in(folder);
        Checkpoint checkpoint = read(key, run, ledger -> {
            List<LedgerEvent> events = ledger.events(0, 1_000);
            assertThat(ledger.verify()).isEqualTo(new VerifyReport.Ok(events.size(), 1));
            assertThat(ledger.checkpoints()).hasSize(1);
            assertThat(ledger.checkpoints().get(0).heads())
                    .containsExactly(new Checkpoint.Head(
                            0, events.size(), events.get(events.size() - 1).hash()));
            return ledger.checkpoints().get(0);
        });
        assertThat(checkpoint.keyId()).isEqualTo(key.keyId());
    }

    @Test
    void aTailThatWasDroppedIsFoundThoughTheChainIsWhole() {
        Run run = runOne(Hart.configure());
        NodeKey key = NodeKey.in(folder);
        List<LedgerEvent> events = read(key, run, ledger -> ledger.events(0, 1_000));
        LedgerEvent last = events.get(events.size() - 1);
        LedgerEvent before = events.get(events.size() - 2);
        change("DELETE FROM task_event WHERE seq = ?", last.seq());
        change(
                "UPDATE ledger_head SET seq = ?, hash = ?",
                before.seq(),
                HexFormat.of().parseHex(before.hash()));
        assertThat(read(key, run, Ledger::verify))
                .isEqualTo(new VerifyReport.BehindCheckpoint(0, before.seq(), last.seq()));
        // Without its checkpoint the same ledger has no event that was changed; only its rows tell of the end.
        change("DELETE FROM ledger_checkpoint");
        change("UPDATE ledger SET status = 'open'");
        assertThat(read(key, run, Ledger::verify)).isInstanceOf(VerifyReport.ProjectionDiffers.class);
    }

    @Test
    void aSignerOfYourOwnSignsRunsToo() {
        NodeKey own = NodeKey.inMemory();
        Run run = runOne(Hart.configure().signer(signer("hsm:7", own.publicKey(), own)));
        assertThat(folder.resolve("node-key.pem")).doesNotExist();
        Signer known = signer("hsm:7", own.publicKey(), own);
        assertThat(read(known, run, Ledger::verify))
                .isInstanceOfSatisfying(
                        VerifyReport.Ok.class,
                        ok -> assertThat(ok.checkpoints()).isEqualTo(1));
        assertThat(read(known, run, Ledger::checkpoints))
                .extracting(Checkpoint::keyId)
                .containsExactly("hsm:7");
    }

    @Test
    void aSignerThatFailsLosesNoRunAndIsWarnedOf() {
        NodeKey key = NodeKey.inMemory();
        Run run = runOne(Hart.configure().signer(signer("hsm:7", key.publicKey(), new Signer() {
            @Override
            public String keyId() {
                return "hsm:7";
            }

            @Override
            public PublicKey publicKey() {
                return key.publicKey();
            }

            @Override
            public byte[] sign(byte[] message) {
                throw new IllegalStateException("the card is not in its slot");
            }
        })));
        assertUnsigned(run, "the card is not in its slot");
    }

    @Test
    void aSignatureThatItsOwnKeyDoesNotVerifyIsNotKept() {
        NodeKey key = NodeKey.inMemory();
        Run run = runOne(Hart.configure().signer(signer("a", NodeKey.inMemory().publicKey(), key)));
        assertUnsigned(run, "the signer a gave a signature that its own public key does not verify");
    }

    @Test
    void aKeyThatCannotBeReadLosesNoRunEither() throws Exception {
        runOne(Hart.configure());
        Path file = folder.resolve("node-key.pem");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Run run = runOne(Hart.configure());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertUnsigned(run, "is open to others");
    }

    private void assertUnsigned(Run run, String why) {
        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
        NodeKey anyone = NodeKey.inMemory();
        assertThat(read(anyone, run, Ledger::checkpoints)).isEmpty();
        assertThat(read(anyone, run, Ledger::verify)).isInstanceOf(VerifyReport.Ok.class);
        assertThat(said.toString(StandardCharsets.UTF_8))
                .contains("ledger_run_" + run.id() + " has no signed checkpoint of its newest events", why);
    }

    @Test
    void runsOfAKeyThatWasReplacedStayWholeAndTheirCheckpointsAreLeftAside() throws Exception {
        Run before = runOne(Hart.configure());
        Files.delete(folder.resolve("node-key.pem"));
        Run after = runOne(Hart.configure());
        NodeKey now = NodeKey.in(folder);
        try (Hart hart =
                PreparedTools.open(Hart.configure().dataDirectory(folder).withoutModel())) {
            Ledgers ledgers = hart.unwrap(Ledgers.class);
            assertThat(ledgers.ledger(LedgerId.run(after.id())).verify())
                    .isInstanceOfSatisfying(
                            VerifyReport.Ok.class,
                            ok -> assertThat(ok.unknown()).isZero());
            assertThat(ledgers.ledger(LedgerId.run(before.id())).verify())
                    .isInstanceOfSatisfying(VerifyReport.Ok.class, ok -> {
                        assertThat(ok.checkpoints()).isZero();
                        assertThat(ok.unknown()).isEqualTo(1);
                        assertThat(ok)
                                .hasToString("whole: %d events, 0 checkpoints, and 1 of keys that are not known here"
                                        .formatted(ok.events()));
                    });
            assertThat(hart.runs().get(before.id()).evidence().keyId()).isEqualTo(now.keyId());
        }
        assertThat(read(now, before, Ledger::verify))
                .as("whoever names keys wants them alone")
                .isInstanceOf(VerifyReport.BadSignature.class);
    }

    @Test
    void theKeyIsOnlyMadeWhenARunNeedsIt() {
        try (Hart hart =
                PreparedTools.open(Hart.configure().dataDirectory(folder).withoutModel())) {
            assertThat(hart.runs().list(1)).isEmpty();
        }
        assertThat(folder.resolve("node-key.pem")).doesNotExist();
        assertThat(NodeKey.find(folder)).isEmpty();
        runOne(Hart.configure());
        assertThat(NodeKey.find(folder).orElseThrow().keyId())
                .isEqualTo(NodeKey.in(folder).keyId());
    }

    @Test
    void aBadNameOfAKeyIsRefusedWhenEvidenceIsAskedFor() {
        NodeKey key = NodeKey.inMemory();
        try (Hart hart = PreparedTools.open(Hart.configure()
                .dataDirectory(folder)
                .withoutModel()
                .signer(signer("no spaces", key.publicKey(), key)))) {
            tools.register(hart, "act", Effect.READ, (text, context) -> "done");
            Run run =
                    hart.run(Recipe.named("one").action("a", a -> a.tool("act")).build(), Inputs.none());
            assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
            assertThatThrownBy(run::evidence)
                    .isInstanceOf(InvalidConfigurationException.class)
                    .hasMessageContaining("keyId");
        }
    }

    private static Signer signer(String id, PublicKey shown, Signer signs) {
        return new Signer() {
            @Override
            public String keyId() {
                return id;
            }

            @Override
            public PublicKey publicKey() {
                return shown;
            }

            @Override
            public byte[] sign(byte[] message) {
                return signs.sign(message);
            }
        };
    }
}
