package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hart.Evidence;
import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.Mode;
import dev.hart.Run;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.Runs.InDoubt;
import dev.hart.Verifier.Judgement;
import dev.hart.core.model.RecordedSleeps;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.error.LedgerException;
import dev.hart.error.RunBusyException;
import dev.hart.error.RunPausedException;
import dev.hart.evidence.VerifyEvidence;
import dev.hart.ledger.CanonicalJson;
import dev.hart.recipe.Recipe;
import dev.hart.security.NodeKey;
import dev.hart.spi.Signer;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The evidence of real runs, as the verifier that needs no HART sees it. */
@Timeout(60)
class EvidenceTest {
    private final PreparedTools tools = new PreparedTools();

    @TempDir
    private Path folder;

    private Hart hart =
            PreparedTools.open(Hart.configure().inMemory().withoutModel().clock(new RecordedSleeps()));
    private String said = "";

    @AfterEach
    void close() {
        hart.close();
    }

    private void reopen(HartBuilder builder) {
        hart.close();
        hart = PreparedTools.open(builder);
    }

    private void onDisk() {
        reopen(Hart.configure().dataDirectory(folder.resolve("data")).withoutModel());
    }

    private Run runOne(String text) {
        tools.register(hart, "act", Effect.WRITE, (given, context) -> "did " + given);
        return hart.run(PreparedTools.oneAction().build(), Inputs.of("text", text));
    }

    /** The verifier's exit code; {@link #said} is what it said. */
    private int verify(byte[] evidence, String... more) {
        try {
            Path file = Files.write(folder.resolve("run.evidence"), evidence);
            List<String> arguments = new ArrayList<>(List.of(file.toString()));
            arguments.addAll(List.of(more));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            int code = VerifyEvidence.run(
                    new PrintStream(out, true, StandardCharsets.UTF_8), arguments.toArray(new String[0]));
            said = out.toString(StandardCharsets.UTF_8).strip();
            assertThat(said.lines()).hasSize(1);
            return code;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Map<String, Object> whole(Run run) {
        Evidence evidence = run.evidence();
        assertThat(verify(evidence.bytes(), "--key", evidence.publicKey()))
                .as(said)
                .isZero();
        assertThat(said).startsWith("whole: run " + run.id() + ", " + run.state());
        return header(evidence);
    }

    private static List<Map<String, Object>> records(Evidence evidence) {
        return new String(evidence.bytes(), StandardCharsets.UTF_8)
                .lines()
                .map(line -> CanonicalJson.readObject(line.substring(line.indexOf(' ') + 1)))
                .toList();
    }

    private static Map<String, Object> header(Evidence evidence) {
        return records(evidence).get(0);
    }

    private static List<Map<String, Object>> records(Evidence evidence, String kind) {
        return records(evidence).stream()
                .filter(record -> kind.equals(record.get("record")))
                .toList();
    }

    @Test
    void aReplayTellsWhatWasAskedDoneAndSpent() {
        Run run = runOne("hello");
        Map<String, Object> header = whole(run);

        assertThat(header)
                .containsEntry("format", "hart.evidence/1")
                .containsEntry("runId", run.id())
                .containsEntry("mode", "REUSE")
                .containsEntry("state", "SUCCEEDED")
                .containsEntry("inputs", Map.of("text", "hello"))
                .containsEntry("outputs", Map.of("act", "did hello"))
                .containsEntry("recipeName", "one")
                .containsEntry("recipeVersion", 1L)
                .containsEntry("recipeHash", run.recipe().orElseThrow().contentHash())
                .containsEntry("plan", null)
                .containsEntry("code", null);
        assertThat(records(run.evidence(), "effect"))
                .singleElement()
                .satisfies(effect -> assertThat(effect)
                        .containsEntry("tool", "act")
                        .containsEntry("effect", "WRITE")
                        .containsEntry("outcome", "FINISHED")
                        .containsEntry("key", tools.calls().get(0).idempotencyKey())
                        .containsEntry("arguments", CanonicalJson.sha256(Map.of("text", "hello")))
                        .containsEntry("result", CanonicalJson.sha256("did hello")));
        assertThat(records(run.evidence(), "summary"))
                .singleElement()
                .satisfies(summary -> assertThat(summary)
                        .containsEntry("WRITE", 1L)
                        .containsEntry("READ", 0L)
                        .containsEntry("modelCalls", 0L)
                        .containsEntry("elapsedNanos", run.elapsed().toNanos()));
    }

    @Test
    void aRunThatPlannedTellsItsPlanWhatItLearnedAndWhatTheModelCost() {
        reopen(PreparedTools.planning(PreparedTools.planOfOneAction()).verifier(outcome -> new Judgement.Completed()));
        tools.register(hart, "act", Effect.READ, (text, context) -> text);
        Run run = hart.run("act now");
        assertThat(run.mode()).isEqualTo(Mode.CREATE);

        assertThat(whole(run))
                .containsEntry("request", "act now")
                .containsEntry("recipeHash", run.recipe().orElseThrow().contentHash())
                .hasEntrySatisfying("plan", plan -> assertThat((String) plan).matches("[0-9a-f]{64}"));
        assertThat(records(run.evidence(), "summary").get(0))
                .containsEntry("modelCalls", 1L)
                .containsEntry("tokensIn", 1_200L)
                .containsEntry("tokensOut", 300L)
                .containsEntry("microSpark", Long.toString(run.report().cost().micro()));
    }

    @Test
    void failedCallsAndRunsAreToldToo() {
        AtomicInteger calls = new AtomicInteger();
        hart.tools()
                .register(tools.tool(
                        "act",
                        Effect.READ,
                        (text, context) -> calls.incrementAndGet() < 3
                                ? ToolResult.failed("BUSY", "try later", true)
                                : ToolResult.failed("BROKEN", "no more", false)));
        Run run = hart.run(PreparedTools.oneAction().build(), Inputs.of("text", "x"));
        assertThat(run.state()).isEqualTo(RunState.FAILED);

        assertThat(whole(run)).containsEntry("code", "BROKEN").containsEntry("outputs", Map.of());
        assertThat(records(run.evidence(), "effect"))
                .extracting(effect -> effect.get("outcome") + " " + effect.get("attempt"))
                .containsExactly("FAILED 1", "FAILED 2", "FAILED 3");
    }

    @Test
    void aCallOfACancelledRunMayHaveAnUnknownOutcome() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        tools.register(hart, "act", Effect.WRITE, (text, context) -> {
            begun.countDown();
            new CountDownLatch(1).await();
            return text;
        });
        RunHandle handle = hart.start(PreparedTools.oneAction().build(), Inputs.of("text", "x"));
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> hart.runs().get(handle.id()).evidence()).isInstanceOf(RunBusyException.class);
        handle.cancel();
        Run run = handle.await(Duration.ofSeconds(10));

        assertThat(whole(run)).containsEntry("state", "CANCELLED").containsEntry("code", "RUN_CANCELLED");
        assertThat(records(run.evidence(), "effect"))
                .extracting(effect -> effect.get("outcome"))
                .containsExactly("UNKNOWN");
    }

