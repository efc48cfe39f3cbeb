package dev.hart.bench.match;

import dev.hart.core.match.SentenceVectors;
import dev.hart.spi.SentenceEmbedder;
import dev.hart.tool.Effect;
import java.io.PrintStream;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * How long a match takes among many recipes. The recipes are made up: sentences of CLINC150 with a word of their own, and the
 * vector of the sentence moved by chance, as embedding a million sentences would take an hour. Requests are real, and embedded.
 */
final class ManyRecipes {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double BYTES_PER_MEBIBYTE = 1024.0 * 1024;
    private static final int ROUNDS = 5;
    private static final float MOVED = 0.6f;

    private final Vectors known;
    private final SentenceEmbedder embedder;
    private final List<String> sentences;

    ManyRecipes(Vectors known, SentenceEmbedder embedder, List<String> sentences) {
        this.known = known;
        this.embedder = embedder;
        this.sentences = sentences;
    }

    /** Vectors of made-up sentences near those of the sentence they were made from; of requests as they are. */
    private final class Moved implements SentenceVectors {
        @Override
        public int dimensions() {
            return known.dimensions();
        }

        @Override
        public List<float[]> of(List<String> all) {
            return all.stream().map(this::moved).toList();
        }

        private float[] moved(String sentence) {
            int mark = sentence.lastIndexOf(" item");
            float[] base = known.ofRequest(mark < 0 ? sentence : sentence.substring(0, mark))
                    .clone();
            if (mark < 0) {
                return base;
            }
            Random chance = new Random(sentence.substring(mark).hashCode() * 31L);
            float length = 0;
            for (float value : base) {
                length += value * value;
            }
            float step = MOVED * (float) Math.sqrt(length / base.length);
            for (int d = 0; d < base.length; d++) {
                base[d] += step * (float) chance.nextGaussian();
            }
            return base;
        }

        @Override
        public float[] ofRequest(String sentence) {
            return embedder.embed(sentence);
        }
    }

    void measure(
            int recipes,
            int examples,
            List<String> requests,
            String label,
            Map<String, Number> metrics,
            PrintStream out) {
        long before = usedBytes();
        Catalogue catalogue = new Catalogue(new Moved(), Effect.READ);
        long start = System.nanoTime();
        Random choice = new Random(recipes);
        for (int r = 0; r < recipes; r++) {
            List<String> own = new ArrayList<>();
            for (int e = 0; e < examples; e++) {
                own.add(sentences.get(choice.nextInt(sentences.size())) + " item" + r);
            }
            catalogue.add("recipe-" + r, own);
        }
        double loadSeconds = (System.nanoTime() - start) / 1e9;
        start = System.nanoTime();
        catalogue.index().match(requests.get(0));
        double firstMillis = (System.nanoTime() - start) / NANOS_PER_MILLI;
        requests.forEach(catalogue.index()::match);
        long[] all = new long[requests.size() * ROUNDS];
        long[] embedding = new long[all.length];
        for (int i = 0; i < all.length; i++) {
            String request = requests.get(i % requests.size());
            long from = System.nanoTime();
            catalogue.index().match(request);
            all[i] = System.nanoTime() - from;
            from = System.nanoTime();
            embedder.embed(request);
            embedding[i] = System.nanoTime() - from;
        }
        Arrays.sort(all);
        Arrays.sort(embedding);
        double mebibytes = (usedBytes() - before) / BYTES_PER_MEBIBYTE;
        Reference.reachabilityFence(catalogue);
        out.printf(
                Locale.ROOT,
                "%7d recipes x %d examples: match p50 %.2f ms, p99 %.2f ms (embedding alone p50 %.2f, p99 %.2f), first"
                        + " request %.0f ms, loaded in %.1f s, %.0f MB%n",
                recipes,
                examples,
                millis(all, 0.5),
                millis(all, 0.99),
                millis(embedding, 0.5),
                millis(embedding, 0.99),
                firstMillis,
                loadSeconds,
                mebibytes);
        metrics.put("p50_ms_" + label, millis(all, 0.5));
        metrics.put("p99_ms_" + label, millis(all, 0.99));
        metrics.put("embedding_p50_ms_" + label, millis(embedding, 0.5));
        metrics.put("embedding_p99_ms_" + label, millis(embedding, 0.99));
        metrics.put("first_request_ms_" + label, (double) Math.round(firstMillis));
        metrics.put("memory_mb_" + label, (double) Math.round(mebibytes));
    }

    private static double millis(long[] sorted, double part) {
        long nanos = sorted[(int) Math.min(sorted.length - 1L, Math.round(part * sorted.length))];
        return Math.round(nanos / NANOS_PER_MILLI * 100) / 100.0;
    }

    private static long usedBytes() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
