package dev.hart.core.crash;

import dev.hart.Goal;
import dev.hart.Hart;
import dev.hart.RunEvent;
import dev.hart.Runs.Question;
import dev.hart.tool.Effect;
import dev.hart.tool.TypedTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Asks for what a goal lacks, and dies: behind the question, the answer or the event that takes the answer up. */
public final class HaltedGathering {
    record Writing(String path, String text) {}

    private HaltedGathering() {}

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
        hart.tools()
                .register(TypedTool.of(
                        "file.write",
                        "Writes a text to a file.",
                        Writing.class,
                        String.class,
                        Effect.WRITE,
                        writing -> write(folder, writing)));
        return hart;
    }

    private static String write(Path folder, Writing writing) {
        try {
            Files.writeString(folder.resolve(writing.path()), writing.text());
            return writing.path();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
