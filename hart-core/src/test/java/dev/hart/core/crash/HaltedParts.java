package dev.hart.core.crash;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.RunEvent;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Runs a recipe with every part that a recipe can have, and dies: behind the commit of the event with that number, or in the
 * middle of the tool of that name.
 */
public final class HaltedParts {
    static final Recipe INNER = Recipe.named("inner")
            .input("mark", String.class)
            .action("look", a -> a.tool("look"))
            .action("pause", a -> a.waitFor(Duration.ofMillis(1)))
            .action(
                    "leave",
                    a -> a.tool("leave")
                            .with("mark", "{{inputs.mark}} {{look}}")
                            .dependsOn(2))
            .output("leave", String.class)
            .build();

    static final Recipe RECIPE = Recipe.named("parts")
            .action(
                    "page",
                    a -> a.tool("look")
                            .output("seen")
                            .tool("broken")
                            .fallback(
                                    "write it by hand",
                                    f -> f.tool("write")
                                            .with("mark", "{{seen}}")
                                            .output("written")
                                            .tool("check")
                                            .with("mark", "{{written}}")))
            .action("sub", a -> a.recipe("inner").with("mark", "{{page}}"))
            .action("city", a -> a.ask("Where?").expect(String.class).dependsOn(2))
            .action("all", a -> a.transform("{{page}}, {{sub}}, {{city}}"))
            .output("all", String.class)
            .build();

    static final String OUTPUT = "check write look, leave check write look look, Oslo";

    private final Path folder;
    private final String dyingIn;

    HaltedParts(Path folder, String dyingIn) {
        this.folder = folder;
        this.dyingIn = dyingIn;
    }

    public static void main(String[] args) {
        int last = args[1].matches("\\d+") ? Integer.parseInt(args[1]) : Integer.MAX_VALUE;
        AtomicInteger events = new AtomicInteger();
        try (Hart hart = open(Path.of(args[0]), args[1], event -> {
            if (event.seq() > 0 && events.incrementAndGet() == last) {
                Runtime.getRuntime().halt(9);
            }
        })) {
            hart.recipes().save(INNER);
            hart.run(RECIPE, Inputs.none());
        }
    }

    static Hart open(Path folder, String dyingIn, Consumer<RunEvent> listener) {
        Hart hart = Hart.configure()
                .dataDirectory(folder.resolve("data"))
                .withoutModel()
                .withoutBuiltInTools()
                .onEvent(listener)
                .create();
        hart.tools().register(new HaltedParts(folder, dyingIn));
        return hart;
    }

    @Tool(name = "look", description = "Look.", effect = Effect.READ)
    public String look() throws IOException {
        return did("look");
    }

    @Tool(name = "broken", description = "Fail.", effect = Effect.READ)
    public String broken() throws IOException {
        did("broken");
        throw new ToolFailure("BROKEN", "it never works");
    }

    @Tool(name = "write", description = "Write.", effect = Effect.WRITE)
    public String write(String mark) throws IOException {
        return did("write") + " " + mark;
    }

    @Tool(name = "check", description = "Check.", effect = Effect.READ)
    public String check(String mark) throws IOException {
        return did("check") + " " + mark;
    }

    @Tool(name = "leave", description = "Leave a mark.", effect = Effect.WRITE)
    public String leave(String mark) throws IOException {
        return did("leave") + " " + mark;
    }

    private String did(String what) throws IOException {
        Files.writeString(folder.resolve(what), "x", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        if (what.equals(dyingIn)) {
            Runtime.getRuntime().halt(9);
        }
        return what;
    }
}
