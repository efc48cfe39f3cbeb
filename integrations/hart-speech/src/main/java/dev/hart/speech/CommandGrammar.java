package dev.hart.speech;

import dev.hart.error.GpuException;
import dev.hart.gpu.runtime.Weights;
import edu.cmu.sphinx.jsgf.JSGFGrammarParseException;
import edu.cmu.sphinx.jsgf.JSGFRuleGrammar;
import edu.cmu.sphinx.jsgf.JSGFRuleGrammarFactory;
import edu.cmu.sphinx.jsgf.JSGFRuleGrammarManager;
import edu.cmu.sphinx.jsgf.parser.JSGFParser;
import edu.cmu.sphinx.jsgf.parser.TokenMgrError;
import edu.cmu.sphinx.jsgf.rule.JSGFRule;
import edu.cmu.sphinx.jsgf.rule.JSGFRuleAlternatives;
import edu.cmu.sphinx.jsgf.rule.JSGFRuleCount;
import edu.cmu.sphinx.jsgf.rule.JSGFRuleName;
import edu.cmu.sphinx.jsgf.rule.JSGFRuleSequence;
import edu.cmu.sphinx.jsgf.rule.JSGFRuleTag;
import edu.cmu.sphinx.jsgf.rule.JSGFRuleToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.TreeSet;

/**
 * The commands that can be said.
 *
 * @param name as the text says it
 * @param text in JSGF
 * @param words of all rules that can be reached
 */
record CommandGrammar(String name, String text, Set<String> words) {
    private static final int MOST_BYTES = 1 << 20;
    private static final int MOST_PARTS = 5_000;

    /** The parser of Sphinx-4 has static state. */
    static final Object PARSER = new Object();

    /** @throws GpuException {@code MODEL_UNREADABLE} when it is no grammar that can be used */
    static CommandGrammar of(Weights weights) {
        String text = read(weights);
        try {
            return checked(weights, text, parse(weights, text));
        } catch (StackOverflowError e) {
            throw unusable(weights, "its groups or rules are nested too deeply", "make it flatter");
        }
    }

    private static CommandGrammar checked(Weights weights, String text, JSGFRuleGrammar rules) {
        if (!rules.getImports().isEmpty()) {
            throw unusable(weights, "it imports another grammar", "copy the rules that it needs");
        }
        Check check = new Check(weights, rules);
        for (String rule : rules.getRuleNames()) {
            if (rules.isRulePublic(rule)) {
                check.canBeEmpty(new JSGFRuleName(rule));
            }
        }
        if (check.words.isEmpty()) {
            throw unusable(weights, "it has no public rule with words", "write 'public <command> = …;'");
        }
        return new CommandGrammar(rules.getName(), text, Set.copyOf(check.words));
    }

    private static String read(Weights weights) {
        try (InputStream in = weights instanceof Weights.InResource resource
                ? resource.url().openStream()
                : Files.newInputStream(((Weights.InFile) weights).path())) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw unusable(weights, "it is longer than 1 MiB", "is it a grammar at all?");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new GpuException(
                    "MODEL_UNREADABLE", "the grammar %s cannot be read: %s; check the path".formatted(weights, e), e);
        }
    }

    private static JSGFRuleGrammar parse(Weights weights, String text) {
        if (!text.startsWith("#JSGF V1.0")) {
            throw unusable(weights, "it does not begin with '#JSGF V1.0'", "give a grammar in JSGF");
        }
        try {
            synchronized (PARSER) {
                return JSGFParser.newGrammarFromJSGF(
                        new StringReader(text), new JSGFRuleGrammarFactory(new JSGFRuleGrammarManager()));
            }
        } catch (JSGFGrammarParseException e) {
            String problem = e.message == null
                    ? String.valueOf(e.getMessage())
                    : "line %d, column %d: %s".formatted(e.lineNumber, e.charNumber, e.message);
            throw unusable(weights, problem.strip().replaceAll("\\s+", " "), "correct it");
        } catch (TokenMgrError e) {
            throw unusable(weights, String.valueOf(e.getMessage()), "correct it");
        }
    }

    private static GpuException unusable(Weights weights, String problem, String advice) {
        return new GpuException(
                "MODEL_UNREADABLE", "the grammar %s cannot be used: %s; %s".formatted(weights, problem, advice));
    }

    /** Walks through the rules as the recogniser would write them out, which would not end for some of them. */
    private static final class Check {
        private final Weights weights;
        private final JSGFRuleGrammar rules;
        private final Deque<String> inside = new ArrayDeque<>();
        private final Set<String> words = new TreeSet<>();
        private int parts;

        Check(Weights weights, JSGFRuleGrammar rules) {
            this.weights = weights;
            this.rules = rules;
        }

        private boolean canBeEmpty(JSGFRule rule) {
            if (rule instanceof JSGFRuleToken token) {
                count();
                words.add(token.getText());
                return false;
            }
            if (rule instanceof JSGFRuleName name) {
                count();
                return namedCanBeEmpty(name);
            }
            if (rule instanceof JSGFRuleTag tag) {
                return canBeEmpty(tag.getRule());
            }
            if (rule instanceof JSGFRuleCount count) {
                boolean empty = canBeEmpty(count.getRule());
                if (empty && count.getCount() != JSGFRuleCount.OPTIONAL) {
                    throw unusable(
                            weights,
                            "it repeats '%s', which can be empty".formatted(count.getRule()),
                            "repeat what has at least one word");
                }
                return empty || count.getCount() != JSGFRuleCount.ONCE_OR_MORE;
            }
            boolean empty = rule instanceof JSGFRuleSequence;
            if (rule instanceof JSGFRuleSequence sequence) {
                for (JSGFRule part : sequence.getRules()) {
                    empty &= canBeEmpty(part);
                }
            } else {
                for (JSGFRule part : ((JSGFRuleAlternatives) rule).getRules()) {
                    empty |= canBeEmpty(part);
                }
            }
            return empty;
        }

        private void count() {
            if (++parts > MOST_PARTS) {
                throw unusable(
                        weights,
                        "written out, it has more than %d words and names of rules".formatted(MOST_PARTS),
                        "make it smaller");
            }
        }

        private boolean namedCanBeEmpty(JSGFRuleName name) {
            String simple = name.getSimpleRuleName();
            String grammar = name.getFullGrammarName();
            if (simple.equals("NULL") || simple.equals("VOID")) {
                return simple.equals("NULL");
            }
            if (grammar != null && !grammar.equals(rules.getName())) {
                throw unusable(
                        weights, "it uses <%s> of another grammar".formatted(name.getRuleName()), "copy that rule");
            }
            JSGFRule rule = rules.getRule(simple);
            if (rule == null) {
                throw unusable(weights, "it has no rule <%s>".formatted(simple), "add that rule");
            }
            if (inside.contains(simple)) {
                throw unusable(weights, "<%s> contains itself".formatted(simple), "repeat with + or *");
            }
            inside.push(simple);
            boolean empty = canBeEmpty(rule);
            inside.pop();
            return empty;
        }
    }
}