    @Test
    void aResultThatAPersonGaveIsToldAsSuch() {
        tools.register(hart, "warm", Effect.READ, (text, context) -> text);
        hart.run(Recipe.named("warm").action("a", a -> a.tool("warm")).build(), Inputs.none());
        tools.register(hart, "act", Effect.WRITE, (text, context) -> {
            new CountDownLatch(1).await();
            return text;
        });
        Run paused = hart.run(
                Recipe.named("doubt")
                        .action("a", a -> a.tool("act").timeout(Duration.ofMillis(300)))
                        .output("a", String.class)
                        .build(),
                Inputs.none());
        RunPausedException waits = catchThrowableOfType(RunPausedException.class, paused::evidence);
        assertThat(waits.waitingFor()).containsExactly("action_1: IN_DOUBT");
        hart.runs().resolve(paused.id(), "action_1", new InDoubt.TakeAsDone("receipt 17"));
        Run run = hart.resume(paused.id());

        whole(run);
        assertThat(records(run.evidence(), "effect"))
                .singleElement()
                .satisfies(effect -> assertThat(effect)
                        .containsEntry("outcome", "TAKEN_AS_DONE")
                        .containsEntry("result", CanonicalJson.sha256("receipt 17")));
    }

    @Test
    void aRunKeepsItsEvidenceWhenTheRuntimeIsOpenedAgain() {
        onDisk();
        Run run = runOne("hello");
        Evidence before = run.evidence();
        onDisk();
        Evidence after = hart.runs().get(run.id()).evidence();

        assertThat(after.publicKey()).isEqualTo(before.publicKey());
        assertThat(verify(after.bytes(), "--key", before.keyId())).as(said).isZero();
        assertThat(after.bytes()).as("each writing gives the same").isEqualTo(after.bytes());
    }

