package dev.hart.gpu.catalogue;

import dev.hart.gpu.LeaseMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which of several models to take. The score is 100 × quality + priority; + 200 on a GPU, + 100 on one in part; + 300 − 3 × its
 * priority for the language asked for, − 500 when it is not for that language; + 50 when its files are here; + 1000 when it is
 * loaded. The highest wins, of equals the one whose id comes first.
 */
final class ModelSelection {
    private static final double ON_GPU = 200;
    private static final double OFFLOADED = 100;
    private static final double LANGUAGE = 300;
    private static final double LANGUAGE_STEP = 3;
    private static final double OTHER_LANGUAGE = -500;
    private static final double DOWNLOADED = 50;
    private static final double LOADED = 1000;

    private static final Comparator<ModelVerdict> BEST_FIRST = Comparator.<ModelVerdict>comparingDouble(
                    verdict -> verdict.choice().map(ModelChoice::score).orElse(Double.NEGATIVE_INFINITY))
            .reversed()
            .thenComparing(verdict -> verdict.entry().id());

    private final ModelWish wish;
    private final Headroom room;
    private final Function<String, ModelStanding> standings;
    private final EngineCheck engines;

    ModelSelection(ModelWish wish, Headroom room, Function<String, ModelStanding> standings, EngineCheck engines) {
        this.wish = wish;
        this.room = room;
        this.standings = standings;
        this.engines = engines;
    }

    /** All entries of the type, best first. */
    List<ModelVerdict> of(Collection<ModelEntry> entries) {
        List<ModelVerdict> verdicts = new ArrayList<>();
        for (ModelEntry entry : entries) {
            if (entry.type() == wish.type()) {
                verdicts.add(judge(entry));
            }
        }
        verdicts.sort(BEST_FIRST);
        return verdicts.isEmpty() ? List.of() : withReasons(verdicts);
    }

    private static List<ModelVerdict> withReasons(List<ModelVerdict> sorted) {
        Optional<ModelChoice> best = sorted.get(0).choice();
        if (best.isEmpty()) {
            return List.copyOf(sorted);
        }
        List<ModelVerdict> explained = new ArrayList<>();
        for (ModelVerdict verdict : sorted) {
            explained.add(verdict.choice().map(own -> compared(own, best.get())).orElse(verdict));
        }
        return List.copyOf(explained);
    }

    private static ModelVerdict compared(ModelChoice own, ModelChoice best) {
        ModelEntry entry = own.entry();
        if (entry.id().equals(best.entry().id())) {
            return new ModelVerdict(
                    entry, Optional.of(own), true, "chosen with score %s".formatted(number(own.score())));
        }
        String reason = own.score() == best.score()
                ? "its score %s is that of %s, whose id comes first"
                        .formatted(number(own.score()), best.entry().id())
                : "its score %s is below %s of %s"
                        .formatted(
                                number(own.score()),
                                number(best.score()),
                                best.entry().id());
        return new ModelVerdict(entry, Optional.of(own), false, reason);
    }

    private ModelVerdict judge(ModelEntry entry) {
        ModelStanding standing = standings.apply(entry.id());
        String no = ineligible(entry, standing);
        if (no != null) {
            return new ModelVerdict(entry, Optional.empty(), false, no);
        }
        Optional<LeaseMode> fit = standing.loaded().isPresent() ? standing.loaded() : entry.fit(room);
        return fit.map(mode -> new ModelVerdict(
                        entry, Optional.of(new ModelChoice(entry, mode, score(entry, mode, standing))), false, ""))
                .orElseGet(() -> new ModelVerdict(entry, Optional.empty(), false, misfit(entry)));
    }

    private @Nullable String ineligible(ModelEntry entry, ModelStanding standing) {
        if (!entry.enabled()) {
            return "it is disabled";
        }
        if (standing.loaded().isEmpty()) {
            Optional<String> problem = engines.problem(entry);
            if (problem.isPresent()) {
                return problem.get();
            }
        }
        if (entry.minTier().compareTo(room.tier()) > 0) {
            return "it needs a machine of tier %s, this one is %s"
                    .formatted(entry.minTier().wireName(), room.tier().wireName());
        }
        for (Map.Entry<String, Object> wanted : wish.capabilities().entrySet()) {
            String name = wanted.getKey();
            if (!entry.capabilities().containsKey(name)) {
                return "it does not say what its capability '%s' is, asked was %s".formatted(name, wanted.getValue());
            }
            if (!wanted.getValue().equals(entry.capabilities().get(name))) {
                return "its capability '%s' is %s, asked was %s"
                        .formatted(name, entry.capabilities().get(name), wanted.getValue());
            }
        }
        return null;
    }

    private double score(ModelEntry entry, LeaseMode mode, ModelStanding standing) {
        double score = 100 * entry.quality() + entry.priority();
        score += mode == LeaseMode.GPU ? ON_GPU : mode == LeaseMode.CPU_OFFLOAD ? OFFLOADED : 0;
        if (wish.language().isPresent()) {
            String language = wish.language().get();
            score += entry.speaks(language) ? LANGUAGE - LANGUAGE_STEP * entry.priorityFor(language) : OTHER_LANGUAGE;
        }
        if (standing.downloaded()) {
            score += DOWNLOADED;
        }
        if (standing.loaded().isPresent()) {
            score += LOADED;
        }
        return Math.rint(score * 1e6) / 1e6; // equal sums are equal numbers
    }

    private String misfit(ModelEntry entry) {
        List<String> needs = new ArrayList<>();
        if (entry.usesGpu()) {
            needs.add("%s of one GPU (%s can be had)"
                    .formatted(Gib.text(entry.peakVramBytes()), Gib.text(room.gpuBytes())));
        }
        if (entry.supportsCpu()) {
            needs.add("%s of memory (%s can be had)".formatted(Gib.text(entry.ramBytes()), Gib.text(room.ramBytes())));
        }
        return needs.isEmpty() ? "it cannot run on a processor" : "it needs " + String.join(" or ", needs);
    }

    private static String number(double score) {
        return score == Math.rint(score)
                ? String.format(Locale.ROOT, "%.0f", score)
                : String.format(Locale.ROOT, "%.2f", score);
    }
}
