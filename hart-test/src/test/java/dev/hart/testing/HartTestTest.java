package dev.hart.testing;

import static dev.hart.testing.HartAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.recipe.Recipe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

@HartTest
class HartTestTest {
    private static final Recipe READ = Recipe.named("read-note")
            .input("file", Path.class)
            .action("note", a -> a.tool("file.read").with("path", "{{inputs.file}}"))
            .output("note", String.class)
            .build();

    private static final Recipe ASK = Recipe.named("ask")
            .action("answer", a -> a.model("What is it?"))
            .output("answer", String.class)
            .build();

    private Hart before;

    @BeforeEach
    void prepare(Hart hart) {
        before = hart;
    }

    @Test
    void aTestAndTheMethodsAroundItShareOneRuntime(Hart hart) {
        assertThat(hart).isSameAs(before);
    }

    @Test
    void theBuiltInToolsSeeTheWorkspace(Hart hart, Path workspace) throws IOException {
        Files.writeString(workspace.resolve("note.txt"), "hello");

        assertThat(hart.run(READ, Inputs.of("file", "note.txt"))).hasOutput("hello");
    }

    @Test
    void theWorkspaceOfAnotherTestIsNotSeen(Hart hart, Path workspace) {
        assertThat(workspace).isEmptyDirectory();
        assertThat(hart.runs().list(10)).isEmpty();
    }

    @Test
    void theClockIsTheRuntimesClock(Hart hart, FakeClock clock, Path workspace) throws IOException {
        Files.writeString(workspace.resolve("note.txt"), "hello");
        Run run = hart.run(READ, Inputs.of("file", "note.txt"));

        assertThat(hart.runs().find(run.id()).orElseThrow().startedAt()).isEqualTo(clock.instant());
    }

    @Test
    void theModelIsTheRuntimesModel(Hart hart, ScriptedModel model) {
        model.reply("a lamp");

        assertThat(hart.run(ASK, Inputs.none())).hasOutput("a lamp").madeModelCalls(1);
    }

    @Test
    void withoutAModelParameterThereIsNoModel(Hart hart) {
        assertThat(hart.run(ASK, Inputs.none())).failedWith("MODEL_MISSING");
    }

    @Test
    void aTempDirIsLeftToJUnit(Path workspace, @TempDir Path temporary) {
        assertThat(temporary).isNotEqualTo(workspace);
    }

    @Test
    void aBuilderOpensRuntimesWithTheSameSettings(HartBuilder builder, Path workspace) throws IOException {
        Files.writeString(workspace.resolve("note.txt"), "hello");
        try (Hart hart = builder.create()) {
            assertThat(hart.run(READ, Inputs.of("file", "note.txt"))).succeeded();
        }
        try (Hart hart = builder.create()) {
            assertThat(hart.runs().list(10)).as("nothing is kept in memory").isEmpty();
        }
    }

    @Test
    @HartTest(durable = true)
    void whatIsDurableIsFoundAgain(HartBuilder builder, Path workspace) throws IOException {
        Files.writeString(workspace.resolve("note.txt"), "hello");
        Run run;
        try (Hart hart = builder.create()) {
            run = hart.run(READ, Inputs.of("file", "note.txt"));
        }
        try (Hart hart = builder.create()) {
            assertThat(hart.runs().get(run.id())).hasOutput("hello");
        }
    }

    @Nested
    class InANestedClass {
        @Test
        void parametersAreInjectedToo(Hart hart) {
            assertThat(hart).isSameAs(before);
        }
    }

    /** Run by the launcher below, with a private standard error stream. */
    @Nested
    class WhenATestFails {
        private final PrintStream original = System.err;
        private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

        @BeforeEach
        void catchWhatIsPrinted() {
            System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
        }

        @AfterEach
        void letGo() {
            System.setErr(original);
        }

        @Test
        void whatHappenedInItsRunsIsPrinted() {
            TestExecutionSummary summary = execute(FailingCases.FailsAfterARun.class);

            assertThat(summary.getTestsFailedCount()).isEqualTo(1);
            assertThat(printed.toString(StandardCharsets.UTF_8))
                    .contains("What happened in the runs of fails(Hart):\nrun ")
                    .containsPattern(" ms +run +run.started")
                    .containsPattern(" ms +action_1 +step.failed +\\{.*FILE_NOT_FOUND")
                    .containsPattern(" ms +run +run.finished");
        }

        @Test
        void itIsSaidWhenNoRunBegan() {
            execute(FailingCases.FailsBeforeARun.class);

            assertThat(printed.toString(StandardCharsets.UTF_8)).contains("fails(Hart) failed before a run began\n");
        }

        @Test
        void aScriptThatWasNotUsedUpFailsATestThatPassed() {
            TestExecutionSummary summary = execute(FailingCases.LeavesAReply.class);

            assertThat(summary.getFailures())
                    .singleElement()
                    .satisfies(
                            failure -> assertThat(failure.getException())
                                    .isInstanceOf(AssertionError.class)
                                    .hasMessage(
                                            "scripted/model was asked 0 times; these replies were not used:\n  - reply 1: never asked for"));
        }

        @Test
        void aConstructorCannotTakeARuntime() {
            TestExecutionSummary summary = execute(FailingCases.WantsARuntimeTooEarly.class);

            assertThat(summary.getFailures())
                    .singleElement()
                    .satisfies(failure -> assertThat(failure.getException())
                            .hasMessageContaining("No ParameterResolver registered for parameter"));
        }

        @Test
        void itsFolderIsDeletedAndItsRuntimeClosed() {
            execute(FailingCases.FailsAfterARun.class);

            assertThat(FailingCases.WORKSPACES)
                    .isNotEmpty()
                    .allSatisfy(folder -> assertThat(folder.getParent()).doesNotExist());
        }

        private static TestExecutionSummary execute(Class<?> tests) {
            return Launch.of(tests, Map.of());
        }
    }

    /** Tests that fail on purpose: not found by name, only selected above. */
    static final class FailingCases {
        static final List<Path> WORKSPACES = new ArrayList<>();

        private FailingCases() {}

        @HartTest
        static class FailsAfterARun {
            @Test
            void fails(Hart hart) {
                assertThat(hart.run(READ, Inputs.of("file", "missing.txt"))).succeeded();
            }

            @AfterEach
            void remember(Path workspace) {
                WORKSPACES.add(workspace);
            }
        }

        @HartTest
        static class FailsBeforeARun {
            @Test
            void fails(Hart hart) {
                hart.run(READ, Inputs.none());
            }
        }

        @HartTest
        static class LeavesAReply {
            @Test
            void passes(Hart hart, ScriptedModel model) {
                model.reply("never asked for");
            }
        }

        @HartTest
        static class WantsARuntimeTooEarly {
            WantsARuntimeTooEarly(Hart hart) {}

            @Test
            void isNotReached() {}
        }
    }
}
