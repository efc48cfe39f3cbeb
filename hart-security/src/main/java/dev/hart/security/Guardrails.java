package dev.hart.security;

import dev.hart.error.GuardrailRefusedException;
import dev.hart.guard.ContentClassifier;
import dev.hart.guard.Guardrail;
import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.guard.Verdict;
import dev.hart.guard.Verdict.Finding;
import dev.hart.security.canonical.CanonicalText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gate. Every request, plan, tool call, tool result and model reply passes {@link #check}; the built-in rules always
 * take part and cannot be removed, and further guardrails can only make a verdict stricter. It fails closed: a check that
 * throws is a refusal, and a text too long to be read whole is refused, never read in part. Immutable and thread-safe.
 */
public final class Guardrails {
    /** Longest request, in chars; prompts that the system itself puts together may be {@link #MAX_TEXT_CHARS} long. */
    public static final int MAX_PROMPT_CHARS = 10_000;
    /** Longest other text, in chars. */
    public static final int MAX_TEXT_CHARS = 1_048_576;

    private static final Logger LOG = LoggerFactory.getLogger(Guardrails.class);
    private static final String TEXT_PART = "text";
    private static final String INCOMPLETE = "CHECK_INCOMPLETE";
    private static final int MAX_FINDINGS = 50;
    private static final Assessment HARMLESS = new Assessment(Verdict.ALLOWED, 0, List.of());
    private static final String SUPPORT =
            "If you or someone near you may be in danger, please contact the local emergency"
                    + " number or a crisis line now; findahelpline.com lists them by country.";

    private final BuiltInRules builtIn;
    private final List<TimedClassifier> classifiers;
    private final List<Guardrail> extra;
    private final RefusalListener listener;

    private Guardrails(
            BuiltInRules builtIn, List<TimedClassifier> classifiers, List<Guardrail> extra, RefusalListener listener) {
        this.builtIn = builtIn;
        this.classifiers = List.copyOf(classifiers);
        this.extra = List.copyOf(extra);
        this.listener = listener;
    }

    /** Is told of refusals. */
    @FunctionalInterface
    public interface RefusalListener {
        void refused(Rail rail, Subject subject, Verdict.Refused verdict);
    }

    /** The built-in rules. Reads them from the jar: keep the result. */
    public static Guardrails builtIn() {
        return new Guardrails(new BuiltInRules(RuleBook.load()), List.of(), List.of(), (rail, subject, verdict) -> {});
    }

    /** These guardrails and more. They run in the given order, after the built-in rules and the classifiers among them. */
    public Guardrails with(List<? extends Guardrail> more) {
        List<TimedClassifier> ofTexts = new ArrayList<>(classifiers);
        List<Guardrail> all = new ArrayList<>(extra);
        for (Guardrail guardrail : more) {
            if (guardrail instanceof ContentClassifier classifier) {
                ofTexts.add(new TimedClassifier(classifier));
            } else {
                all.add(guardrail);
            }
        }
        return new Guardrails(builtIn, ofTexts, all, listener);
    }

    /** These guardrails, telling {@code listener} of what {@link #require} refuses. What the listener throws is thrown instead. */
    public Guardrails tellingRefusals(RefusalListener listener) {
        return new Guardrails(builtIn, classifiers, extra, listener);
    }

    /**
     * Asks every check and gives the strictest answer; among refusals the first. Never throws because of a text or of a
     * check.
     */
    public Verdict check(Rail rail, Subject subject) {
        Verdict strictest = judged(rail, subject);
        List<Finding> flags = new ArrayList<>(findings(strictest));
        for (Guardrail guardrail : extra) {
            if (strictest instanceof Verdict.Refused) {
                return strictest;
            }
            Verdict verdict = ask(guardrail, rail, subject);
            if (verdict instanceof Verdict.Refused) {
                return verdict;
            }
            if (verdict instanceof Verdict.Flagged flagged) {
                flags.addAll(flagged.findings());
                strictest = new Verdict.Flagged(flags);
            }
        }
        return strictest;
    }

    /**
     * Lets a subject through that nothing is said against. On {@code ACTION}, {@code DISPATCH} and {@code EGRESS} what is flagged needs
     * the approval of a person; here is nobody to ask, so it is refused.
     *
     * @throws GuardrailRefusedException when {@link #check} refuses, or flags on one of those rails
     */
    public void require(Rail rail, Subject subject) {
        List<Finding> flags = flags(rail, subject);
        if (!flags.isEmpty() && needsApproval(rail)) {
            refuse(
                    rail,
                    subject,
                    new Verdict.Refused(
                            "APPROVAL_REQUIRED",
                            "it was flagged by " + rules(flags)
                                    + " and needs the approval of a person; nobody can be asked"
                                    + " here, so it was not done",
                            flags));
        }
    }

    /**
     * What is suspicious about a subject that is let through; empty when nothing is. On {@code ACTION}, {@code DISPATCH} and {@code
     * EGRESS} the caller asks a person before it goes on, if it is not.
     *
     * @throws GuardrailRefusedException when {@link #check} refuses
     */
    public List<Finding> flags(Rail rail, Subject subject) {
        Verdict verdict = check(rail, subject);
        if (verdict instanceof Verdict.Refused refused) {
            refuse(rail, subject, refused);
        }
        return findings(verdict);
    }

    private void refuse(Rail rail, Subject subject, Verdict.Refused refused) {
        listener.refused(rail, subject, refused);
        throw new GuardrailRefusedException(rail, refused);
    }

    private static boolean needsApproval(Rail rail) {
        return rail == Rail.ACTION || rail == Rail.DISPATCH || rail == Rail.EGRESS;
    }

    private static String rules(List<Finding> findings) {
        return findings.stream().map(Finding::rule).distinct().collect(Collectors.joining(", "));
    }

    /** Every rule as {@code id: what it is about}, the names of further guardrails behind. */
    public List<String> rules() {
        List<String> rules = new ArrayList<>();
        builtIn.titles().forEach((id, title) -> rules.add(id + ": " + title));
        classifiers.forEach(each -> rules.add(each.classifier.name()));
        extra.forEach(guardrail -> rules.add(guardrail.name()));
        return List.copyOf(rules);
    }

    /**
     * The hash of the built-in rules: ids, words, patterns, weights, thresholds, tables and self-test vectors. Further
     * guardrails of the host are not in it, as they can only be stricter. Takes a few milliseconds.
     */
    public String hash() {
        return hash(Map.of());
    }

    /**
     * The same, together with what other parts of the rules contribute.
     *
     * @param further by name, each a whole value in RFC 8785 form; {@code text} is taken
     * @throws IllegalArgumentException when {@code further} has {@code text} or something blank
     */
    public String hash(Map<String, String> further) {
        if (further.containsKey(TEXT_PART)) {
            throw new IllegalArgumentException(
                    "the part " + TEXT_PART + " of the guardrail hash is the text rules' own");
        }
        Map<String, String> parts = new HashMap<>(further);
        parts.put(TEXT_PART, contribution());
        return GuardrailHash.of(parts);
    }

    /** What the text rules contribute to the hash: RFC 8785 JSON with every number as a text. */
    public String contribution() {
        Map<String, Object> described = builtIn.described();
        Map<String, Object> thresholds = new HashMap<>();
        for (Provenance provenance : Provenance.values()) {
            Threshold limit = Threshold.of(provenance);
            thresholds.put(provenance.name(), List.of(String.valueOf(limit.flag()), String.valueOf(limit.refuse())));
        }
        described.put("thresholds", thresholds);
        described.put(
                "limits", Map.of("prompt", String.valueOf(MAX_PROMPT_CHARS), "text", String.valueOf(MAX_TEXT_CHARS)));
        return CanonicalText.of(described);
    }

    /**
     * Reads every self-test vector with the built-in rules.
     *
     * @return what went wrong, a sentence each; empty when this build gives every verdict that it must
     */
    public List<String> selfTest() {
        return Vectors.failures(this);
    }

    /** What the built-in rules alone say of a subject, with its score. Never throws because of a text. */
    public Assessment assess(Rail rail, Subject subject) {
        int length = subject.text().length();
        boolean request = rail == Rail.PROMPT && subject.provenance() != Provenance.SYSTEM;
        int most = request ? MAX_PROMPT_CHARS : MAX_TEXT_CHARS;
        if (length > most) {
            return refusal(
                    "INPUT_TOO_LARGE",
                    "the text has " + length + " characters, at most " + most + " are read; shorten or split it");
        }
        try {
            return assessed(rail, subject, builtIn.findings(rail, subject));
        } catch (RuntimeException | StackOverflowError e) {
            LOG.error("a built-in guardrail failed on rail {}, which counts as a refusal", rail, e);
            return refusal(INCOMPLETE, "the text could not be checked, so it was not let through");
        }
    }

    private static Assessment refusal(String rule, String reason) {
        return new Assessment(new Verdict.Refused(rule, reason), 100, List.of());
    }

    /** What the built-in rules say with the classifiers' findings added to theirs. */
    private Verdict judged(Rail rail, Subject subject) {
        Assessment known = assess(rail, subject);
        if (classifiers.isEmpty() || known.verdict() instanceof Verdict.Refused) {
            return known.verdict();
        }
        List<Evidence> evidence = new ArrayList<>();
        known.findings().forEach(finding -> evidence.add(Evidence.of(finding)));
        boolean incomplete = false;
        for (TimedClassifier each : classifiers) {
            try {
                each.classify(rail, subject).forEach(finding -> evidence.add(Evidence.of(finding)));
            } catch (TimedClassifier.Incomplete e) {
                LOG.error(
                        "classifier {} did not say what it thinks of a text on rail {}",
                        each.classifier.name(),
                        rail,
                        e);
                incomplete = true;
            }
        }
        Verdict verdict = assessed(rail, subject, evidence).verdict();
        if (!incomplete || verdict instanceof Verdict.Refused) {
            return verdict;
        }
        if (subject.provenance() != Provenance.USER || rail == Rail.ACTION) {
            return refusal(INCOMPLETE, "the text could not be checked, so it was not let through")
                    .verdict();
        }
        List<Finding> flags = new ArrayList<>(findings(verdict));
        flags.add(new Finding(INCOMPLETE, 0, -1, -1));
        return new Verdict.Flagged(flags);
    }

    private static Verdict ask(Guardrail guardrail, Rail rail, Subject subject) {
        String name = guardrail.getClass().getName();
        try {
            name = guardrail.name();
            Verdict verdict = guardrail.check(rail, subject);
            if (verdict != null) {
                return verdict;
            }
            LOG.error("guardrail {} gave no verdict on rail {}, which counts as a refusal", name, rail);
        } catch (RuntimeException | StackOverflowError e) {
            LOG.error("guardrail {} failed on rail {}, which counts as a refusal", name, rail, e);
        }
        return new Verdict.Refused(name, "guardrail " + name + " failed, so nothing was let through");
    }

    private static List<Finding> findings(Verdict verdict) {
        if (verdict instanceof Verdict.Flagged flagged) {
            return flagged.findings();
        }
        return List.of();
    }

    private Assessment assessed(Rail rail, Subject subject, List<Evidence> evidence) {
        if (evidence.isEmpty()) {
            return HARMLESS;
        }
        Map<String, Evidence> heaviest = new LinkedHashMap<>();
        for (Evidence found : evidence) {
            heaviest.merge(found.rule(), found, (a, b) -> a.weight() >= b.weight() ? a : b);
        }
        List<Evidence> ordered = new ArrayList<>(heaviest.values());
        ordered.sort(Comparator.comparingInt(Evidence::weight).reversed());
        List<Finding> findings =
                ordered.stream().limit(MAX_FINDINGS).map(this::finding).toList();
        List<Evidence> injection = ordered.stream().filter(e -> !isContent(e)).toList();
        List<Evidence> content = ordered.stream().filter(Guardrails::isContent).toList();
        int score = Math.max(score(injection), score(content));
        Threshold injectionLimit = Threshold.of(subject.provenance());
        Threshold contentLimit = Threshold.of(Provenance.USER);
        Verdict verdict;
        if (injectionLimit.refuses(score(injection))) {
            verdict = refused(injection.get(0), findings);
        } else if (contentLimit.refuses(score(content))) {
            verdict = refused(content.get(0), findings);
        } else if (injectionLimit.flags(score(injection)) || contentLimit.flags(score(content))) {
            LOG.debug("rail {} flagged a text by {}", rail, findings);
            verdict = new Verdict.Flagged(findings);
        } else {
            verdict = Verdict.ALLOWED;
        }
        return new Assessment(verdict, score, findings);
    }

    private Finding finding(Evidence found) {
        return new Finding(
                found.rule(),
                found.weight(),
                found.start(),
                found.end(),
                found.view(),
                builtIn.hazards().getOrDefault(found.rule(), found.hazard()));
    }

    private Verdict refused(Evidence decisive, List<Finding> findings) {
        String title = builtIn.titles().getOrDefault(decisive.rule(), "a built-in rule");
        boolean danger = decisive.rule().equals("V1");
        return new Verdict.Refused(decisive.rule(), danger ? title + ". " + SUPPORT : title, findings, danger);
    }

    /** The heaviest, and ten more for each further rule, at most 100. */
    private static int score(List<Evidence> heaviestFirst) {
        return heaviestFirst.isEmpty()
                ? 0
                : Math.min(100, heaviestFirst.get(0).weight() + 10 * (categories(heaviestFirst) - 1));
    }

    private static int categories(List<Evidence> evidence) {
        return (int) evidence.stream()
                .map(e -> e.rule().equals("I2b") ? "I2" : e.rule())
                .distinct()
                .count();
    }

    private static boolean isContent(Evidence evidence) {
        char kind = evidence.rule().charAt(0);
        return kind == 'V'
                || kind == 'D'
                || evidence.rule().equals(BuiltInRules.SECRET)
                || evidence.rule().equals(BuiltInRules.PERSONAL)
                || isSelfInterest(evidence.rule());
    }

    private static boolean isSelfInterest(String rule) {
        return rule.length() == 2 && rule.charAt(0) == 'S';
    }

    /** From which score on a text is flagged and refused. */
    private record Threshold(int flag, int refuse) {
        private static final int NEVER = 101;

        static Threshold of(Provenance provenance) {
            return switch (provenance) {
                case SYSTEM, OPERATOR -> new Threshold(40, NEVER);
                case USER -> new Threshold(40, 80);
                case PEER, TOOL, RETRIEVED -> new Threshold(30, 60);
            };
        }

        boolean flags(int score) {
            return score >= flag;
        }

        boolean refuses(int score) {
            return score >= refuse;
        }
    }
}
