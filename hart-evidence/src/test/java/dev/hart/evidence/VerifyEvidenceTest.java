package dev.hart.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files written by hand: what a signer might say that does not follow from its events, and what no writer writes. */
@Timeout(60)
class VerifyEvidenceTest {
    private static final String HASH_OF_ARGS = sha256(new byte[0], "{\"n\":1}");
    private static final String HASH_OF_OUTPUT = sha256(new byte[0], "2");
    private static final String[] EVENTS = {
        event(
                1,
                "run",
                "RUN_STARTED",
                "{\"inputs\":{},\"mode\":\"REUSE\",\"recipeHash\":\"sha256:x\",\"request\":\"double\",\"startedAt\":\"t\"}"),
        event(
                2,
                "action_1",
                "STEP_STARTED",
                "{\"args\":{\"n\":1},\"attempt\":1,\"effect\":\"WRITE\",\"key\":\"k\",\"kind\":\"TOOL\",\"tool\":\"double\"}"),
        event(3, "action_1", "STEP_FINISHED", "{\"attempt\":1,\"ms\":1,\"output\":2,\"step\":1}"),
        event(
                4,
                "run",
                "RUN_FINISHED",
                "{\"code\":null,\"elapsedNanos\":5,\"message\":null,\"outputs\":{\"n\":2},\"recipeId\":\"i\",\"recipeName\":\"double\",\"recipeVersion\":1,\"state\":\"SUCCEEDED\"}")
    };

    @TempDir
    private Path folder;

    private final KeyPair key = newKey();
    private String publicKey = HexFormat.of().formatHex(key.getPublic().getEncoded(), 12, 44);
    private String said = "";

    private static KeyPair newKey() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String event(int seq, String task, String type, String payload) {
        return "{\"actor\":\"hart\",\"at\":\"2026-11-23T23:02:53.100Z\",\"ledger_id\":\"ledger_run_r\",\"payload\":"
                + payload + ",\"seq\":" + seq + ",\"stripe\":0,\"task_id\":\"" + task + "\",\"type\":\"" + type
                + "\",\"v\":1}";
    }

    private static String sha256(byte[] before, String text) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(before);
            return HexFormat.of().formatHex(sha256.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private String header() {
        return "{\"code\":null,\"effects\":1,\"events\":4,\"finishedAt\":\"2026-11-23T23:02:53.100Z\",\"format\":\"hart.evidence/1\","
                + "\"inputs\":{},\"keyId\":\"k1\",\"ledgerId\":\"ledger_run_r\",\"message\":null,\"mode\":\"REUSE\",\"outputs\":{\"n\":2},"
                + "\"plan\":null,\"publicKey\":\"" + publicKey + "\",\"recipeHash\":\"sha256:x\",\"recipeId\":\"i\","
                + "\"recipeName\":\"double\",\"recipeVersion\":1,\"record\":\"header\",\"request\":\"double\",\"runId\":\"r\","
                + "\"startedAt\":\"t\",\"state\":\"SUCCEEDED\"}";
    }

    private static String effect() {
        return "{\"action\":\"action_1\",\"arguments\":\"" + HASH_OF_ARGS
                + "\",\"attempt\":1,\"effect\":\"WRITE\",\"event\":2,"
                + "\"key\":\"k\",\"number\":1,\"outcome\":\"FINISHED\",\"record\":\"effect\",\"result\":\""
                + HASH_OF_OUTPUT
                + "\",\"tool\":\"double\"}";
    }

    private static String summary() {
        return "{\"DESTRUCTIVE\":0,\"IDEMPOTENT\":0,\"READ\":0,\"WRITE\":1,\"elapsedNanos\":5,\"microSpark\":\"0\","
                + "\"modelCalls\":0,\"record\":\"summary\",\"tokensIn\":0,\"tokensOut\":0}";
    }

    /** A file whose hashes and signature are right, whatever it says. */
    private String signed(String header, String[] events, String effect, String summary) throws Exception {
        byte[] previous = new byte[32];
        String headerHash = sha256(previous, header);
        StringBuilder file = new StringBuilder(headerHash + " " + header + "\n");
        String hash = "";
        for (String event : events) {
            hash = sha256(previous, event);
            previous = HexFormat.of().parseHex(hash);
            file.append(hash).append(' ').append(event).append('\n');
        }
        String last = hash;
        for (String record : new String[] {effect, summary}) {
            hash = sha256(previous, record);
            previous = HexFormat.of().parseHex(hash);
            file.append(hash).append(' ').append(record).append('\n');
        }
        String statement =
                "{\"at\":\"2026-11-23T23:02:54.000Z\",\"events\":4,\"format\":\"hart.evidence/1\",\"header\":\""
                        + headerHash + "\",\"keyId\":\"k1\",\"last\":\"" + last
                        + "\",\"record\":\"signature\",\"summary\":\"" + hash
                        + "\"}";
        Signature ed25519 = Signature.getInstance("Ed25519");
        ed25519.initSign(key.getPrivate());
        ed25519.update(statement.getBytes(StandardCharsets.UTF_8));
        return file + HexFormat.of().formatHex(ed25519.sign()) + " " + statement + "\n";
    }

    private int run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int code = VerifyEvidence.run(new PrintStream(out, true, StandardCharsets.UTF_8), arguments);
        said = out.toString(StandardCharsets.UTF_8).strip();
        return code;
    }

    private int verify(String file) throws IOException {
        return run(Files.writeString(folder.resolve("run.evidence"), file).toString());
    }

    @Test
    void aFileWrittenAsThePageSaysIsWhole() throws Exception {
        assertThat(verify(signed(header(), EVENTS, effect(), summary())))
                .as(said)
                .isZero();
        assertThat(said).startsWith("whole: run r, SUCCEEDED, 4 events, 1 tool calls; signed by key k1");
    }

