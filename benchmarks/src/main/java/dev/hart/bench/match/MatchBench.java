package dev.hart.bench.match;

import dev.hart.bench.Benchmark;
import dev.hart.bench.Options;
import dev.hart.bench.match.Requests.Labelled;
import dev.hart.core.match.RecipeRanker;
import dev.hart.core.match.RecipeRanker.Ranked;
import dev.hart.core.match.SlotTagger;
import dev.hart.core.match.SlotTagger.Example;
import dev.hart.core.match.SlotTagger.Span;
import dev.hart.embeddings.BgeSmallEmbedder;
import dev.hart.recipe.MatchResult;
import dev.hart.spi.SentenceEmbedder;
import dev.hart.tool.Effect;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How often a request finds its recipe, and one that fits no recipe is refused (CLINC150); how well the words of inputs are found
 * (SNIPS); how long it takes and how much memory among 150, 10,000 and 100,000 recipes.
 */
public final class MatchBench implements Benchmark {
    private static final List<Integer> EXAMPLES = List.of(1, 5, 10, 20, 100);
    private static final int SLOT_EXAMPLES = 50;
    private static final int SLOT_POOL = 150;

    @Override
    public String usage() {
        return "[--data DIR] [--clinc DIR] [--snips FILE] [--draws N] [--only accuracy,slots,latency]   development"
                + " data, ../shared/data unless given; test sentences from elsewhere: a folder with test.tsv and"
                + " oos_test.tsv, a file of SNIPS; how often the examples are drawn, 3 unless given";
    }

    /** Shares of the test requests, added up over the draws. */
    private static final class Tally {
        private double draws;
        private double accuracy;
        private double right;
        private double refused;
        private double precision;
        private double coverage;
    }

    @Override
    public Map<String, Number> run(List<String> options, PrintStream out) throws IOException {
        Options given = new Options(options, Set.of("--data", "--clinc", "--snips", "--draws", "--only"));
        Path data = given.path("--data", Path.of("../shared/data"));
        Set<String> parts = given.names("--only", new TreeSet<>(Set.of("accuracy", "slots", "latency")));
        int draws = given.number("--draws", 3, 100);
        Path clinc = data.resolve("clinc150");
        if (!Files.exists(clinc.resolve("train.tsv"))) {
            throw new IllegalArgumentException("there is no clinc150/train.tsv in " + data);
        }
        List<Labelled> train = Requests.clinc(clinc.resolve("train.tsv"));
        Path elsewhere = given.path("--clinc", clinc);
        boolean own = elsewhere.equals(clinc);
        List<Labelled> test = own
                ? Requests.heldOut(Requests.clinc(clinc.resolve("val.tsv")))
                : Requests.clinc(elsewhere.resolve("test.tsv"));
        List<Labelled> outside = own
                ? Requests.heldOut(Requests.clinc(clinc.resolve("oos_val.tsv")))
                : Requests.clinc(elsewhere.resolve("oos_test.tsv"));
        SentenceEmbedder embedder = new BgeSmallEmbedder();
        Vectors vectors = new Vectors(embedder);
        Map<String, Number> metrics = new LinkedHashMap<>();
        if (parts.contains("accuracy")) {
            accuracy(Requests.byIntent(train), test, outside, vectors, draws, metrics, out);
        }
        if (parts.contains("slots")) {
            Path snips = data.resolve("snips").resolve("train.jsonl");
            Path sentences = given.path("--snips", snips);
            slots(
                    Requests.snips(snips),
                    sentences.equals(snips) ? null : Requests.snips(sentences),
                    draws,
                    metrics,
                    out);
        }
        if (parts.contains("latency")) {
            latency(train, test, vectors, embedder, metrics, out);
        }
        return metrics;
    }

    private static void accuracy(
            Map<String, List<String>> byIntent,
            List<Labelled> test,
            List<Labelled> outside,
            Vectors vectors,
            int draws,
            Map<String, Number> metrics,
            PrintStream out) {
        out.printf(
                Locale.ROOT,
                "%d requests in scope, %d out of scope%n%8s %9s | %14s %12s | %17s %9s%n",
                test.size(),
                outside.size(),
                "examples",
                "accuracy",
                "default: right",
                "oos refused",
                "careful: precision",
                "coverage");
        for (int n : EXAMPLES) {
            Tally tally = new Tally();
            boolean takesAll = byIntent.values().stream().allMatch(texts -> texts.size() <= n);
            for (int draw = 1; draw <= (takesAll ? 1 : draws); draw++) {
                Map<String, List<String>> drawn = draw(byIntent, n, draw);
                add(tally, drawn, test, outside, vectors);
            }
            print(n, tally, metrics, out);
        }
    }

    /** Some sentences of each intent, by chance; the same for the same number. */
    private static Map<String, List<String>> draw(Map<String, List<String>> byIntent, int n, int draw) {
        Random chance = new Random(10_000L * draw + n);
        Map<String, List<String>> drawn = new LinkedHashMap<>();
        byIntent.forEach((intent, texts) -> {
            List<String> shuffled = new ArrayList<>(texts);
            Collections.shuffle(shuffled, chance);
            drawn.put(intent, shuffled.subList(0, Math.min(n, shuffled.size())));
        });
        return drawn;
    }

