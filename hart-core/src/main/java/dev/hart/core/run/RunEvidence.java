package dev.hart.core.run;

import dev.hart.Evidence;
import dev.hart.HartClock;
import dev.hart.core.run.CheckedEvents.Checked;
import dev.hart.core.signing.SigningKey;
import dev.hart.ledger.Ledger;
import dev.hart.ledger.VerifyReport;
import dev.hart.spi.Signer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Evidence from a run's ledger. The events are read twice: once to say and sign what they amount to, and once for each
 * writing, so that no more than a page of them is held.
 */
final class RunEvidence implements Evidence {
    private final Ledger ledger;
    private final SigningKey key;
    private final long events;
    private final byte[] last;
    private final EvidenceLine header;
    /** What stands between the events and the signature: each call of a tool, and the summary. */
    private final List<EvidenceLine> end;

    private final String signature;
    private final byte[] statement;

    private RunEvidence(
            Ledger ledger,
            SigningKey key,
            CheckedEvents read,
            EvidenceLine header,
            List<EvidenceLine> end,
            byte[] statement) {
        this.ledger = ledger;
        this.key = key;
        this.events = read.count();
        this.last = read.hash();
        this.header = header;
        this.end = List.copyOf(end);
        this.statement = statement;
        this.signature = key.sign(statement);
    }

    /**
     * The evidence of a run that has ended.
     *
     * @throws dev.hart.error.LedgerException {@code LEDGER_CORRUPT} when the ledger is not what was written
     * @throws dev.hart.error.InvalidConfigurationException when the signer cannot sign
     */
    static RunEvidence of(Ledger ledger, Signer signer, HartClock clock) {
        VerifyReport report = ledger.verify();
        if (!(report instanceof VerifyReport.Ok whole)) {
            throw CheckedEvents.corrupt(ledger, report.toString(), null);
        }
        SigningKey key = SigningKey.of(signer);
        RunFacts facts = new RunFacts(ledger.id().sessionId());
        CheckedEvents events = new CheckedEvents(ledger);
        for (Checked next = events.next(); next != null; next = events.next()) {
            facts.accept(next.event());
        }
        if (events.count() != whole.events() || !facts.hasEnd()) {
            throw CheckedEvents.corrupt(ledger, "its events do not tell how the run ended", null);
        }
        EvidenceLine header =
                EvidenceLine.after(EvidenceLine.START, facts.header(ledger.id().key(), events.count(), key));
        List<EvidenceLine> end = new ArrayList<>();
        byte[] previous = events.hash();
        for (Map<String, @Nullable Object> effect : facts.effects()) {
            EvidenceLine line = EvidenceLine.after(previous, effect);
            end.add(line);
            previous = line.hash();
        }
        EvidenceLine summary = EvidenceLine.after(previous, facts.summary());
        end.add(summary);
        byte[] statement = EvidenceLine.bytes(facts.statement(
                CheckedEvents.time(clock.instant()),
                events.count(),
                key,
                header.seal(),
                HexFormat.of().formatHex(events.hash()),
                summary.seal()));
        return new RunEvidence(ledger, key, events, header, end, statement);
    }

    @Override
    public String keyId() {
        return key.id();
    }

    @Override
    public String publicKey() {
        return key.hex();
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        BufferedOutputStream lines = new BufferedOutputStream(out, 1 << 16);
        header.writeTo(lines);
        CheckedEvents read = new CheckedEvents(ledger);
        for (Checked next = read.next(); next != null; next = read.next()) {
            next.line().writeTo(lines);
        }
        if (read.count() != events || !Arrays.equals(read.hash(), last)) {
            throw CheckedEvents.corrupt(ledger, "it was changed while it was read", null);
        }
        for (EvidenceLine line : end) {
            line.writeTo(lines);
        }
        EvidenceLine.write(lines, signature, statement);
        lines.flush();
    }

    @Override
    public String toString() {
        return "Evidence[" + ledger.id().sessionId() + ", " + events + " events, key " + key.id() + "]";
    }
}
