package dev.hart.testing;

import static dev.hart.testing.HartAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.RunState;
import dev.hart.Runs.InDoubt;
import dev.hart.guard.Verdict;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, really killed. */
class CrashEverywhereTest {
    /** Reads 3, puts 4 in a file, and pays 4. */
    private static final Recipe PAY = Recipe.named("pay")
            .action("price", a -> a.tool("shop.price"))
            .action("noted", a -> a.tool("shop.note").with("number", "{{price}}"))
            .action("paid", a -> a.tool("shop.pay").with("number", "{{noted}}"))
            .output("paid", Integer.class)
            .build();

    private static final Recipe PRICE = Recipe.named("price")
            .action("price", a -> a.tool("shop.price"))
            .output("price", Integer.class)
            .build();

    @TempDir
    Path folder;

    private CrashRuns.Result play(Class<?> tests) throws InterruptedException {
        Method method = Arrays.stream(tests.getDeclaredMethods())
                .filter(CrashExtension::isScenario)
                .findFirst()
                .orElseThrow();
        return CrashRuns.play(tests, method, method.getAnnotation(CrashEverywhere.class), folder);
    }

    @Test
    void aRunIsKilledAtEachCommitAndAtEachAnswerAndOnlyAWriteIsInDoubt() throws Exception {
        CrashRuns.Result result = play(Cases.Pays.class);

        result.check();
        assertThat(result.points()).isEqualTo(7);
        assertThat(result.doubts().keySet())
                .extracting(CrashPoint::toString)
                .containsExactly(
                        "after commit 3 (action_3 step.started)",
                        "after call 3 (shop.pay) was answered and before that was written");
        assertThat(result.doubts().values()).containsOnly(List.of("action_3: IN_DOUBT"));
        assertThat(result.summary())
                .startsWith("Pays.pays: 7 crash points in ")
                .contains(
                        ": 5 recovered, 2 in doubt, 0 wrong\n  in doubt after commit 3 (action_3 step.started): action_3");
    }

    @Test
    void whoAnswersDoubtsComesToTheSameEndEverywhere() throws Exception {
        CrashRuns.Result result = play(Cases.LooksWhetherItPaid.class);

        result.check();
        assertThat(result.doubts()).isEmpty();
    }

    @Test
    void doubtFailsWhereItIsNotAllowed() {
        assertThat(Launch.failures(Cases.MustNotDoubt.class, Map.of()))
                .singleElement()
                .satisfies(failure -> assertThat(failure)
                        .isInstanceOf(AssertionError.class)
                        .hasMessageStartingWith(
                                "MustNotDoubt.pays does not survive a crash at 2 of 3 points:\n  killed after commit")
                        .hasMessageContaining(
                                "    - it is in doubt (action_1: IN_DOUBT), which this test does not allow"));
    }

    @Test
    void aToolThatSaysItIsIdempotentAndIsNotIsFound() throws Exception {
        CrashRuns.Result result = play(Cases.CountsEachCall.class);

        assertThat(result.problems().keySet())
                .extracting(CrashPoint::toString)
                .containsExactly("after call 1 (shop.count) was answered and before that was written");
        assertThat(result.problems().values())
                .containsExactly(List.of(
                        "run 1 gave {\"counted\":2}, not {\"counted\":1}",
                        "the file counted of the workspace has \"xx\", not \"x\""));
    }

    @Test
    void aScenarioThatDoesThingsBesideItsRunsIsFound() throws Exception {
        CrashRuns.Result result = play(Cases.WritesBesideItsRun.class);

        assertThat(result.problems()).hasSize(result.points());
        assertThat(result.problems().values())
                .allSatisfy(problems ->
                        assertThat(problems).containsExactly("the file log of the workspace has \"xx\", not \"x\""));
    }

    @Test
    void runsAreTakenUpInTheOrderInWhichTheyWereBegun() throws Exception {
        CrashRuns.Result result = play(Cases.BeginsThree.class);

        result.check();
        assertThat(result.doubts()).isEmpty();
    }

    @Test
    void modelsClocksAndSettingsAreThoseOfTheScenario() throws Exception {
        play(Cases.AsksAModel.class).check();
    }

    @Test
    void aScenarioThatFailsByItselfSaysSo() {
        assertThat(Launch.failures(Cases.FailsByItself.class, Map.of()))
                .singleElement()
                .satisfies(failure -> assertThat(failure)
                        .hasMessageStartingWith(
                                "FailsByItself.fails fails without any crash: java.lang.AssertionError:")
                        .hasMessageContaining("Expected the run to have the output 4, but it has 3"));
    }

    @Test
    void aScenarioWithoutARunSaysSo() {
        assertThat(Launch.failures(Cases.RunsNothing.class, Map.of()))
                .singleElement()
                .satisfies(failure -> assertThat(failure)
                        .hasMessage(
                                "RunsNothing.runs begins no run: call hart.run(…) or hart.start(…) of the runtime that it"
                                        + " is given"));
    }

    @Test
    void aScenarioWithTooManyPointsSaysSo() {
        assertThat(Launch.failures(Cases.IsTooLong.class, Map.of()))
                .singleElement()
                .satisfies(failure -> assertThat(failure)
                        .hasMessage(
                                "IsTooLong.runs has 3 crash points, and maxPoints is 2: make the scenario shorter, or raise"
                                        + " it"));
    }

    @Test
    void aScenarioThatDoesNotEndIsGivenUp() {
        assertThat(Launch.failures(Cases.NeverEnds.class, Map.of()))
                .singleElement()
                .satisfies(failure -> assertThat(failure)
                        .hasMessageStartingWith("a process did not end within 3 s; it printed:\n")
                        .hasMessageContaining("    waiting for ever"));
    }

