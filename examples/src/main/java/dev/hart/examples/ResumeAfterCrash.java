package dev.hart.examples;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;

/** Kills another process in the middle of a run, and goes on where that one stopped: nothing happens twice. */
public record ResumeAfterCrash(Path folder, boolean doomed) {
    private static final Recipe ONBOARDING = Recipe.named("onboarding")
            .input("name", String.class)
            .action("account", a -> a.tool("staff.note").with("text", "account for {{inputs.name}}"))
            .action("mail", a -> a.tool("staff.note").with("text", "mail to {{inputs.name}}"))
            .action("badge", a -> a.tool("staff.badge").with("name", "{{inputs.name}}"))
            .build();

    public static void main(String[] args) throws IOException, InterruptedException {
        boolean doomed = args.length > 0;
        Path folder = doomed ? Path.of(args[0]) : Files.createTempDirectory("hart-example-");
        if (!doomed) {
            System.out.println("killed another process: exit code " + killAnotherProcess(folder));
        }
        HartBuilder settings = Hart.configure().dataDirectory(folder).withoutModel();
        try (Hart hart = settings.create()) {
            hart.tools().register(new ResumeAfterCrash(folder, doomed));
            if (doomed) {
                hart.run(ONBOARDING, Inputs.of("name", "Ann"));
            }
            hart.resume()
                    .forEach(run -> System.out.println("resumed: " + run.await().state()));
        }
        System.out.print(Files.readString(folder.resolve("notes.txt")));
    }

    private static int killAnotherProcess(Path folder) throws IOException, InterruptedException {
        String java = ProcessHandle.current().info().command().orElse("java");
        String classes = System.getProperty("java.class.path");
        String program = ResumeAfterCrash.class.getName();
        Process process = new ProcessBuilder(java, "-cp", classes, program, folder.toString()).start();
        System.out.println("it says: " + process.inputReader().readLine());
        return process.destroyForcibly().waitFor();
    }

    @Tool(name = "staff.note", description = "Note something about staff.", effect = Effect.WRITE)
    public void note(String text) throws IOException {
        Path notes = folder.resolve("notes.txt");
        Files.writeString(notes, text + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** In the doomed process the printer hangs, which leaves time to kill it. */
    @Tool(name = "staff.badge", description = "Print a badge for a name.", effect = Effect.IDEMPOTENT)
    public void badge(String name) throws IOException, InterruptedException {
        if (doomed) {
            System.out.println("printing the badge");
            new CountDownLatch(1).await();
        }
        note("badge for " + name);
    }
}
