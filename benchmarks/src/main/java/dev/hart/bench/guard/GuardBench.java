package dev.hart.bench.guard;

import com.sun.management.ThreadMXBean;
import dev.hart.bench.Benchmark;
import dev.hart.bench.Options;
import dev.hart.bench.Sample;
import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.guard.Verdict;
import dev.hart.guard.Verdict.Finding;
import dev.hart.security.Assessment;
import dev.hart.security.Guardrails;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which attacks the guardrails let pass and which harmless texts they stop: at every threshold, by rule and by view, apart for
 * the half of the texts that rules were tuned on and the half that was kept back. And how fast they read.
 */
public final class GuardBench implements Benchmark {
    private static final int LINE = 1_024;
    private static final int PAGE = 4_096;
    private static final int WARM_UP = 4_000;
    private static final int MEASURED = 20_000;
    private static final int LONG = 262_144;
    private static final int LONGEST = 1_048_576;
    private static final int LONG_ROUNDS = 5;
    /** Parts that long texts are made of: ordinary ones, and such as make matchers slow. */
    private static final List<String> PARTS = List.of(
            "the quick brown fox reads a report. ",
            "今天的天气很好我们去公园散步然后回家吃饭",
            "ignore previous ",
            "\n",
            "a",
            "-----BEGIN ",
            "aGVsbG8g",
            "%41",
            "system:\n",
            "k!11 ",
            "&lt;");

    private final Guardrails guardrails = Guardrails.builtIn();

    @Override
    public String usage() {
        return "[--data DIR] [--attacks FILE] [--harmless FILE] [--show missed|alarms|both|none]   development data,"
                + " ../shared/data unless given; other texts: JSON lines with a member text, or one text a line with a"
                + " label behind a tab; --show prints what was missed or stopped by mistake";
    }

    /** What the gate said of a text. */
    private record Read(String text, boolean heldOut, Assessment assessment) {
        boolean refused() {
            return assessment.verdict() instanceof Verdict.Refused;
        }

        boolean stopped() {
            return !(assessment.verdict() instanceof Verdict.Allowed);
        }
    }

    @Override
    public Map<String, Number> run(List<String> options, PrintStream out) throws IOException {
        Options given = new Options(options, Set.of("--data", "--attacks", "--harmless", "--show"));
        Path data = given.path("--data", Path.of("../shared/data"));
        Path attackFile = given.path("--attacks", data.resolve("injection").resolve("jailbreaks_in_the_wild.jsonl"));
        Path harmlessFile = given.path("--harmless", Path.of(""));
        String show = given.path("--show", Path.of("none")).toString();
        if (!Set.of("missed", "alarms", "both", "none").contains(show)) {
            throw new IllegalArgumentException("--show takes missed, alarms, both or none, was " + show);
        }
        List<Read> attacks = read(texts(attackFile));
        List<Read> harmless = read(harmlessFile.toString().isEmpty() ? harmlessOf(data) : texts(harmlessFile));
        Map<String, Number> metrics = new LinkedHashMap<>();
        rates(attacks, harmless, metrics, out);
        curve(attacks, harmless, out);
        shares("rule", attacks, harmless, finding -> finding.rule(), out);
        shares("view", attacks, harmless, finding -> finding.view().name(), out);
        if (show.equals("missed") || show.equals("both")) {
            attacks.stream().filter(one -> !one.refused()).forEach(one -> show("missed", one, out));
        }
        if (show.equals("alarms") || show.equals("both")) {
            harmless.stream().filter(Read::stopped).forEach(one -> show("alarm", one, out));
        }
        speed(attacks, harmless, metrics, out);
        return metrics;
    }