    @Test
    void everyFlippedBitIsFoundAndItsRecordNamed() {
        byte[] evidence = runOne("hello").evidence().bytes();
        List<String> labels = labels(evidence);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int line = 0;
        for (int i = 0; i < evidence.length; i++) {
            byte[] changed = evidence.clone();
            int bit = random.nextInt(8);
            changed[i] ^= (byte) (1 << bit);

            int code = verify(changed);
            assertThat(code)
                    .as("byte %d bit %d seed %d: %s", i, bit, seed, said)
                    .isEqualTo(1);
            String label = labels.get(line);
            assertThat(said)
                    .as("byte %d bit %d seed %d", i, bit, seed)
                    .matches(
                            i == evidence.length - 1
                                    ? "NOT WHOLE: cut off after the summary"
                                    : label.equals("the signature")
                                            ? "NOT WHOLE: the signature (was changed|does not fit key .*)"
                                            : "NOT WHOLE: " + label + " was changed");
            line += evidence[i] == '\n' ? 1 : 0;
        }
    }

    /** What each line is called. */
    private static List<String> labels(byte[] evidence) {
        List<String> labels = new ArrayList<>(List.of("the header"));
        List<String> lines =
                new String(evidence, StandardCharsets.UTF_8).lines().toList();
        for (String line : lines.subList(1, lines.size())) {
            Map<String, Object> record = CanonicalJson.readObject(line.substring(line.indexOf(' ') + 1));
            labels.add(
                    record.get("record") == null
                            ? "event " + record.get("seq")
                            : record.get("record").equals("effect")
                                    ? "effect " + record.get("number")
                                    : "the " + record.get("record"));
        }
        return labels;
    }

    @Test
    void aLineThatIsGoneOrTwiceOrElsewhereIsNamed() {
        byte[] evidence = runOne("hello").evidence().bytes();
        List<String> labels = labels(evidence);
        List<String> lines =
                new String(evidence, StandardCharsets.UTF_8).lines().toList();
        int last = lines.size() - 1;
        for (int i = 0; i <= last; i++) {
            List<String> less = new ArrayList<>(lines);
            less.remove(i);
            assertThat(verify(text(less))).isEqualTo(1);
            assertThat(said)
                    .isEqualTo(
                            "NOT WHOLE: " + (i == last ? "cut off after the summary" : labels.get(i) + " is missing"));

            List<String> more = new ArrayList<>(lines);
            more.add(i, lines.get(i));
            assertThat(verify(text(more))).isEqualTo(1);
            assertThat(said)
                    .isEqualTo("NOT WHOLE: "
                            + (i == last
                                    ? "something stands behind the signature"
                                    : labels.get(i) + " is there twice"));

            if (i < last) {
                List<String> swapped = new ArrayList<>(lines);
                Collections.swap(swapped, i, i + 1);
                assertThat(verify(text(swapped))).isEqualTo(1);
                assertThat(said)
                        .isEqualTo("NOT WHOLE: " + labels.get(i) + " is not in its place: " + labels.get(i + 1)
                                + " stands there");
            }
        }
    }

    @Test
    void aFileThatIsCutOffIsNotWholeWhereverItIsCut() {
        byte[] evidence = runOne("hello").evidence().bytes();
        List<String> labels = labels(evidence);
        int line = 0;
        for (int length = 0; length < evidence.length; length++) {
            assertThat(verify(Arrays.copyOf(evidence, length))).isEqualTo(1);
            assertThat(said)
                    .isEqualTo("NOT WHOLE: "
                            + (line == 0 ? "the file is empty" : "cut off after " + labels.get(line - 1)));
            line += evidence[length] == '\n' ? 1 : 0;
        }
    }

