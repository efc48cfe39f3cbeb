package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Hart;
import dev.hart.Inputs;
import dev.hart.Rerun;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunState;
import dev.hart.recipe.ActionBuilder;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBuilder;
import dev.hart.recipe.RecipeVersion;
import dev.hart.tool.Effect;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random recipes of pure tools, run again with random changes. The outputs must be those of a whole run with the change, and
 * the calls those that a model of a few lines says. A failure names its seed; {@code -Dhart.rerun.seed=…} repeats that one.
 */
@Timeout(120)
class RerunPropertyTest {
    private static final int SEEDS = 150;
    /** Results are small, so that different arguments often come to equal ones. */
    private static final long RESULTS = 3;

    private final PreparedTools tools = new PreparedTools();
    private final List<String> called = new CopyOnWriteArrayList<>();
    private Random random = new Random();
    private int kept;
    private int again;

    /** A step: its tool ("" for a TRANSFORM), a constant, and what it reads: inputs and earlier steps. */
    private record Node(String tool, long constant, List<String> reads) {
        /** What the tool answers, or the TRANSFORM's value. */
        long result(Map<String, Long> values) {
            long sum = constant;
            for (String read : reads) {
                sum += values.get(read);
            }
            return tool.isEmpty() ? values.get(reads.get(0)) : (sum + (tool.equals("f") ? 0 : 1)) % RESULTS;
        }

        List<Long> arguments(Map<String, Long> values) {
            List<Long> arguments = new ArrayList<>(List.of(constant));
            reads.forEach(read -> arguments.add(values.get(read)));
            return arguments;
        }
    }

    /** An action: its steps, and the names of actions that it waits for besides. */
    private record Part(String name, List<Node> steps, List<String> after) {
        String step(int index) {
            return name + "_" + index;
        }

        /** The actions whose steps it reads, and those that it waits for. */
        Set<String> awaited() {
            Set<String> awaited = new HashSet<>(after);
            steps.forEach(step -> step.reads().stream()
                    .filter(read -> read.startsWith("a"))
                    .map(read -> read.substring(0, read.indexOf('_')))
                    .forEach(awaited::add));
            awaited.remove(name);
            return awaited;
        }
    }

    private static Map<String, Long> evaluate(List<Part> parts, Map<String, Long> inputs, Map<String, Long> given) {
        Map<String, Long> values = new HashMap<>(inputs);
        for (Part part : parts) {
            for (int i = 1; i <= part.steps().size(); i++) {
                Long fixed = given.get(part.step(i));
                values.put(
                        part.step(i),
                        fixed != null ? fixed : (Long) part.steps().get(i - 1).result(values));
            }
        }
        return values;
    }

    /** The calls that a rerun must make. */
    private static Set<String> expectedCalls(
            List<Part> before,
            Map<String, Long> old,
            List<Part> after,
            Map<String, Long> now,
            Set<String> given,
            Set<String> recorded) {
        Map<String, Part> earlier = before.stream().collect(Collectors.toMap(Part::name, part -> part));
        Set<String> calls = new TreeSet<>();
        for (Part part : after) {
            boolean same = part.awaited().stream()
                    .allMatch(name -> after.stream()
                            .filter(other -> other.name().equals(name))
                            .allMatch(other -> stepsOf(other).stream()
                                    .allMatch(step -> now.get(step).equals(old.get(step)))));
            for (int i = 1; i <= part.steps().size(); i++) {
                String step = part.step(i);
                Node node = part.steps().get(i - 1);
                Part was = earlier.get(part.name());
                Node wasNode = was == null || was.steps().size() < i
                        ? null
                        : was.steps().get(i - 1);
                boolean keeps = same
                        && wasNode != null
                        && recorded.contains(step)
                        && wasNode.tool().equals(node.tool())
                        && wasNode.arguments(old).equals(node.arguments(now));
                if (!keeps && !given.contains(step) && !node.tool().isEmpty()) {
                    calls.add(step);
                }
                same &= now.get(step).equals(old.get(step));
            }
        }
        return calls;
    }

    private static List<String> stepsOf(Part part) {
        List<String> steps = new ArrayList<>();
        for (int i = 1; i <= part.steps().size(); i++) {
            steps.add(part.step(i));
        }
        return steps;
    }

