package dev.hart.core.crash;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.Inputs;
import dev.hart.RunEvent;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RolloutPlan;
import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Tries the second version of a recipe run by run until it is decided, and says behind each commit where it is, so that it can be
 * killed there.
 */
public final class HaltedRollout {
    static final int RUNS = 3;

    private final Path folder;

    HaltedRollout(Path folder) {
        this.folder = folder;
    }

    private static Recipe recipe(String text) {
        return Recipe.named("told")
                .intent("tell")
                .action("leave", a -> a.tool("leave").with("mark", text))
                .action("told", a -> a.transform(text))
                .output("told", String.class)
                .build();
    }

    /** Sets the rollout up; no run is made. */
    static void prepare(Path folder, RolloutPlan plan) {
        try (Hart hart = open(folder, Hart.configure())) {
            hart.recipes().save(recipe("one"));
            hart.recipes().rollout(hart.recipes().propose(recipe("two")), plan);
        }
    }

    public static void main(String[] args) {
        try (Hart hart = open(
                Path.of(args[0]), Hart.configure().onEvent(event -> CrashedProcess.say("event " + event.type())))) {
            CrashedProcess.say("opened");
            for (int i = 0; i < RUNS; i++) {
                hart.run("told", Inputs.none());
                CrashedProcess.say("event RUN " + RunEvent.Type.RUN_FINISHED);
            }
        }
    }

    static Hart open(Path folder, HartBuilder builder) {
        Hart hart = builder.dataDirectory(folder.resolve("data"))
                .withoutModel()
                .withoutBuiltInTools()
                .create();
        hart.tools().register(new HaltedRollout(folder));
        return hart;
    }

    @Tool(name = "leave", description = "Leave a mark.", effect = Effect.IDEMPOTENT)
    public String leave(String mark) throws IOException {
        Files.writeString(folder.resolve(mark), "x", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return mark;
    }
}
