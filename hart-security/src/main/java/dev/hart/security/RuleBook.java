package dev.hart.security;

import dev.hart.guard.Hazard;
import java.io.IOException;
import java.io.InputStream;
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
    static final List<String> FILES = List.of("words-en.txt", "words-other.txt", "injection.rules", "content.rules");

    private final Map<String, Integer> families = new HashMap<>();
    private final Map<String, String> titles = new LinkedHashMap<>();
    private final Map<String, Hazard> hazards = new HashMap<>();
    private final List<PhraseRule> rules = new ArrayList<>();
    private final List<String> sources = new ArrayList<>();
    private final BitSet withWords = new BitSet();
    private final PhraseTrie trie;
    private final int[] firstPart;
    private final int[][] placesOfFamily;

    private RuleBook(PhraseTrie.Builder words) {
        for (String file : FILES) {
            read(file, words);
        }
        requireComplete();
        trie = words.build();
        firstPart = new int[rules.size() + 1];
        placesOfFamily = new int[families.size()][];
        Arrays.fill(placesOfFamily, new int[0]);
        for (int r = 0; r < rules.size(); r++) {
            int[][] slots = rules.get(r).slots();
            firstPart[r + 1] = firstPart[r] + slots.length;
            // The last part first: a word that fills two parts of an ordered rule must not follow itself.
            for (int slot = slots.length - 1; slot >= 0; slot--) {
                for (int family : slots[slot]) {
                    placesOfFamily[family] = with(placesOfFamily[family], r, slot);
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

    /** The statement that each rule was read from, in the order of the rules. */
    List<String> sources() {
        return sources;
    }

    /** How many parts all rules have together. */
    int parts() {
        return firstPart[rules.size()];
    }

    /** The number of a rule's first part. */
    int firstPart(int rule) {
        return firstPart[rule];
    }

    /** The parts that a family fills, as pairs of rule and part of the rule. */
    int[] placesOf(int family) {
        return placesOfFamily[family];
    }

    /** What each rule is about, by rule id, in the order of the files. */
    Map<String, String> titles() {
        return titles;
    }

    /** By rule id; rules that stand for none are missing. */
    Map<String, Hazard> hazards() {
        return hazards;
    }

    int family(String name) {
        Integer known = families.putIfAbsent(name, families.size());
        return known == null ? families.size() - 1 : known;
    }

    private static int[] with(int[] places, int rule, int slot) {
        int[] more = Arrays.copyOf(places, places.length + 2);
        more[places.length] = rule;
        more[places.length + 1] = slot;
        return more;
    }

    private void read(String file, PhraseTrie.Builder words) {
        StringBuilder statement = new StringBuilder();
        for (String line : new String(bytes(file), StandardCharsets.UTF_8).split("\n", -1)) {
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
    }

    /** A file of this package. */
    static byte[] bytes(String file) {
        try (InputStream in = RuleBook.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("the file " + file + " is missing from the hart-security jar");
            }
            return in.readAllBytes();
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
            case "title" -> title(file, head, body);
            case "derive" -> {
                sources.add(statement.trim());
                rules.add(rule(file, null, family(head[1]), head, 2, body));
            }
            case "rule" -> {
                sources.add(statement.trim());
                rules.add(rule(file, head[1], -1, head, 2, body));
            }
            default -> throw new IllegalStateException(file + ": unknown statement: " + statement);
        }
    }

    private void title(String file, String[] head, String body) {
        titles.put(head[1], body);
        if (head.length == 4 && head[2].equals("hazard")) {
            hazards.put(head[1], Hazard.valueOf(head[3]));
        } else if (head.length != 2) {
            throw new IllegalStateException(file + ": a title may name a hazard, and nothing else: " + body);
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
