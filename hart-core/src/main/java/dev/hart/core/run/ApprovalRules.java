package dev.hart.core.run;

import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Reach;
import dev.hart.guard.Subject;
import dev.hart.guard.Verdict.Finding;
import dev.hart.recipe.Step;
import dev.hart.security.ActionClass;
import dev.hart.security.ActionClassifier;
import dev.hart.security.Guardrails;
import dev.hart.security.access.PublicUrl;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolSpec;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides which calls of tools wait for a person: by where their arguments come from, which costs nothing, and by what stands in
 * them, which is read where the call is made. The reasons are sentences that repeat nothing of the arguments. Keeps no state;
 * thread-safe.
 */
final class ApprovalRules {
    private final Guardrails gate;
    /** Those that were named as ones that may be called, also where their addresses are not public. */
    private final Set<String> allowedHosts;

    private final ActionClassifier classifier = new ActionClassifier();

    ApprovalRules(RunContext context) {
        this.gate = context.gate();
        this.allowedHosts = context.allowedHosts();
    }

    /** Why a call needs approval because of where its arguments come from; empty when it does not. */
    static List<String> byOrigin(ToolSpec tool, Step step, Map<String, Taint> taints) {
        List<String> reasons = new ArrayList<>();
        Effect effect = step.effect().max(tool.effect());
        boolean reaches = !tool.reach().isEmpty();
        boolean planned =
                taints.values().stream().anyMatch(taint -> taint.from().contains(Taint.PLAN));
        if (planned && reaches && effect != Effect.DESTRUCTIVE) {
            reasons.add("%s reaches %s and was planned after results were read"
                    .formatted(tool.name(), names(tool.reach())));
        }
        new TreeMap<>(taints).forEach((argument, taint) -> {
            if (taint.isSuspicious() && (reaches || effect == Effect.DESTRUCTIVE)) {
                reasons.add("argument '%s' of %s, which %s, holds text from %s that was flagged by %s"
                        .formatted(
                                argument,
                                tool.name(),
                                reaches ? "reaches " + names(tool.reach()) : "is " + effect,
                                taint.sources(),
                                taint.ruleIds()));
            }
            if (tool.trusted().contains(argument) && !taint.isTrusted()) {
                reasons.add("argument '%s' of %s must come from the caller or the recipe, and comes from %s"
                        .formatted(argument, tool.name(), taint.sources()));
            }
        });
        return reasons;
    }

    /**
     * What the texts of a call come to.
     *
     * @param reasons why it needs approval; empty when it does not
     * @param flags the rules that flagged a text of others, which its result is tainted by
     * @param problem why it must not be made at all; null when it may
     */
    record Reading(
            List<String> reasons,
            Set<String> flags,
            @Nullable String problem) {}

    /**
     * Reads the texts of a call.
     *
     * @throws dev.hart.error.GuardrailRefusedException when a guardrail refuses
     */
    Reading read(ToolSpec tool, Step step, Map<String, @Nullable Object> args, Map<String, Taint> taints) {
        Taint all = Taint.all(taints.values());
        Provenance provenance = all.isTrusted() ? Provenance.USER : Provenance.TOOL;
        Subject subject = new Subject(StepRunner.texts(args), provenance, tool, args);
        List<String> reasons = new ArrayList<>();
        Set<String> flags = new LinkedHashSet<>();
        Effect effect = step.effect().max(tool.effect());

        List<Finding> findings = gate.flags(Rail.ACTION, subject);
        if (!findings.isEmpty()) {
            findings.forEach(finding -> flags.add(finding.rule()));
            boolean harmless = !all.isTrusted()
                    && tool.reach().isEmpty()
                    && effect != Effect.DESTRUCTIVE
                    && builtIn(subject).containsAll(flags);
            if (!harmless) {
                reasons.add("the arguments of %s were flagged by %s".formatted(tool.name(), rules(findings)));
            }
        }
        command(tool, effect, args, all, reasons);
        String problem = tool.reach().contains(Reach.NETWORK) ? urls(tool, args, taints, reasons) : null;
        return new Reading(reasons, all.isTrusted() ? Set.of() : flags, problem);
    }