    @Test
    void theEvidenceOfARerunTellsWhichStepsWereKeptFromWhichRun() {
        tools.register(hart, "act", Effect.WRITE, (given, context) -> "did " + given);
        Run first = hart.run(
                Recipe.named("three")
                        .input("a", String.class)
                        .input("b", String.class)
                        .input("c", String.class)
                        .action("one", a -> a.tool("act").with("text", "{{inputs.a}}"))
                        .action("two", a -> a.tool("act").with("text", "{{inputs.b}}"))
                        .action("three", a -> a.tool("act").with("text", "{{inputs.c}}"))
                        .build(),
                Inputs.of("a", "1").and("b", "2").and("c", "3"));
        assertThat(whole(first)).containsEntry("effects", 3L);
        assertThat(said).doesNotContain("runs again", "kept");

        Run again = hart.rerun(first.id()).withInput("c", "4").run();
        assertThat(whole(again)).containsEntry("mode", "RERUN").containsEntry("effects", 1L);
        assertThat(said)
                .contains("1 tool calls; runs again " + first.id() + ", 2 steps kept from " + first.id() + "; signed");
        assertThat(records(again.evidence(), "effect"))
                .extracting(effect -> effect.get("action"))
                .containsExactly("action_3");
        assertThat(kept(again)).containsExactly("action_1 " + first.id(), "action_2 " + first.id());

        Run third = hart.rerun(again.id()).run();
        assertThat(whole(third)).containsEntry("effects", 0L);
        assertThat(said)
                .contains("runs again " + again.id())
                .contains("2 steps kept from " + first.id(), "1 steps kept from " + again.id());
        assertThat(kept(third))
                .containsExactly("action_1 " + first.id(), "action_2 " + first.id(), "action_3 " + again.id());

        String evidence = new String(third.evidence().bytes(), StandardCharsets.UTF_8);
        int claim = evidence.indexOf(first.id(), evidence.indexOf("\"keptFrom\""));
        assertThat(verify((evidence.substring(0, claim)
                                + again.id()
                                + evidence.substring(claim + first.id().length()))
                        .getBytes(StandardCharsets.UTF_8)))
                .as("a step that claims to come from another run")
                .isEqualTo(1);
        assertThat(said).startsWith("NOT WHOLE: event ").endsWith("was changed");
    }

    /** Action and run of each step that has its result without a call, as the events in the file say. */
    private static List<String> kept(Run run) {
        return records(run.evidence()).stream()
                .filter(event -> "STEP_FINISHED".equals(event.get("type")))
                .filter(event -> ((Map<?, ?>) event.get("payload")).get("keptFrom") != null)
                .map(event -> event.get("task_id") + " "
                        + ((Map<?, ?>) ((Map<?, ?>) event.get("payload")).get("keptFrom")).get("run"))
                .toList();
    }

