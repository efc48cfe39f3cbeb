package dev.hart.core.crash;

import dev.hart.Hart;
import dev.hart.HartClock;
import dev.hart.RunEvent;
import dev.hart.core.model.MovedClock;
import dev.hart.recipe.Recipe;
import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Lets a schedule's time come, and dies: before anybody has looked at it (0), or behind the commit of the event with that
 * number, or in the middle of the tool of that name.
 */
public final class HaltedSchedule {
    private static final int DIED = 9;
    static final Recipe RECIPE = Recipe.named("morning")
            .schedule("0 9 * * *")
            .action("look", a -> a.tool("look"))
            .action("leave", a -> a.tool("leave").with("mark", "{{look}}"))
            .output("leave", String.class)
            .build();

    private final Path folder;
    private final String dyingIn;

    private HaltedSchedule(Path folder, String dyingIn) {
        this.folder = folder;
        this.dyingIn = dyingIn;
    }

    public static void main(String[] args) throws InterruptedException {
        int last = args[1].matches("\\d+") ? Integer.parseInt(args[1]) : Integer.MAX_VALUE;
        AtomicInteger events = new AtomicInteger();
        MovedClock clock = new MovedClock();
        try (Hart hart = open(Path.of(args[0]), args[1], clock, event -> {
            if (event.seq() > 0 && events.incrementAndGet() == last) {
                Runtime.getRuntime().halt(DIED);
            }
        })) {
            hart.recipes().save(RECIPE);
            clock.advance(Duration.ofHours(10));
            if (last == 0) {
                Runtime.getRuntime().halt(DIED);
            }
            hart.schedules().start();
            new CountDownLatch(1).await();
        }
    }

    static Hart open(Path folder, String dyingIn, HartClock clock, Consumer<RunEvent> listener) {
        Hart hart = Hart.configure()
                .dataDirectory(folder.resolve("data"))
                .withoutModel()
                .withoutBuiltInTools()
                .clock(clock)
                .onEvent(listener)
                .create();
        hart.tools().register(new HaltedSchedule(folder, dyingIn));
        return hart;
    }

    @Tool(name = "look", description = "Look.", effect = Effect.READ)
    public String look() throws IOException {
        return did("look");
    }

    @Tool(name = "leave", description = "Leave a mark.", effect = Effect.WRITE)
    public String leave(String mark) throws IOException {
        return did("leave") + " " + mark;
    }

    private String did(String what) throws IOException {
        Files.writeString(folder.resolve(what), "x", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        if (what.equals(dyingIn)) {
            Runtime.getRuntime().halt(DIED);
        }
        return what;
    }
}
