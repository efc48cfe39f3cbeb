package dev.hart.core.crash;

import dev.hart.Goal;
import dev.hart.Hart;
import dev.hart.RunEvent;
import dev.hart.Runs.Question;
import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Asks for what a goal lacks, and dies: behind the question, the answer or the event that takes the answer up. */
public final class HaltedGathering {
    private final Path folder;

    private HaltedGathering(Path folder) {
        this.folder = folder;
    }

    public static void main(String[] args) {
        Path folder = Path.of(args[0]);
        Hart hart = open(folder, event -> {
            if (event.type().name().equals(args[1])) {
                Runtime.getRuntime().halt(9);
            }
        });
        if (hart.runs().list(1).isEmpty()) {
            hart.learn(Goal.of("Write a file").interactive());
        }
        String id = hart.runs().list(1).get(0).id();
        for (Question question : hart.runs().questions(id)) {
            hart.runs().answer(id, question.id(), question.text().contains("needs path") ? "a.txt" : "b");
        }
        hart.resume(id);
    }

    static Hart open(Path folder, Consumer<RunEvent> listener) {
        Hart hart = Hart.configure()
                .dataDirectory(folder.resolve("data"))
                .withoutModel()
                .withoutBuiltInTools()
                .onEvent(listener)
                .create();
        hart.tools().register(new HaltedGathering(folder));
        return hart;
    }

    @Tool(name = "file.write", description = "Writes a text to a file.", effect = Effect.WRITE)
    public String write(String path, String text) throws IOException {
        Files.writeString(folder.resolve(path), text);
        return path;
    }
}