    /** Leaves marks in files of the workspace. */
    public static final class Shop {
        private final Path workspace;

        Shop(Path workspace) {
            this.workspace = workspace;
        }

        @Tool(name = "shop.price", description = "Tell the price.", effect = Effect.READ)
        public int price() {
            return 3;
        }

        @Tool(name = "shop.note", description = "Note a number, and give the next.", effect = Effect.IDEMPOTENT)
        public int note(int number) throws IOException {
            Files.writeString(workspace.resolve("note"), String.valueOf(number));
            return number + 1;
        }

        @Tool(name = "shop.pay", description = "Pay.", effect = Effect.WRITE)
        public int pay(int number) {
            append(workspace.resolve("paid"), number + "\n");
            return number;
        }

        @Tool(name = "shop.count", description = "Count calls.", effect = Effect.IDEMPOTENT)
        public long count() throws IOException {
            append(workspace.resolve("counted"), "x");
            return Files.size(workspace.resolve("counted"));
        }
    }

    private static void append(Path file, String text) {
        try {
            Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Recipe single(String name, String tool, Object... arguments) {
        return Recipe.named(name)
                .action(name, a -> {
                    a.tool(tool);
                    for (int i = 0; i < arguments.length; i += 2) {
                        a.with((String) arguments[i], arguments[i + 1]);
                    }
                })
                .output(name, Object.class)
                .build();
    }

    /** Scenarios that are played above only. */
    static final class Cases {
        private Cases() {}

        static class Pays {
            @CrashEverywhere(ignoring = "lo*")
            void pays(Hart hart, Path workspace) {
                append(workspace.resolve("log"), "x");
                hart.tools().register(new Shop(workspace));
                assertThat(hart.run(PAY, Inputs.none())).hasOutput(4);
                assertThat(workspace.resolve("paid")).hasContent("4");
            }
        }

        static class LooksWhetherItPaid {
            @CrashEverywhere(allowInDoubt = false)
            void pays(Hart hart, Path workspace) {
                hart.tools().register(new Shop(workspace));
                Run run = hart.run(single("paid", "shop.pay", "number", 4), Inputs.none());
                if (run.state() == RunState.PAUSED) {
                    boolean paid = Files.exists(workspace.resolve("paid"));
                    hart.runs()
                            .resolve(run.id(), "action_1", paid ? new InDoubt.TakeAsDone(4) : new InDoubt.RunAgain());
                    run = hart.resume(run.id());
                }
                assertThat(run).hasOutput(4);
            }
        }

        static class MustNotDoubt {
            @CrashEverywhere(allowInDoubt = false)
            void pays(Hart hart, Path workspace) {
                hart.tools().register(new Shop(workspace));
                hart.run(single("paid", "shop.pay", "number", 4), Inputs.none());
            }
        }

        static class CountsEachCall {
            @CrashEverywhere
            void counts(Hart hart, Path workspace) {
                hart.tools().register(new Shop(workspace));
                hart.run(single("counted", "shop.count"), Inputs.none());
            }
        }

        static class WritesBesideItsRun {
            @CrashEverywhere
            void writes(Hart hart, Path workspace) {
                append(workspace.resolve("log"), "x");
                hart.tools().register(new Shop(workspace));
                hart.run(PRICE, Inputs.none());
            }
        }

        static class BeginsThree {
            @CrashEverywhere
            void begins(Hart hart, Path workspace) {
                hart.tools().register(new Shop(workspace));
                Run first = hart.run(single("noted", "shop.note", "number", 1), Inputs.none());
                Run second = hart.start(single("noted2", "shop.note", "number", 2), Inputs.none())
                        .await(Duration.ofSeconds(30));
                Run third = hart.rerun(first.id()).withResult("noted", 7).run();
                assertThat(first).hasOutput(2);
                assertThat(second).hasOutput(3);
                assertThat(third).hasOutput(7);
            }
        }

        static class AsksAModel implements CrashEverywhere.Setup {
            private final Recipe ask = Recipe.named("ask")
                    .action("answer", a -> a.model("What is it?"))
                    .output("answer", String.class)
                    .build();

            @Override
            public void configure(HartBuilder builder) {
                builder.guardrail((rail, subject) -> subject.text().contains("bomb")
                        ? new Verdict.Refused("no bombs", "no bombs")
                        : Verdict.ALLOWED);
            }

            @CrashEverywhere(allowInDoubt = false)
            void asks(Hart hart, FakeClock clock, ScriptedModel model) {
                model.latency(Duration.ofSeconds(2)).otherwise(request -> "a lamp");
                assertThat(hart.run(ask, Inputs.none())).hasOutput("a lamp");
                assertThat(clock.instant()).isAfter(FakeClock.START);
                model.otherwise(request -> "a bomb");
                assertThat(hart.run(ask, Inputs.none())).failedWith("GUARDRAIL_REFUSED");
            }
        }

        static class FailsByItself {
            @CrashEverywhere
            void fails(Hart hart, Path workspace) {
                hart.tools().register(new Shop(workspace));
                assertThat(hart.run(PRICE, Inputs.none())).hasOutput(4);
            }
        }

        static class RunsNothing {
            @CrashEverywhere
            void runs(Hart hart) {}
        }

        static class IsTooLong {
            @CrashEverywhere(maxPoints = 2)
            void runs(Hart hart, Path workspace) {
                hart.tools().register(new Shop(workspace));
                hart.run(PRICE, Inputs.none());
            }
        }

        static class NeverEnds {
            @CrashEverywhere(timeoutSeconds = 3)
            void runs(Hart hart) throws InterruptedException {
                System.out.println("waiting for ever");
                new CountDownLatch(1).await();
            }
        }
    }
}