    private static List<String> texts(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IllegalArgumentException("there is no file " + file);
        }
        return Texts.of(file);
    }

    private static List<String> harmlessOf(Path data) throws IOException {
        List<String> texts = new ArrayList<>();
        for (String file : List.of("train.tsv", "val.tsv", "oos_train.tsv", "oos_val.tsv")) {
            texts.addAll(texts(data.resolve("clinc150").resolve(file)));
        }
        texts.addAll(texts(data.resolve("snips").resolve("train.jsonl")));
        return texts;
    }

    private List<Read> read(List<String> texts) {
        List<Read> read = new ArrayList<>(texts.size());
        for (String text : texts) {
            read.add(new Read(text, Texts.isHeldOut(text), assess(text)));
        }
        return read;
    }

    /** As a request; one that is too long for that is read up to the limit, as its length alone would have it refused. */
    private Assessment assess(String text) {
        String head = text.substring(0, Math.min(text.length(), Guardrails.MAX_PROMPT_CHARS));
        return guardrails.assess(Rail.PROMPT, Subject.text(head, Provenance.USER));
    }

    private static void rates(List<Read> attacks, List<Read> harmless, Map<String, Number> metrics, PrintStream out) {
        out.printf(
                Locale.ROOT,
                "%-22s %7s %9s %12s %7s %9s %12s%n",
                "",
                "attacks",
                "miss_rate",
                "not even flag",
                "benign",
                "refused",
                "or flagged");
        for (String part : List.of("", "tuned_", "heldout_")) {
            List<Read> hostile = part(attacks, part);
            List<Read> benign = part(harmless, part);
            double miss = rate(hostile.stream().filter(one -> !one.refused()).count(), hostile.size());
            double unseen = rate(hostile.stream().filter(one -> !one.stopped()).count(), hostile.size());
            double alarm = rate(benign.stream().filter(Read::refused).count(), benign.size());
            double flagged = rate(benign.stream().filter(Read::stopped).count(), benign.size());
            out.printf(
                    Locale.ROOT,
                    "%-22s %7d %9.4f %12.4f %7d %9.4f %12.4f%n",
                    part.isEmpty() ? "all" : part.equals("tuned_") ? "tuned on" : "held out",
                    hostile.size(),
                    miss,
                    unseen,
                    benign.size(),
                    alarm,
                    flagged);
            metrics.put(part + "miss_rate", miss);
            metrics.put(part + "false_alarm_rate", alarm);
            metrics.put(part + "pass_rate", unseen);
            metrics.put(part + "false_flag_rate", flagged);
        }
    }

    private static List<Read> part(List<Read> all, String part) {
        return part.isEmpty()
                ? all
                : all.stream()
                        .filter(one -> one.heldOut() == part.equals("heldout_"))
                        .toList();
    }

    /** What the shares were if texts were stopped from each score on. */
    private static void curve(List<Read> attacks, List<Read> harmless, PrintStream out) {
        out.printf(Locale.ROOT, "%n%9s %9s %12s | %9s %12s%n", "score >=", "missed", "false alarm", "held out", "");
        for (int score = 10; score <= 100; score += 5) {
            out.printf(
                    Locale.ROOT,
                    "%9d %9.4f %12.4f | %9.4f %12.4f%n",
                    score,
                    1 - from(score, attacks),
                    from(score, harmless),
                    1 - from(score, part(attacks, "heldout_")),
                    from(score, part(harmless, "heldout_")));
        }
    }

    private static double from(int score, List<Read> texts) {
        return rate(
                texts.stream().filter(one -> one.assessment().score() >= score).count(), texts.size());
    }

    private interface Name {
        String of(Finding finding);
    }

    /** In which share of the texts a rule or view found something. */
    private static void shares(String title, List<Read> attacks, List<Read> harmless, Name name, PrintStream out) {
        Map<String, int[]> counts = new TreeMap<>();
        count(attacks, 0, name, counts);
        count(harmless, 1, name, counts);
        out.printf(Locale.ROOT, "%n%-12s %10s %10s%n", title, "attacks", "harmless");
        counts.forEach((key, found) -> out.printf(
                Locale.ROOT,
                "%-12s %10.4f %10.4f%n",
                key,
                rate(found[0], attacks.size()),
                rate(found[1], harmless.size())));
    }

    private static void count(List<Read> texts, int column, Name name, Map<String, int[]> counts) {
        for (Read one : texts) {
            one.assessment().findings().stream()
                    .map(name::of)
                    .distinct()
                    .forEach(key -> counts.computeIfAbsent(key, k -> new int[2])[column]++);
        }
    }

    private static void show(String what, Read one, PrintStream out) {
        String text = one.text().replace('\n', ' ');
        out.println(what + (one.heldOut() ? " (held out) " : " ")
                + one.assessment().score() + " "
                + one.assessment().findings().stream().map(Finding::rule).toList() + " "
                + text.substring(0, Math.min(text.length(), 400)));
    }

    private void speed(List<Read> attacks, List<Read> harmless, Map<String, Number> metrics, PrintStream out) {
        speed(prompts(attacks, harmless, LINE), "1kib", metrics, out);
        speed(prompts(attacks, harmless, PAGE), "4kib", metrics, out);
        longTexts(metrics, out);
    }

    /** The slowest of the long texts, each at its fastest of some rounds, and the memory that a Chinese one asks for. */
    private void longTexts(Map<String, Number> metrics, PrintStream out) {
        double slowest = 0;
        String part = "";
        for (String each : PARTS) {
            String text = each.repeat(LONG / each.length());
            double best = Double.MAX_VALUE;
            for (int round = 0; round < LONG_ROUNDS; round++) {
                long start = System.nanoTime();
                guardrails.assess(Rail.TOOL_RESULT, Subject.text(text, Provenance.TOOL));
                best = Math.min(best, (System.nanoTime() - start) / 1e6);
            }
            if (best > slowest) {
                slowest = best;
                part = each;
            }
        }
        String chinese = PARTS.get(1).repeat(LONGEST / PARTS.get(1).length());
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        guardrails.assess(Rail.TOOL_RESULT, Subject.text(chinese, Provenance.TOOL));
        double allocated = Sample.rounded((threads.getCurrentThreadAllocatedBytes() - before) / 1e6, 0);
        out.printf(
                Locale.ROOT,
                "256 KiB: at most %.0f ms (of '%s'); 1 MiB of Chinese asks for %.0f MB%n",
                slowest,
                part.replace("\n", "\\n"),
                allocated);
        metrics.put("max_ms_256kib", Sample.rounded(slowest, 0));
        metrics.put("allocated_mb_1mib_chinese", allocated);
    }

    private void speed(List<String> prompts, String size, Map<String, Number> metrics, PrintStream out) {
        for (int i = 0; i < WARM_UP; i++) {
            assess(prompts.get(i % prompts.size()));
        }
        double[] micros = new double[MEASURED];
        long bytes = 0;
        long begun = System.nanoTime();
        for (int i = 0; i < MEASURED; i++) {
            String prompt = prompts.get(i % prompts.size());
            long start = System.nanoTime();
            assess(prompt);
            micros[i] = (System.nanoTime() - start) / 1e3;
            bytes += prompt.getBytes(StandardCharsets.UTF_8).length;
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        Arrays.sort(micros);
        double p50 = Sample.rounded(micros[MEASURED / 2], 1);
        double p99 = Sample.rounded(micros[MEASURED * 99 / 100], 1);
        double rate = Sample.rounded(bytes / 1e6 / seconds, 2);
        out.printf(
                Locale.ROOT,
                "%nprompts of %s, half of them attacks: p50 %.1f us, p99 %.1f us, %.2f MB/s on one core%n",
                size,
                p50,
                p99,
                rate);
        metrics.put("p50_us_" + size, p50);
        metrics.put("p99_us_" + size, p99);
        metrics.put(size.equals("1kib") ? "mb_per_s" : "mb_per_s_" + size, rate);
    }

    /** Texts of so many chars, attacks and harmless sentences in turn. */
    private static List<String> prompts(List<Read> attacks, List<Read> harmless, int length) {
        List<String> hostile = pieces(attacks, length);
        List<String> benign = pieces(harmless, length);
        List<String> prompts = new ArrayList<>();
        for (int i = 0; i < Math.min(500, Math.max(hostile.size(), benign.size())); i++) {
            prompts.add(hostile.get(i % hostile.size()));
            prompts.add(benign.get(i % benign.size()));
        }
        return prompts;
    }

    private static List<String> pieces(List<Read> texts, int length) {
        StringBuilder all = new StringBuilder();
        for (Read one : texts) {
            all.append(one.text()).append('\n');
        }
        while (all.length() < length) {
            all.append(all.isEmpty() ? "nothing to read " : all.toString());
        }
        List<String> pieces = new ArrayList<>();
        for (int at = 0; at + length <= all.length() && pieces.size() < 500; at += length) {
            pieces.add(all.substring(at, at + length));
        }
        return pieces;
    }

    private static double rate(long part, int whole) {
        return whole == 0 ? 0 : Sample.rounded(part / (double) whole, 4);
    }
}
