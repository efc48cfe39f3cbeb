package dev.hart.tinymodel.training;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * The texts that the tiny model learns: 3,888 office tasks, each with its five steps. A task combines one of six operations, nine
 * kinds of things, nine places they are in and eight places where the result goes. One text in about 33 is held out: its parts are
 * all known, its combination is not.
 */
final class Corpus {
    /** One text in about this many is held out. */
    private static final int ONE_HELD_OUT_IN = 33;

    private static final List<Operation> OPERATIONS = List.of(
            new Operation("add up", "total"),
            new Operation("count", "number"),
            new Operation("average", "mean"),
            new Operation("sort", "sorted list"),
            new Operation("compare", "difference"),
            new Operation("group", "summary"));

    private static final List<String> THINGS = List.of(
            "invoices", "orders", "payments", "visits", "readings", "tickets", "shipments", "refunds", "scores");

    private static final List<Source> SOURCES = List.of(
            new Source("csv file", "open", "row by row"),
            new Source("spreadsheet", "load", "sheet by sheet"),
            new Source("database", "connect to", "with a query"),
            new Source("web page", "fetch", "from its table"),
            new Source("mail folder", "list", "message by message"),
            new Source("text file", "open", "line by line"),
            new Source("json document", "parse", "from its array"),
            new Source("archive", "unpack", "file by file"),
            new Source("log", "follow", "entry by entry"));

    private static final List<Target> TARGETS = List.of(
            new Target("mail", "to the team"),
            new Target("write", "to a report"),
            new Target("save", "to a file"),
            new Target("show", "on the dashboard"),
            new Target("send", "to the manager"),
            new Target("post", "in the chat"),
            new Target("add", "to the wiki"),
            new Target("print", "on paper"));

    private record Operation(String verb, String result) {}

    private record Source(String name, String opening, String reading) {}

    private record Target(String verb, String place) {}

    /**
     * One text.
     *
     * @param task in words, without a line break
     * @param steps five lines, each ending with a line break
     */
    record Example(String task, String steps) {
        /** What the model is given: the task, and where the steps begin. */
        String prompt() {
            return "Task: " + task + "\nSteps:\n";
        }
    }

    private final List<Example> learned;
    private final List<Example> heldOut;

    private Corpus(List<Example> learned, List<Example> heldOut) {
        this.learned = List.copyOf(learned);
        this.heldOut = List.copyOf(heldOut);
    }

    /** All texts, in an order that {@code seed} decides; the same seed gives the same order and the same held-out texts. */
    static Corpus of(long seed) {
        List<Example> all = new ArrayList<>();
        for (Operation operation : OPERATIONS) {
            for (String thing : THINGS) {
                for (Source source : SOURCES) {
                    for (Target target : TARGETS) {
                        all.add(example(operation, thing, source, target));
                    }
                }
            }
        }
        Collections.shuffle(all, new Random(seed));
        int held = all.size() / ONE_HELD_OUT_IN;
        return new Corpus(all.subList(held, all.size()), all.subList(0, held));
    }

    List<Example> learned() {
        return learned;
    }

    List<Example> heldOut() {
        return heldOut;
    }

    private static Example example(Operation operation, String thing, Source source, Target target) {
        String task = "%s the %s of the %s and %s the result %s"
                .formatted(operation.verb(), thing, source.name(), target.verb(), target.place());
        String steps = """
            1. %s the %s
            2. read the %s %s
            3. %s the %s
            4. check the %s
            5. %s the %s %s
            """.formatted(
                        source.opening(),
                        source.name(),
                        thing,
                        source.reading(),
                        operation.verb(),
                        thing,
                        operation.result(),
                        target.verb(),
                        operation.result(),
                        target.place());
        return new Example(task, steps);
    }
}
