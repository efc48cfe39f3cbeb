package dev.hart.security;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The word families and the rules over them, read from the text files of this package: {@code injection.rules},
 * {@code content.rules} and one {@code words-*.txt} for each language. Immutable.
 */
final class RuleBook {
    private static final List<String> FILES =
            List.of("words-en.txt", "words-other.txt", "injection.rules", "content.rules");

    private final Map<String, Integer> families = new HashMap<>();
    private final Map<String, String> titles = new LinkedHashMap<>();
    private final List<PhraseRule> rules = new ArrayList<>();
    private final BitSet withWords = new BitSet();
    private final PhraseTrie trie;
    private final int[][] rulesOfFamily;

    private RuleBook(PhraseTrie.Builder words) {
        for (String file : FILES) {
            read(file, words);
        }
        requireComplete();
        trie = words.build();
        rulesOfFamily = new int[families.size()][];
        Arrays.fill(rulesOfFamily, new int[0]);
        for (int r = 0; r < rules.size(); r++) {
            for (int[] slot : rules.get(r).slots()) {
                for (int family : slot) {
                    rulesOfFamily[family] = with(rulesOfFamily[family], r);
                }
            }
        }
    }

    private void requireComplete() {
        rules.stream().filter(rule -> rule.meaning() >= 0).forEach(rule -> withWords.set(rule.meaning()));
        families.forEach((name, family) -> {
            if (!withWords.get(family)) {
                throw new IllegalStateException("a rule uses the family " + name + ", which has no words");
            }
        });
        for (PhraseRule rule : rules) {
            if (rule.id() != null && !titles.containsKey(rule.id())) {
                throw new IllegalStateException("rule " + rule.id() + " has no title");
            }
        }
    }

    static RuleBook load() {
        return new RuleBook(new PhraseTrie.Builder());
    }

    PhraseTrie trie() {
        return trie;
    }

    List<PhraseRule> rules() {
        return rules;
    }

    int[] rulesOfFamily(int family) {
        return rulesOfFamily[family];
    }

    /** What each rule is about, by rule id, in the order of the files. */
    Map<String, String> titles() {
        return titles;
    }

    int family(String name) {
        Integer known = families.putIfAbsent(name, families.size());
        return known == null ? families.size() - 1 : known;
    }

    private static int[] with(int[] rules, int rule) {
        if (rules.length > 0 && rules[rules.length - 1] == rule) {
            return rules;
        }
        int[] more = Arrays.copyOf(rules, rules.length + 1);
        more[rules.length] = rule;
        return more;
    }

    private void read(String file, PhraseTrie.Builder words) {
        try (InputStream in = RuleBook.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("the rules " + file + " are missing from the hart-security jar");
            }
            BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            StringBuilder statement = new StringBuilder();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                if (line.charAt(0) != ' ' && !statement.isEmpty()) {
                    readStatement(file, statement.toString(), words);
                    statement.setLength(0);
                }
                statement.append(line).append(' ');
            }
            readStatement(file, statement.toString(), words);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void readStatement(String file, String statement, PhraseTrie.Builder words) {
        int colon = statement.indexOf(':');
        if (colon < 0) {
            throw new IllegalStateException(file + ": no colon in: " + statement);
        }
        String[] head = statement.substring(0, colon).trim().split(" +", -1);
        String body = statement.substring(colon + 1).trim();
        switch (head[0]) {
            case "family" -> addWords(family(head[1]), body, words);
            case "title" -> titles.put(head[1], body);
            case "derive" -> rules.add(rule(file, null, family(head[1]), head, 2, body));
            case "rule" -> rules.add(rule(file, head[1], -1, head, 2, body));
            default -> throw new IllegalStateException(file + ": unknown statement: " + statement);
        }
    }

    private void addWords(int family, String body, PhraseTrie.Builder words) {
        for (String entry : body.split(",", -1)) {
            String folded = Folding.fold(String.join(" ", entry.trim().split(" +", -1)))
                    .replace("'", "")
                    .replace("’", "");
            if (!folded.isEmpty()) {
                words.add(folded, family);
                withWords.set(family);
            }
        }
    }

    private PhraseRule rule(String file, @Nullable String id, int meaning, String[] head, int from, String body) {
        int weight = 0;
        int userWeight = -1;
        int window = 6;
        boolean ordered = false;
        boolean untrustedOnly = false;
        for (int i = from; i < head.length; i++) {
            switch (head[i]) {
                case "weight" -> weight = Integer.parseInt(head[++i]);
                case "user" -> userWeight = Integer.parseInt(head[++i]);
                case "within" -> window = Integer.parseInt(head[++i]);
                case "ordered" -> ordered = true;
                case "untrusted" -> untrustedOnly = true;
                default -> throw new IllegalStateException(file + ": unknown word '" + head[i] + "' before: " + body);
            }
        }
        String[] parts = body.split(" +", -1);
        int[][] slots = new int[parts.length][];
        for (int i = 0; i < parts.length; i++) {
            slots[i] = alternatives(parts[i]);
        }
        return new PhraseRule(
                id,
                weight,
                userWeight < 0 ? weight : userWeight,
                slots,
                window * Words.UNITS_PER_WORD,
                ordered,
                untrustedOnly,
                meaning);
    }

    private int[] alternatives(String names) {
        String[] parts = names.split("\\|", -1);
        int[] alternatives = new int[parts.length];
        for (int i = 0; i < parts.length; i++) {
            alternatives[i] = family(parts[i]);
        }
        return alternatives;
    }
}
