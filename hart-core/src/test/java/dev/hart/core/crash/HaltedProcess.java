package dev.hart.core.crash;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Runs a recipe of two steps on a folder and dies in the middle of the one that its second argument names. */
public final class HaltedProcess {
    static final Recipe RECIPE = Recipe.named("halted")
            .action("look", a -> a.tool("look"))
            .action("leave", a -> a.tool("leave").with("mark", "{{look}}"))
            .output("leave", String.class)
            .build();

    private final Path folder;
    private final String dyingIn;

    HaltedProcess(Path folder, String dyingIn) {
        this.folder = folder;
        this.dyingIn = dyingIn;
    }

    public static void main(String[] args) {
        try (Hart hart = open(Path.of(args[0]), args[1])) {
            hart.run(RECIPE, Inputs.none());
        }
    }

    static Hart open(Path folder, String dyingIn) {
        Hart hart = Hart.configure()
                .dataDirectory(folder.resolve("data"))
                .withoutModel()
                .withoutBuiltInTools()
                .create();
        hart.tools().register(new HaltedProcess(folder, dyingIn));
        return hart;
    }

    @Tool(name = "look", description = "Look.", effect = Effect.READ)
    public String look() throws IOException {
        return did("look");
    }

    @Tool(name = "leave", description = "Leave a mark.", effect = Effect.WRITE)
    public String leave(String mark) throws IOException {
        return did("leave");
    }

    private String did(String what) throws IOException {
        Files.writeString(folder.resolve(what), "x", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        if (what.equals(dyingIn)) {
            Runtime.getRuntime().halt(9);
        }
        return what;
    }

    static int times(Path folder, String what) throws IOException {
        Path file = folder.resolve(what);
        return Files.exists(file) ? Files.readString(file).length() : 0;
    }
}
