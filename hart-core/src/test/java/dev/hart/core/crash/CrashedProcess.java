package dev.hart.core.crash;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Run;
import dev.hart.RunState;
import dev.hart.Runs.InDoubt;
import dev.hart.Runs.Summary;
import dev.hart.error.RunPausedException;
import dev.hart.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The program that {@link CrashTest} kills: begins the run of its folder, or takes it up where the last process left it,
 * and works on it to its end.
 */
final class CrashedProcess {
    static final String IN_DOUBT = "in doubt: ";

    /** The actions of {@link #RECIPE}, each of one TOOL step. */
    static final int STEPS = 10;

    /**
     * Reads 3 and 4 (at the same time), and then, from step to step: 4, 8 (written), 9, 18 (written), 36 (written), 4, 5, 10 (written).
     */
    static final Recipe RECIPE = Recipe.named("survive")
            .input("left", String.class)
            .input("right", String.class)
            .action("left", a -> a.tool("crash.read").with("file", "{{inputs.left}}"))
            .action("right", a -> a.tool("crash.read").with("file", "{{inputs.right}}"))
            .action("more", a -> a.tool("crash.put").with("file", "more.txt").with("number", "{{left.number}}"))
            .action("first", a -> a.tool("crash.append").with("number", "{{more.number}}"))
            .action("most", a -> a.tool("crash.put").with("file", "most.txt").with("number", "{{first.number}}"))
            .action("second", a -> a.tool("crash.append").with("number", "{{most.number}}"))
            .action("third", a -> a.tool("crash.append").with("number", "{{second.number}}"))
            .action("again", a -> a.tool("crash.read").with("file", "more.txt").dependsOn(7))
            .action("last", a -> a.tool("crash.put").with("file", "last.txt").with("number", "{{again.number}}"))
            .action("fourth", a -> a.tool("crash.append").with("number", "{{last.number}}"))
            .output("left", CrashTools.Result.class)
            .output("right", CrashTools.Result.class)
            .output("more", CrashTools.Result.class)
            .output("first", CrashTools.Result.class)
            .output("most", CrashTools.Result.class)
            .output("second", CrashTools.Result.class)
            .output("third", CrashTools.Result.class)
            .output("again", CrashTools.Result.class)
            .output("last", CrashTools.Result.class)
            .output("fourth", CrashTools.Result.class)
            .build();

    private CrashedProcess() {}

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        say("opening");
        try (Hart hart = open(folder)) {
            say("opened");
            Run run = takeUp(hart);
            while (run.state() == RunState.PAUSED) {
                for (String waiting : ((RunPausedException) run.failure().orElseThrow()).waitingFor()) {
                    String action = waiting.substring(0, waiting.indexOf(':'));
                    InDoubt decision = decide(folder, action);
                    say(IN_DOUBT + decision.getClass().getSimpleName());
                    hart.runs().resolve(run.id(), action, decision);
                }
                run = hart.resume(run.id());
            }
            say(run.state().toString());
        }
    }

    static Hart open(Path folder) {
        Hart hart = Hart.configure()
                .dataDirectory(folder.resolve("data"))
                .workspace(folder)
                .withoutModel()
                .withoutBuiltInTools()
                .create();
        hart.tools().register(new CrashTools(folder));
        return hart;
    }

    private static Run takeUp(Hart hart) {
        List<Summary> runs = hart.runs().list(10);
        if (runs.isEmpty()) {
            return hart.run(RECIPE, Inputs.of("left", "left.txt").and("right", "right.txt"));
        }
        Summary run = runs.get(0);
        return run.state().hasEnded() ? hart.runs().get(run.id()) : hart.resume(run.id());
    }

    /** Looks whether the effect is there: then its result is the step's, else nothing happened. */
    private static InDoubt decide(Path folder, String action) throws IOException {
        Path effects = folder.resolve(CrashTools.EFFECTS);
        if (Files.exists(effects)) {
            for (String line : Files.readAllLines(effects)) {
                String[] words = line.split(" ");
                if (words[0].equals(action)) {
                    return new InDoubt.TakeAsDone(Map.of("number", Long.parseLong(words[3]), "call", words[2]));
                }
            }
        }
        return new InDoubt.RunAgain();
    }

    /** Tells the test where this process is; one write, so that lines of two threads do not mix. */
    static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
