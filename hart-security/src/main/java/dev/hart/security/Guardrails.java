package dev.hart.security;

import dev.hart.error.GuardrailRefusedException;
import dev.hart.guard.Guardrail;
import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.guard.Verdict;
import dev.hart.guard.Verdict.Finding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private static final int MAX_FINDINGS = 50;
    private static final String SUPPORT =
            "If you or someone near you may be in danger, please contact the local emergency"
                    + " number or a crisis line now; findahelpline.com lists them by country.";

    private final BuiltInRules builtIn;
    private final List<Guardrail> extra;
    private final RefusalListener listener;

    private Guardrails(BuiltInRules builtIn, List<Guardrail> extra, RefusalListener listener) {
        this.builtIn = builtIn;
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
        return new Guardrails(new BuiltInRules(RuleBook.load()), List.of(), (rail, subject, verdict) -> {});
    }

    /** These guardrails and more. They run in the given order, after the built-in rules. */
    public Guardrails with(List<Guardrail> more) {
        List<Guardrail> all = new ArrayList<>(extra);
        all.addAll(more);
        return new Guardrails(builtIn, all, listener);
    }

    /** These guardrails, telling {@code listener} of what {@link #require} refuses. What the listener throws is thrown instead. */
    public Guardrails tellingRefusals(RefusalListener listener) {
        return new Guardrails(builtIn, extra, listener);
    }

    /**
     * Asks every check and gives the strictest answer; among refusals the first. Never throws because of a text or of a
     * check.
     */
    public Verdict check(Rail rail, Subject subject) {
        Verdict strictest = checkBuiltIn(rail, subject);
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

    /** @throws GuardrailRefusedException when {@link #check} refuses */
    public void require(Rail rail, Subject subject) {
        if (check(rail, subject) instanceof Verdict.Refused refused) {
            listener.refused(rail, subject, refused);
            throw new GuardrailRefusedException(rail, refused);
        }
    }

    /** Every rule as {@code id: what it is about}, the names of further guardrails behind. */
    public List<String> rules() {
        List<String> rules = new ArrayList<>();
        builtIn.titles().forEach((id, title) -> rules.add(id + ": " + title));
        extra.forEach(guardrail -> rules.add(guardrail.name()));
        return List.copyOf(rules);
    }

    private Verdict checkBuiltIn(Rail rail, Subject subject) {
        int length = subject.text().length();
        boolean request = rail == Rail.PROMPT && subject.provenance() != Provenance.SYSTEM;
        int most = request ? MAX_PROMPT_CHARS : MAX_TEXT_CHARS;
        if (length > most) {
            return new Verdict.Refused(
                    "INPUT_TOO_LARGE",
                    "the text has " + length + " characters, at most " + most + " are read; shorten or split it");
        }
        try {
            return verdict(rail, subject, builtIn.findings(rail, subject));
        } catch (RuntimeException | StackOverflowError e) {
            LOG.error("a built-in guardrail failed on rail {}, which counts as a refusal", rail, e);
            return new Verdict.Refused("CHECK_INCOMPLETE", "the text could not be checked, so it was not let through");
        }
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

    private Verdict verdict(Rail rail, Subject subject, List<Evidence> evidence) {
        if (evidence.isEmpty()) {
            return Verdict.ALLOWED;
        }
        Map<String, Evidence> heaviest = new LinkedHashMap<>();
        for (Evidence found : evidence) {
            heaviest.merge(found.rule(), found, (a, b) -> a.weight() >= b.weight() ? a : b);
        }
        List<Evidence> ordered = new ArrayList<>(heaviest.values());
        ordered.sort(Comparator.comparingInt(Evidence::weight).reversed());
        List<Finding> findings = ordered.stream()
                .limit(MAX_FINDINGS)
                .map(e -> new Finding(e.rule(), e.weight(), e.start(), e.end()))
                .toList();
        List<Evidence> injection = ordered.stream().filter(e -> !isContent(e)).toList();
        List<Evidence> content = ordered.stream().filter(Guardrails::isContent).toList();
        Threshold injectionLimit = Threshold.of(subject.provenance());
        Threshold contentLimit = Threshold.of(Provenance.USER);
        if (injectionLimit.refuses(score(injection))) {
            return refused(injection.get(0), findings);
        }
        if (contentLimit.refuses(score(content))) {
            return refused(content.get(0), findings);
        }
        boolean flagged = injectionLimit.flags(score(injection)) || contentLimit.flags(score(content));
        if (flagged) {
            LOG.debug("rail {} flagged a text by {}", rail, findings);
            return new Verdict.Flagged(findings);
        }
        return Verdict.ALLOWED;
    }

    private Verdict refused(Evidence decisive, List<Finding> findings) {
        String title = builtIn.titles().getOrDefault(decisive.rule(), "a built-in rule");
        String reason = decisive.rule().equals("V1") ? title + ". " + SUPPORT : title;
        return new Verdict.Refused(decisive.rule(), reason, findings);
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
        return kind == 'V' || kind == 'D' || evidence.rule().startsWith("SECRET") || isSelfInterest(evidence.rule());
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