    private static void add(
            Tally tally,
            Map<String, List<String>> examples,
            List<Labelled> test,
            List<Labelled> outside,
            Vectors vectors) {
        RecipeRanker<String> ranker = new RecipeRanker<>(vectors);
        Catalogue reading = new Catalogue(vectors, Effect.READ);
        Catalogue writing = new Catalogue(vectors, Effect.WRITE);
        examples.forEach((intent, texts) -> {
            ranker.put(intent, texts);
            reading.add(intent, texts);
            writing.add(intent, texts);
        });
        int best = 0;
        int right = 0;
        int accepted = 0;
        int acceptedRight = 0;
        int covered = 0;
        for (Labelled one : test) {
            List<Ranked<String>> ranked = ranker.rank(one.text());
            best += !ranked.isEmpty() && ranked.get(0).key().equals(one.intent()) ? 1 : 0;
            right += one.intent().equals(used(reading, one.text())) ? 1 : 0;
            String careful = used(writing, one.text());
            covered += careful.isEmpty() ? 0 : 1;
            accepted += careful.isEmpty() ? 0 : 1;
            acceptedRight += one.intent().equals(careful) ? 1 : 0;
        }
        int refused = 0;
        for (Labelled one : outside) {
            refused += used(reading, one.text()).isEmpty() ? 1 : 0;
            accepted += used(writing, one.text()).isEmpty() ? 0 : 1;
        }
        tally.draws++;
        tally.accuracy += share(best, test.size());
        tally.right += share(right, test.size());
        tally.refused += share(refused, outside.size());
        tally.precision += accepted == 0 ? 1 : share(acceptedRight, accepted);
        tally.coverage += share(covered, test.size());
    }

    /** The recipe that would be used; empty when none would. */
    private static String used(Catalogue catalogue, String request) {
        MatchResult result = catalogue.index().match(request);
        if (result instanceof MatchResult.Exact exact) {
            return exact.recipe().recipe().name();
        }
        return result instanceof MatchResult.Match match
                ? match.recipe().recipe().name()
                : "";
    }

    private static void print(int n, Tally tally, Map<String, Number> metrics, PrintStream out) {
        double[] shares = {
            tally.accuracy / tally.draws,
            tally.right / tally.draws,
            tally.refused / tally.draws,
            tally.precision / tally.draws,
            tally.coverage / tally.draws
        };
        out.printf(
                Locale.ROOT,
                "%8d %9.4f | %14.4f %12.4f | %17.4f %9.4f%n",
                n,
                shares[0],
                shares[1],
                shares[2],
                shares[3],
                shares[4]);
        metrics.put("accuracy_n" + n, rounded(shares[0]));
        metrics.put("default_in_scope_right_n" + n, rounded(shares[1]));
        metrics.put("default_oos_refused_n" + n, rounded(shares[2]));
        metrics.put("careful_precision_n" + n, rounded(shares[3]));
        metrics.put("careful_coverage_n" + n, rounded(shares[4]));
    }

    private static void slots(
            Map<String, List<Example>> known,
            @Nullable Map<String, List<Example>> elsewhere,
            int draws,
            Map<String, Number> metrics,
            PrintStream out) {
        double sum = 0;
        for (int draw = 1; draw <= draws; draw++) {
            int found = 0;
            int wrong = 0;
            int missed = 0;
            for (Map.Entry<String, List<Example>> intent : known.entrySet()) {
                List<Example> all = new ArrayList<>(intent.getValue());
                Collections.shuffle(all, new Random(draw));
                Set<String> inputs = new TreeSet<>();
                all.forEach(example -> example.spans().forEach(span -> inputs.add(span.input())));
                SlotTagger tagger = SlotTagger.learn(List.copyOf(inputs), all.subList(0, SLOT_EXAMPLES));
                List<Example> asked = elsewhere == null
                        ? all.subList(SLOT_POOL, all.size())
                        : elsewhere.getOrDefault(intent.getKey(), List.of());
                for (Example example : asked) {
                    Set<Span> expected = new HashSet<>(example.spans());
                    Set<Span> tagged = new HashSet<>(tagger.tag(example.text()));
                    int both = (int) tagged.stream().filter(expected::contains).count();
                    found += both;
                    wrong += tagged.size() - both;
                    missed += expected.size() - both;
                }
            }
            sum += 2.0 * found / (2.0 * found + wrong + missed);
        }
        out.printf(Locale.ROOT, "slots, %d examples an intent: F1 %.4f%n", SLOT_EXAMPLES, sum / draws);
        metrics.put("slot_f1", rounded(sum / draws));
    }

    private static void latency(
            List<Labelled> train,
            List<Labelled> test,
            Vectors vectors,
            SentenceEmbedder embedder,
            Map<String, Number> metrics,
            PrintStream out) {
        List<String> sentences =
                new ArrayList<>(train.stream().map(Labelled::text).toList());
        Collections.shuffle(sentences, new Random(1));
        List<String> requests =
                new ArrayList<>(test.stream().map(Labelled::text).toList());
        Collections.shuffle(requests, new Random(1));
        ManyRecipes many = new ManyRecipes(vectors, embedder, sentences.subList(0, 3_000));
        many.measure(150, 10, requests.subList(0, 300), "150", metrics, out);
        many.measure(10_000, 10, requests.subList(0, 200), "10k", metrics, out);
        many.measure(100_000, 3, requests.subList(0, 60), "100k", metrics, out);
    }

    private static double share(int part, int whole) {
        return whole == 0 ? 0 : part / (double) whole;
    }

    private static double rounded(double share) {
        return Math.round(share * 10_000) / 10_000.0;
    }
}
