package dev.hart.core.crash;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.RunEvent;
import dev.hart.RunHandle;
import dev.hart.error.HartException;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A machine of {@link SharedDatabaseTest}: a process with a data directory of its own and a database that it shares. Its run
 * stands in the first step until it is sent a byte.
 */
public final class MachineProcess {
    static final Recipe RECIPE = Recipe.named("shared")
            .action("look", a -> a.tool("look"))
            .action("leave", a -> a.tool("leave").with("mark", "{{look}}"))
            .output("leave", String.class)
            .build();

    private final Path folder;
    private final boolean waits;

    private MachineProcess(Path folder, boolean waits) {
        this.folder = folder;
        this.waits = waits;
    }

    public static void main(String[] args) {
        try (Hart hart = open(Path.of(args[0]), Path.of(args[1]), args[2], true)) {
            RunHandle handle = hart.start(RECIPE, Inputs.none());
            boolean begun = handle.events().anyMatch(event -> event.type() == RunEvent.Type.STEP_STARTED);
            if (!begun) {
                throw new IllegalStateException("run " + handle.id() + " has no step");
            }
            CrashedProcess.say("looking " + handle.id());
            try {
                CrashedProcess.say(handle.await().state().name());
            } catch (HartException e) {
                CrashedProcess.say(e.code() + " " + e.getMessage());
            }
        }
    }

    /** @param folder where the tools leave their marks */
    static Hart open(Path data, Path folder, String database, boolean waits) {
        Hart hart = Hart.configure()
                .dataDirectory(data)
                .database(database)
                .withoutModel()
                .withoutBuiltInTools()
                .create();
        hart.tools().register(new MachineProcess(folder, waits));
        return hart;
    }

    @Tool(name = "look", description = "Look.", effect = Effect.READ)
    public String look() throws IOException {
        mark("look");
        if (waits && System.in.read() < 0) {
            throw new IOException("nobody is there");
        }
        return waits ? "late" : "seen";
    }

    @Tool(name = "leave", description = "Leave a mark.", effect = Effect.WRITE)
    public String leave(String mark) throws IOException {
        mark("leave");
        return mark;
    }

    private void mark(String what) throws IOException {
        Files.writeString(folder.resolve(what), "x", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
