package dev.hart.core.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.RunState;
import dev.hart.Runs.InDoubt;
import dev.hart.error.RunPausedException;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A WRITE step that ran out of time may have had its effect: only a person or a policy knows. */
class InDoubtTest {
    private static final String WAITING = "action_1: IN_DOUBT";

    private static final Recipe PAY = Recipe.named("pay")
            .action("pay", a -> a.tool("bank.pay").timeout(Duration.ofMillis(400)))
            .output("pay", String.class)
            .build();

    private static final Recipe BALANCE = Recipe.named("balance")
            .action("balance", a -> a.tool("bank.balance"))
            .output("balance", String.class)
            .build();

    private final Bank bank = new Bank();
    private final Hart hart =
            Hart.configure().inMemory().withoutModel().withoutBuiltInTools().create();

    /** The first step of a JVM loads what all later ones use: longer than the time-out of these tests. */
    @BeforeEach
    void warmUp() {
        hart.tools().register(bank);
        assertThat(hart.run(BALANCE, Inputs.none()).output()).isEqualTo("17");
    }

    @AfterEach
    void close() {
        hart.close();
    }

    @Test
    void aStepInDoubtWaitsAndIsNotCalledAgain() {
        assertThat(waitingFor(pay())).containsExactly(WAITING);
        assertThat(bank.calls).hasValue(1);
    }

    @Test
    void eachDoubtNeedsItsOwnDecision() {
        Run first = pay();
        hart.runs().resolve(first.id(), "action_1", new InDoubt.RunAgain());

        Run second = hart.resume(first.id());
        assertThat(waitingFor(second)).containsExactly(WAITING);
        Run third = hart.resume(first.id());

        assertThat(waitingFor(third))
                .as("the answer to the first doubt is used up")
                .containsExactly(WAITING);
        assertThat(bank.calls).hasValue(2);
    }

    @Test
    void whatIsTakenAsDoneIsTheResult() {
        Run run = pay();
        hart.runs().resolve(run.id(), "action_1", new InDoubt.TakeAsDone("receipt 17"));

        assertThat(hart.resume(run.id()).output()).isEqualTo("receipt 17");
        assertThat(bank.calls).hasValue(1);
    }

    @Test
    void givingUpFailsTheRun() {
        Run run = pay();
        hart.runs().resolve(run.id(), "action_1", new InDoubt.GiveUp());

        Run ended = hart.resume(run.id());
        assertThat(ended.state()).isEqualTo(RunState.FAILED);
        assertThat(ended.failure().orElseThrow().code()).isEqualTo("IN_DOUBT");
        assertThat(bank.calls).hasValue(1);
    }

    private Run pay() {
        return hart.run(PAY, Inputs.none());
    }

    private static List<String> waitingFor(Run run) {
        assertThat(run.state()).isEqualTo(RunState.PAUSED);
        return ((RunPausedException) run.failure().orElseThrow()).waitingFor();
    }

    /** Takes the order and never answers. */
    public static final class Bank {
        private final AtomicInteger calls = new AtomicInteger();

        @Tool(name = "bank.pay", description = "Pay an invoice.", effect = Effect.WRITE)
        public String pay() throws InterruptedException {
            calls.incrementAndGet();
            new CountDownLatch(1).await();
            return "paid";
        }

        @Tool(name = "bank.balance", description = "Tell the balance.", effect = Effect.READ)
        public String balance() {
            return "17";
        }
    }
}
