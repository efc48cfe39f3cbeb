package dev.hart.testing;

import static dev.hart.testing.HartAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Run;
import dev.hart.RunState;
import dev.hart.Verifier.Judgement;
import dev.hart.Verifier.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Verdicts that change what a run does, in processes that die: what is changed is changed once, and done once. */
class ReplanningSurvivalTest implements CrashEverywhere.Setup {
    private static final String AMOUNT = "Add up column amount of ";
    private static final String TAX = "Add up column tax of ";

    @Override
    public void configure(HartBuilder builder) {
        builder.withoutModel().verifier(ReplanningSurvivalTest::judge);
    }

    /** The file says what is wrong with the sum of its amounts. */
    private static Judgement judge(Outcome outcome) {
        if (outcome.description().equals(AMOUNT + "changed.csv")) {
            return new Judgement.Updated(TAX + "changed.csv");
        }
        if (outcome.description().equals(AMOUNT + "large.csv")
                && outcome.results().size() == 1) {
            return new Judgement.NeedsBreakdown(
                    List.of(TAX + "large.csv", "write the total to tax.txt", TAX + "changed.csv"));
        }
        if (outcome.description().equals(AMOUNT + "wrong.csv")
                && outcome.results().size() == 1) {
            return new Judgement.Wrong("it is the tax that was meant", TAX + "wrong.csv");
        }
        return new Judgement.Completed();
    }

    private static void write(Path workspace, String file) throws IOException {
        Files.writeString(workspace.resolve(file), "item,amount,tax\ntea,12.50,1\npot,30,2\n");
    }

    @CrashEverywhere(allowInDoubt = false)
    void anActionThatIsUpdatedIsDoneAsItWasPlannedAnew(Hart hart, Path workspace) throws IOException {
        write(workspace, "changed.csv");
        Run run = hart.run(AMOUNT + "changed.csv and write the total to total.txt");

        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(workspace.resolve("total.txt")).hasContent("3");
        assertThat(hart.recipes().list()).hasSize(1);
    }

    @CrashEverywhere(allowInDoubt = false)
    void subtasksAreDoneOnce(Hart hart, Path workspace) throws IOException {
        write(workspace, "changed.csv");
        write(workspace, "large.csv");
        Run run = hart.run(AMOUNT + "large.csv and write the total to total.txt");

        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(workspace.resolve("tax.txt")).hasContent("3");
        assertThat(workspace.resolve("total.txt")).hasContent("3");
        assertThat(hart.recipes().list()).hasSize(1);
    }

    @CrashEverywhere(allowInDoubt = false)
    void whatIsSuggestedAfterAnErrorIsDoneInstead(Hart hart, Path workspace) throws IOException {
        write(workspace, "wrong.csv");
        Run run = hart.run(AMOUNT + "wrong.csv and write the total to total.txt");

        assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(workspace.resolve("total.txt")).hasContent("3");
        assertThat(hart.recipes().list()).hasSize(1);
    }
}