    @ParameterizedTest
    @CsvSource({
        "\"request\":\"double\", \"request\":\"halve\", the header does not follow from the events",
        "\"outputs\":{\"n\":2}, \"outputs\":{\"n\":3}, the header does not follow from the events",
        "\"recipeHash\":\"sha256:x\", \"recipeHash\":\"sha256:y\", the header does not follow from the events",
        "\"effects\":1, \"effects\":0, the header does not follow from the events",
        "\"runId\":\"r\", \"runId\":\"q\", the header is not one of hart.evidence/1",
        "hart.evidence/1, hart.evidence/2, the header is not one of hart.evidence/1",
        "\"outcome\":\"FINISHED\", \"outcome\":\"FAILED\", effect 1 does not follow from the events",
        "\"key\":\"k\", \"key\":\"other\", effect 1 does not follow from the events",
        "\"WRITE\":1, \"WRITE\":0, the summary does not follow from the events",
        "\"modelCalls\":0, \"modelCalls\":7, the summary does not follow from the events"
    })
    void whatASignerSaysBesideItsEventsIsFound(String right, String wrong, String expected) throws Exception {
        String file = signed(
                header().replace(right, wrong),
                EVENTS,
                effect().replace(right, wrong),
                summary().replace(right, wrong));
        assertThat(verify(file)).isEqualTo(1);
        assertThat(said).isEqualTo("NOT WHOLE: " + expected);
    }

    @Test
    void eventsOfAnotherRunAreFound() throws Exception {
        String[] events = EVENTS.clone();
        events[2] = events[2].replace("ledger_run_r", "ledger_run_q");
        assertThat(verify(signed(header(), events, effect(), summary()))).isEqualTo(1);
        assertThat(said).isEqualTo("NOT WHOLE: event 3 is of another ledger");
    }

    @Test
    void aFileThatSomeoneElseSignedAnewShowsTheirKey() throws Exception {
        String theirs = publicKey;
        assertThat(verify(signed(header(), EVENTS, effect(), summary()))).isZero();
        assertThat(said).contains(theirs).contains("was not checked");
        publicKey = HexFormat.of().formatHex(newKey().getPublic().getEncoded(), 12, 44);
        assertThat(verify(signed(header(), EVENTS, effect(), summary())))
                .as("another's public key in the header does not help")
                .isEqualTo(1);
        assertThat(said).startsWith("NOT WHOLE: the signature does not fit key k1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "zz", "302a"})
    void aPublicKeyThatIsNoneFitsNoSignature(String none) throws Exception {
        publicKey = none;
        assertThat(verify(signed(header(), EVENTS, effect(), summary()))).isEqualTo(1);
        assertThat(said).startsWith("NOT WHOLE: the signature does not fit key k1");
    }

    @Test
    void whatAFileSaysDoesNotSteerATerminal() throws Exception {
        publicKey = "\u009b31m";
        assertThat(verify(signed(header(), EVENTS, effect(), summary()))).isEqualTo(1);
        assertThat(said).contains("?31m").doesNotContain("\u009b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"args\":{\"n\":1},\"kind\":\"TOOL\"",
                "{\"kind\":\"TOOL\",}",
                "{\"kind\":\"TOOL\",\"kind\":\"TOOL\"}",
                "{\"kind\":01}",
                "{\"kind\":TRUE}",
                "{\"kind\": 1}",
                "[]]",
                "{\"kind\"}",
                "{\"a\":\"\u0001\"}",
                "\"text"
            })
    void jsonThatIsNotCanonicalIsNotRead(String payload) throws Exception {
        String[] events = EVENTS.clone();
        events[1] = event(2, "action_1", "STEP_STARTED", payload);
        assertThat(verify(signed(header(), events, effect(), summary()))).isEqualTo(1);
        assertThat(said).startsWith("NOT WHOLE: event 2 ");
    }

    @Test
    void jsonMayBeNestedAsDeeplyAsHartNestsItAndNotWithoutEnd() throws Exception {
        String[] events = EVENTS.clone();
        events[2] = event(3, "action_1", "OTHER", "{\"a\":" + "[".repeat(115) + "]".repeat(115) + "}");
        assertThat(verify(signed(header(), events, effect(), summary()))).isEqualTo(1);
        assertThat(said).as("its depth is no fault").isEqualTo("NOT WHOLE: effect 1 does not follow from the events");
        events[2] = event(3, "action_1", "OTHER", "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");
        assertThat(verify(signed(header(), events, effect(), summary()))).isEqualTo(1);
        assertThat(said).isEqualTo("NOT WHOLE: event 3 was changed");
    }

    @Test
    void aLineWithoutEndTakesBoundedMemoryAndIsRefused() throws IOException {
        Path file = folder.resolve("long.evidence");
        byte[] block = new byte[1 << 20];
        Arrays.fill(block, (byte) 'a');
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < 17; i++) {
                out.write(block);
            }
            out.write('\n');
        }
        assertThat(run(file.toString())).isEqualTo(1);
        assertThat(said).isEqualTo("NOT WHOLE: the header was changed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a --key", "a --key abc", "a --key ZZ", "a --other 00", "a --key 00 b"})
    void misuseLeavesWithTwoAndShowsHowItIsUsed(String arguments) {
        assertThat(run(arguments.isEmpty() ? new String[0] : arguments.split(" ")))
                .isEqualTo(2);
        assertThat(said).startsWith("usage: java VerifyEvidence.java FILE [--key KEY]");
    }

    @Test
    void aFileThatIsNotThereLeavesWithTwo() {
        assertThat(run(folder.resolve("nowhere").toString())).isEqualTo(2);
        assertThat(said).startsWith("cannot read ");
    }
}