    /** The rules of the gate itself that a text meets; a guardrail of the host is always heeded. */
    private Set<String> builtIn(Subject subject) {
        return gate.assess(Rail.ACTION, subject).findings().stream()
                .map(Finding::rule)
                .collect(Collectors.toSet());
    }

    private void command(
            ToolSpec tool, Effect effect, Map<String, @Nullable Object> args, Taint taint, List<String> reasons) {
        String command = tool.commands().stream()
                .sorted()
                .map(argument -> StepRunner.texts(args.get(argument)))
                .filter(text -> !text.isBlank())
                .collect(Collectors.joining("\n"));
        if (command.isEmpty() || effect == Effect.DESTRUCTIVE) {
            return;
        }
        ActionClass read = classifier.classify(effect, tool.reach(), true, command, taint.isSuspicious());
        boolean grave = read.effect() == null || read.effect() == Effect.DESTRUCTIVE;
        if (grave) {
            reasons.add("what %s is to carry out is %s".formatted(tool.name(), read.label()));
        } else if (read.approval() && tool.reach().isEmpty()) {
            reasons.add("what %s is to carry out reaches %s and holds text that was flagged by %s"
                    .formatted(tool.name(), names(read.reach()), taint.ruleIds()));
        }
    }

    /** Looks at every argument of a tool of the network that is a URL; says why the call must not be made, or null. */
    private @Nullable String urls(
            ToolSpec tool, Map<String, @Nullable Object> args, Map<String, Taint> taints, List<String> reasons) {
        for (Map.Entry<String, @Nullable Object> arg : args.entrySet()) {
            Taint taint = taints.getOrDefault(arg.getKey(), Taint.NONE);
            for (String text : urlsIn(arg.getValue())) {
                Provenance provenance = taint.isTrusted() ? Provenance.USER : Provenance.TOOL;
                List<Finding> flags = gate.flags(Rail.EGRESS, new Subject(text, provenance, tool, args));
                if (!flags.isEmpty()) {
                    reasons.add("the URL in argument '%s' of %s was flagged by %s"
                            .formatted(arg.getKey(), tool.name(), rules(flags)));
                }
                if (!taint.isTrusted()
                        && !isAllowed(text)
                        && PublicUrl.check(text) instanceof PublicUrl.Check.Refused refused) {
                    return "argument '%s' of %s is a URL from %s that may not be called: %s"
                            .formatted(arg.getKey(), tool.name(), taint.sources(), refused.reason());
                }
            }
        }
        return null;
    }

    /** The texts in a value that are URLs as a whole. */
    private static List<String> urlsIn(@Nullable Object value) {
        List<String> urls = new ArrayList<>();
        if (value instanceof String text && isUrl(text.strip())) {
            urls.add(text.strip());
        } else if (value instanceof Map<?, ?> map) {
            map.values().forEach(part -> urls.addAll(urlsIn(part)));
        } else if (value instanceof List<?> list) {
            list.forEach(part -> urls.addAll(urlsIn(part)));
        }
        return urls;
    }

    private static boolean isUrl(String text) {
        if (text.chars().anyMatch(Character::isWhitespace)) {
            return false;
        }
        return text.regionMatches(true, 0, "http://", 0, 7) || text.regionMatches(true, 0, "https://", 0, 8);
    }

    private boolean isAllowed(String text) {
        try {
            URI url = new URI(text);
            String host = url.getHost() == null ? "" : url.getHost().toLowerCase(Locale.ROOT);
            boolean secure = "https".equalsIgnoreCase(url.getScheme());
            int usual = secure ? 443 : 80;
            int port = url.getPort() < 0 ? usual : url.getPort();
            return allowedHosts.contains(host + ":" + port) || (port == usual && allowedHosts.contains(host));
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static String rules(List<Finding> findings) {
        return findings.stream().map(Finding::rule).distinct().sorted().collect(Collectors.joining(", "));
    }

    static String names(Set<Reach> reach) {
        return reach.stream().sorted().map(Reach::name).collect(Collectors.joining(", "));
    }
}
