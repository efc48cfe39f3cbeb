package dev.hart.core.crash;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.model.LanguageModel;
import dev.hart.model.ModelReply;
import dev.hart.model.ModelRequest;
import dev.hart.model.TokenCount;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/** Runs a recipe whose action is planned anew, and dies where its second argument says. */
public final class HaltedRepair {
    static final Recipe RECIPE = Recipe.named("mended")
            .action("look", a -> a.description("Look at the sky").tool("broken"))
            .output("look", String.class)
            .build();

    private final Path folder;
    private final String dyingIn;

    HaltedRepair(Path folder, String dyingIn) {
        this.folder = folder;
        this.dyingIn = dyingIn;
    }

    public static void main(String[] args) {
        try (Hart hart = open(Path.of(args[0]), args[1])) {
            hart.run(RECIPE, Inputs.none());
        }
    }

    static Hart open(Path folder, String dyingIn) {
        HaltedRepair parts = new HaltedRepair(folder, dyingIn);
        Hart hart = Hart.configure()
                .dataDirectory(folder.resolve("data"))
                .withoutBuiltInTools()
                .model(parts.new Planning())
                .create();
        hart.tools().register(parts);
        return hart;
    }

    private final class Planning implements LanguageModel {
        @Override
        public String name() {
            return "test/planning";
        }

        @Override
        public ModelReply complete(ModelRequest request) {
            did("plan");
            return new ModelReply("""
                    {"name": "other", "actions": [
                      {"name": "get", "description": "Look again", "kind": "TOOL", "tool": "peek", "args": {}}],
                     "answers": ["get"], "cannot": []}""", List.of(), TokenCount.ZERO, Duration.ZERO);
        }
    }

    @Tool(name = "broken", description = "Fail.", effect = Effect.READ)
    public String broken() {
        did("broken");
        throw new ToolFailure("BROKEN", "it never works");
    }

    @Tool(name = "peek", description = "Peek.", effect = Effect.READ)
    public String peek() {
        return did("peek");
    }

    private String did(String what) {
        try {
            Files.writeString(folder.resolve(what), "x", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (what.equals(dyingIn)) {
            Runtime.getRuntime().halt(9);
        }
        return what;
    }
}