    private static byte[] text(List<String> lines) {
        return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void theKeyIsCheckedWhenItIsGivenAndElseSaidNotToBe() {
        Evidence evidence = runOne("hello").evidence();
        Signer other = NodeKey.inMemory();

        assertThat(verify(evidence.bytes())).isZero();
        assertThat(said).contains(evidence.keyId(), evidence.publicKey(), "was not checked");
        assertThat(verify(evidence.bytes(), "--key", evidence.keyId())).isZero();
        assertThat(said).endsWith("which is the key that was asked for");
        assertThat(verify(evidence.bytes(), "--key", other.keyId())).isEqualTo(1);
        assertThat(said).startsWith("NOT WHOLE: signed by another key than " + other.keyId());
    }

    @Test
    void aSignerOfYourOwnSignsAndOneThatCannotIsRefused() {
        NodeKey key = NodeKey.inMemory();
        reopen(Hart.configure().inMemory().withoutModel().signer(signer("hsm:7", key.publicKey(), key)));
        Evidence evidence = runOne("hello").evidence();
        assertThat(evidence.keyId()).isEqualTo("hsm:7");
        assertThat(verify(evidence.bytes(), "--key", key.keyId())).as(said).isZero();
        assertThat(verify(evidence.bytes(), "--key", evidence.publicKey()))
                .as(said)
                .isZero();

        reopen(Hart.configure()
                .inMemory()
                .withoutModel()
                .signer(signer("a", NodeKey.inMemory().publicKey(), key)));
        Run mismatched = runOne("hello");
        assertThatThrownBy(mismatched::evidence)
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("does not verify");
        reopen(Hart.configure().inMemory().withoutModel().signer(signer("no spaces", key.publicKey(), key)));
        Run unnamed = runOne("hello");
        assertThatThrownBy(unnamed::evidence)
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("keyId");
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

    @Test
    void secretsAreInNoRecord() {
        String secret = "hunter2-and-more";
        tools.register(hart, "act", Effect.WRITE, (text, context) -> Map.of("token", secret, "ok", true));
        Run run = hart.run(
                Recipe.named("secret")
                        .input("password", String.class)
                        .action("act", a -> a.tool("act").with("text", Map.of("api_key", "{{inputs.password}}")))
                        .output("act", Object.class)
                        .build(),
                Inputs.of("password", secret));
        assertThat(run.state()).as("%s", run.failure()).isEqualTo(RunState.SUCCEEDED);

        assertThat(whole(run))
                .containsEntry("inputs", Map.of("password", "[REDACTED]"))
                .containsEntry("outputs", Map.of("act", Map.of("ok", true, "token", "[REDACTED]")));
        assertThat(new String(run.evidence().bytes(), StandardCharsets.UTF_8)).doesNotContain(secret);
        assertThat(records(run.evidence(), "effect").get(0))
                .as("a hash of a secret would let it be guessed")
                .containsEntry("arguments", CanonicalJson.sha256(Map.of("text", Map.of("api_key", "[REDACTED]"))));
    }

    @Test
    void textsOfAnyKindSurvive() {
        Run run = runOne("ä \u0085 \u2028 \ud83d\ude00 \\ \" \n \u0000 \u007f {\"seq\":9} 1e400");
        // The NUL is suspicious.
        hart.runs().approve(run.id(), "action_1");
        whole(hart.resume(run.id()));
    }

    @Test
    void numbersOfAnyKindSurvive() {
        tools.register(
                hart,
                "act",
                Effect.READ,
                (text, context) -> List.of(
                        new BigDecimal("123456789012345678901234567890.5"), Long.MIN_VALUE, 1e-7, 0.1, -0.0, 1e21));
        whole(hart.run(PreparedTools.oneAction().build(), Inputs.of("text", "x")));
    }

    @Test
    void aLedgerThatWasChangedGivesNoEvidence() throws Exception {
        onDisk();
        Run run = runOne("hello");
        String id = run.id();
        hart.close();
        try (Connection database = DriverManager.getConnection(
                        "jdbc:sqlite:" + folder.resolve("data").resolve("hart.db"));
                Statement change = database.createStatement()) {
            change.execute("DROP TRIGGER IF EXISTS task_event_no_update");
            assertThat(change.executeUpdate(
                            "UPDATE task_event SET payload = replace(payload, 'hello', 'jello') WHERE type ="
                                    + " 'STEP_STARTED'"))
                    .isEqualTo(1);
        }
        onDisk();

        LedgerException refused = catchThrowableOfType(
                LedgerException.class, () -> hart.runs().get(id).evidence());
        assertThat(refused.code()).isEqualTo("LEDGER_CORRUPT");
        assertThat(refused).hasMessageContaining(id);
    }

    @Test
    void aFileIsReplacedAsAWhole() throws IOException {
        Path file = Files.writeString(folder.resolve("kept.evidence"), "old");
        Evidence evidence = runOne("hello").evidence();
        evidence.writeTo(file);
        assertThat(file).hasBinaryContent(evidence.bytes());
        try (var left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void theVerifierIsOneFileThatAnyJavaRuns() throws Exception {
        byte[] evidence = runOne("hello").evidence().bytes();
        Path file = Files.write(folder.resolve("run.evidence"), evidence);
        assertThat(java(file)).startsWith("0 whole: run ");
        evidence[evidence.length / 2] ^= 1;
        Files.write(file, evidence);
        assertThat(java(file)).matches("1 NOT WHOLE: event \\d+ was changed");
    }

    private String java(Path file) throws IOException, InterruptedException {
        Path source = Path.of("hart-evidence/src/main/java/dev/hart/evidence/VerifyEvidence.java");
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve(source))) {
            here = here.getParent();
        }
        Path alone = Files.copy(
                here.resolve(source), Files.createTempDirectory(folder, "alone").resolve("VerifyEvidence.java"));
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        alone.toString(),
                        file.toString())
                .redirectErrorStream(true)
                .start();
        String out = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return java.waitFor() + " " + out.strip();
    }
}
