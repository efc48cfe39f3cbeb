package dev.hart.examples;

import dev.hart.Hart;
import dev.hart.Run;
import dev.hart.tool.Effect;
import dev.hart.tool.Param;
import dev.hart.tool.Tool;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Learns a task from the first request, and replays it for another file: no model, no planning. */
public final class LearnAndReplay {
    private LearnAndReplay() {}

    public static void main(String[] args) throws IOException {
        Path folder = Files.createTempDirectory("hart-example-");
        Files.writeString(folder.resolve("sales.csv"), "item,amount\ntea,12.50\npot,30\n");
        Files.writeString(folder.resolve("march.csv"), "item,amount\ncup,7.25\n");

        try (Hart hart = Hart.configure()
                .inMemory()
                .workspace(folder)
                .withoutModel()
                .withoutBuiltInTools()
                .create()) {
            hart.tools().register(new CsvTools(folder));
            Run first = hart.run("Add up column amount of sales.csv and write the total to total.txt");
            Run again = hart.run("Add up column amount of march.csv and write the total to march.txt");
            for (Run run : List.of(first, again)) {
                System.out.printf("%s in %d ms: %s%n", run.mode(), run.elapsed().toMillis(), run.request());
            }
        }
        System.out.println("total.txt: " + Files.readString(folder.resolve("total.txt")));
        System.out.println("march.txt: " + Files.readString(folder.resolve("march.txt")));
    }

    /** Two tools made from methods: the schema comes from the signature, what a call does to the world is declared. */
    public record CsvTools(Path folder) {
        @Tool(name = "csv.sum", description = "Add up the numbers in a column of a CSV file.", effect = Effect.READ)
        public BigDecimal sum(@Param("the CSV file") Path file, @Param("the column's name") String column)
                throws IOException {
            List<String> lines = Files.readAllLines(folder.resolve(file));
            int index = List.of(lines.get(0).split(",")).indexOf(column);
            return lines.stream()
                    .skip(1)
                    .map(line -> new BigDecimal(line.split(",")[index]))
                    .reduce(BigDecimal.ZERO, BigDecimal::add);
        }

        @Tool(name = "file.write", description = "Write a text or number to a file.", effect = Effect.IDEMPOTENT)
        public void write(@Param("the file to write") Path file, @Param("what to write") Object text)
                throws IOException {
            Files.writeString(folder.resolve(file), text.toString());
        }
    }
}