    private List<Part> parts() {
        List<Part> parts = new ArrayList<>();
        List<String> readable = new ArrayList<>(List.of("x0", "x1", "x2"));
        int count = 2 + random.nextInt(7);
        for (int a = 1; a <= count; a++) {
            String name = "a" + a;
            List<Node> steps = new ArrayList<>();
            List<String> own = new ArrayList<>();
            int length = random.nextInt(4) == 0 ? 2 : 1;
            for (int i = 1; i <= length; i++) {
                List<String> all = new ArrayList<>(readable);
                all.addAll(own);
                steps.add(node(all));
                own.add(name + "_" + i);
            }
            List<String> after = new ArrayList<>();
            if (a > 1 && random.nextInt(4) == 0) {
                after.add("a" + (1 + random.nextInt(a - 1)));
            }
            readable.addAll(own);
            parts.add(new Part(name, steps, after));
        }
        return parts;
    }

    private Node node(List<String> readable) {
        List<String> reads = new ArrayList<>();
        int count = 1 + random.nextInt(2);
        for (int i = 0; i < count; i++) {
            reads.add(readable.get(random.nextInt(readable.size())));
        }
        int kind = random.nextInt(5);
        return kind == 0
                ? new Node("", 0, List.of(reads.get(0)))
                : new Node(kind < 3 ? "f" : "g", random.nextInt(2), reads);
    }

    /** The same with one action changed, one added at any place, or the last one gone. */
    private List<Part> otherVersion(List<Part> parts) {
        List<Part> other = new ArrayList<>(parts);
        switch (random.nextInt(3)) {
            case 0 -> {
                int at = random.nextInt(other.size());
                Part part = other.get(at);
                List<Node> steps = new ArrayList<>(part.steps());
                Node first = steps.get(0);
                steps.set(0, new Node(first.tool().equals("f") ? "g" : "f", first.constant(), first.reads()));
                other.set(at, new Part(part.name(), steps, part.after()));
            }
            case 1 ->
                other.add(
                        random.nextInt(other.size() + 1),
                        new Part("a90", List.of(node(List.of("x0", "x1"))), List.of()));
            default -> {
                if (other.size() > 1) {
                    other.remove(other.size() - 1);
                }
            }
        }
        return other;
    }

    private static Recipe recipe(String name, List<Part> parts) {
        RecipeBuilder recipe = Recipe.named(name);
        for (int i = 0; i < 3; i++) {
            recipe.input("x" + i, Long.class);
        }
        List<String> names = parts.stream().map(Part::name).toList();
        for (Part part : parts) {
            recipe.action(part.name(), builder -> {
                part.after().forEach(other -> builder.dependsOn(names.indexOf(other) + 1));
                for (int i = 1; i <= part.steps().size(); i++) {
                    step(builder, part.step(i), part.steps().get(i - 1));
                }
            });
        }
        parts.forEach(part -> stepsOf(part).forEach(step -> recipe.output(step, Long.class)));
        return recipe.build();
    }

    private static void step(ActionBuilder builder, String name, Node node) {
        List<Object> terms = new ArrayList<>(List.of(node.constant()));
        node.reads().forEach(read -> terms.add(placeholder(read)));
        if (node.tool().isEmpty()) {
            builder.transform(placeholder(node.reads().get(0)));
        } else {
            builder.tool(node.tool()).with("text", Map.of("step", name, "terms", terms));
        }
        builder.output(name);
    }

    private static String placeholder(String read) {
        return read.startsWith("x") ? "{{inputs." + read + "}}" : "{{" + read + "}}";
    }

    private void register(Hart hart, String name, int plus) {
        tools.register(hart, name, Effect.READ, (text, context) -> {
            Map<?, ?> map = (Map<?, ?>) text;
            called.add(String.valueOf(map.get("step")));
            long sum = plus;
            for (Object term : (List<?>) map.get("terms")) {
                sum += ((Number) term).longValue();
            }
            return sum % RESULTS;
        });
    }

    private static Inputs asInputs(Map<String, Long> values) {
        return new Inputs(new LinkedHashMap<String, Object>(values));
    }

    private Map<String, Long> inputs() {
        Map<String, Long> inputs = new LinkedHashMap<>();
        for (int i = 0; i < 3; i++) {
            inputs.put("x" + i, (long) random.nextInt(3));
        }
        return inputs;
    }

    @Test
    void theOutputsAreThoseOfAWholeRunAndOnlyWhatDependsOnTheChangeIsCalled() {
        Long one = Long.getLong("hart.rerun.seed");
        try (Hart hart = PreparedTools.open()) {
            register(hart, "f", 0);
            register(hart, "g", 1);
            for (long seed = one == null ? 0 : one; seed < (one == null ? SEEDS : one + 1); seed++) {
                random = new Random(seed);
                check(hart, seed);
            }
        }
        System.out.printf("RerunPropertyTest: %d steps kept, %d called%n", kept, again);
        if (one == null) {
            assertThat(kept).isGreaterThan(SEEDS);
            assertThat(again).isGreaterThan(SEEDS);
        }
    }

    private void check(Hart hart, long seed) {
        String name = "seed" + seed;
        List<Part> before = parts();
        Map<String, Long> inputs = inputs();
        Run first = hart.run(recipe(name, before), asInputs(inputs));
        Map<String, Long> old = evaluate(before, inputs, Map.of());
        assertThat(first.outputs()).as("seed %d, the first run", seed).isEqualTo(outputs(before, old));

        Rerun rerun = hart.rerun(first.id());
        List<Part> after = before;
        Map<String, Long> given = new HashMap<>();
        Map<String, Long> changed = new LinkedHashMap<>(inputs);
        Set<String> recorded = new HashSet<>(old.keySet());
        StringBuilder change = new StringBuilder();
        if (random.nextInt(3) > 0) {
            changed.put("x" + random.nextInt(3), (long) random.nextInt(3));
            for (Map.Entry<String, Long> input : changed.entrySet()) {
                rerun = rerun.withInput(input.getKey(), input.getValue());
            }
            change.append(" inputs ").append(changed);
        }
        if (random.nextInt(4) == 0) {
            after = otherVersion(before);
            RecipeVersion version = hart.recipes().save(recipe(name, after));
            rerun = rerun.withRecipe(version);
            change.append(" recipe ").append(after);
        }
        if (random.nextInt(3) == 0) {
            Part part = after.get(random.nextInt(after.size()));
            String step = part.step(1 + random.nextInt(part.steps().size()));
            given.put(step, (long) random.nextInt(3));
            rerun = rerun.withResult(step, given.get(step));
            change.append(" result ").append(given);
        }
        if (random.nextInt(4) == 0) {
            List<RunEvent> journal = journal(hart, first);
            RunEvent from = journal.get(random.nextInt(journal.size()));
            rerun = rerun.from(from.seq());
            recorded = journal.stream()
                    .filter(event -> event.type() == RunEvent.Type.STEP_FINISHED && event.seq() <= from.seq())
                    .map(event -> stepOf(before, event))
                    .collect(Collectors.toSet());
            change.append(" from ").append(from.seq());
        }
        called.clear();

        Run second = rerun.run();

        String told = "seed %d: %s with %s, changed:%s".formatted(seed, before, inputs, change);
        Map<String, Long> now = evaluate(after, changed, given);
        Set<String> expected = expectedCalls(before, old, after, now, given.keySet(), recorded);
        assertThat(second.state()).as(told).isEqualTo(RunState.SUCCEEDED);
        assertThat(second.outputs()).as(told).isEqualTo(outputs(after, now));
        assertThat(called).as(told).containsExactlyInAnyOrderElementsOf(expected);
        kept += second.report().keptSteps();
        again += called.size();
        if (given.isEmpty()) {
            assertThat(hart.run(recipe(name, after), asInputs(changed)).outputs())
                    .as("a whole run; " + told)
                    .isEqualTo(second.outputs());
        }
        called.clear();
        Run third = hart.rerun(second.id()).run();
        assertThat(third.outputs()).as("run again as it is; " + told).isEqualTo(second.outputs());
        assertThat(called).as("run again as it is; " + told).isEmpty();
    }

    private static List<RunEvent> journal(Hart hart, Run run) {
        try (Stream<RunEvent> events = hart.runs().events(run.id(), 0)) {
            return events.toList();
        }
    }

    private static String stepOf(List<Part> parts, RunEvent event) {
        int action = Integer.parseInt(event.action().substring("action_".length()));
        return parts.get(action - 1)
                .step(Integer.parseInt(String.valueOf(event.data().get("step"))));
    }

    private static Map<String, Object> outputs(List<Part> parts, Map<String, Long> values) {
        Map<String, Object> outputs = new HashMap<>();
        parts.forEach(part -> stepsOf(part).forEach(step -> outputs.put(step, values.get(step))));
        return outputs;
    }
}
