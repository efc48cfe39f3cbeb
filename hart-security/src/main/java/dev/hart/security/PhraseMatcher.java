package dev.hart.security;

import dev.hart.security.Words.Reading;
import dev.hart.security.Words.Word;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the phrases of a rule book in a text, in one pass: each word is looked up once, and each rule remembers only the
 * last word that filled each of its parts. Time grows with the length of the text alone.
 */
final class PhraseMatcher {
    private static final int MAX_HITS = 2_000;
    private static final int NEVER = Integer.MIN_VALUE / 2;

    private final RuleBook book;

    PhraseMatcher(RuleBook book) {
        this.book = book;
    }

    /**
     * A rule that matched.
     *
     * @param start in chars of the folded text
     * @param from in units
     * @param to in units
     */
    record Hit(PhraseRule rule, int start, int end, int from, int to) {}

    /** A place where a word of a family stands. */
    record Mention(int family, int start, int end, int from, int to) {}

    /**
     * @param hits at most one for each rule and place; the first 2,000
     * @param mentions of every family, by place
     */
    record Result(List<Hit> hits, List<Mention> mentions) {}

    Result match(Words text) {
        return new Pass(text.list()).run();
    }

    private final class Pass {
        private final List<Word> words;
        private final List<Mention> mentions = new ArrayList<>();
        private final List<Hit> hits = new ArrayList<>();
        private final int[][] from;
        private final int[][] to;
        private final int[][] start;

        Pass(List<Word> words) {
            this.words = words;
            int rules = book.rules().size();
            from = new int[rules][];
            to = new int[rules][];
            start = new int[rules][];
        }

        Result run() {
            for (int i = 0; i < words.size(); i++) {
                walk(i);
            }
            return new Result(hits, mentions);
        }

        private void walk(int first) {
            Word word = words.get(first);
            for (Reading reading : word.readings()) {
                walk(first, book.trie().root(), reading);
            }
        }

        private void walk(int first, PhraseTrie.Node node, Reading reading) {
            String text = reading.text();
            PhraseTrie.Node at = node;
            int last = reading.next() - 1;
            for (int i = 0; i < text.length(); i++) {
                PhraseTrie.Node next = at.next(text.charAt(i));
                if (next == null) {
                    return;
                }
                at = next;
                mentionAll(at.stems, first, last);
            }
            mentionAll(at.words, first, last);
            if (last + 1 >= words.size()) {
                return;
            }
            Word following = words.get(last + 1);
            boolean bothJoined = words.get(last).joined() && following.joined();
            if (!bothJoined || words.get(last).end() != following.start()) {
                PhraseTrie.Node blank = at.next(' ');
                if (blank == null && !bothJoined) {
                    return;
                }
                at = blank == null ? at : blank;
            }
            for (Reading next : following.readings()) {
                walk(first, at, next);
            }
        }

        private void mentionAll(int[] families, int first, int last) {
            Word a = words.get(first);
            Word b = words.get(last);
            for (int family : families) {
                mention(new Mention(family, a.start(), b.end(), a.position(), b.position()));
            }
        }

        private void mention(Mention mention) {
            mentions.add(mention);
            for (int r : book.rulesOfFamily(mention.family())) {
                PhraseRule rule = book.rules().get(r);
                if (from[r] == null) {
                    int parts = rule.slots().length;
                    from[r] = filled(parts);
                    to[r] = filled(parts);
                    start[r] = filled(parts);
                }
                if (rule.ordered()) {
                    advance(r, rule, mention);
                } else {
                    fill(r, rule, mention);
                }
            }
        }

        private int[] filled(int length) {
            int[] array = new int[length];
            Arrays.fill(array, NEVER);
            return array;
        }

        private void advance(int r, PhraseRule rule, Mention mention) {
            for (int slot = rule.slots().length - 1; slot >= 0; slot--) {
                if (!contains(rule.slots()[slot], mention.family())) {
                    continue;
                }
                if (slot > 0) {
                    boolean follows = to[r][slot - 1] != NEVER
                            && mention.from() > to[r][slot - 1]
                            && mention.to() - from[r][slot - 1] <= rule.window();
                    if (!follows) {
                        continue;
                    }
                }
                from[r][slot] = slot == 0 ? mention.from() : from[r][slot - 1];
                start[r][slot] = slot == 0 ? mention.start() : start[r][slot - 1];
                to[r][slot] = mention.to();
                if (slot == rule.slots().length - 1) {
                    fire(rule, start[r][slot], mention.end(), from[r][slot], mention.to());
                }
            }
        }

        private void fill(int r, PhraseRule rule, Mention mention) {
            for (int slot = 0; slot < rule.slots().length; slot++) {
                if (!contains(rule.slots()[slot], mention.family())) {
                    continue;
                }
                from[r][slot] = mention.from();
                to[r][slot] = mention.to();
                start[r][slot] = mention.start();
                int first = mention.from();
                int firstStart = mention.start();
                boolean complete = true;
                for (int other = 0; other < rule.slots().length && complete; other++) {
                    if (other != slot) {
                        boolean apart = to[r][other] < mention.from() || from[r][other] > mention.to();
                        complete = apart && mention.to() - from[r][other] <= rule.window();
                        first = Math.min(first, from[r][other]);
                        firstStart = Math.min(firstStart, start[r][other]);
                    }
                }
                if (complete) {
                    fire(rule, firstStart, mention.end(), first, mention.to());
                }
            }
        }

        private void fire(PhraseRule rule, int startChar, int endChar, int first, int last) {
            if (rule.meaning() >= 0) {
                mention(new Mention(rule.meaning(), startChar, endChar, first, last));
            } else if (hits.size() < MAX_HITS) {
                hits.add(new Hit(rule, startChar, endChar, first, last));
            }
        }
    }

    private static boolean contains(int[] families, int family) {
        for (int f : families) {
            if (f == family) {
                return true;
            }
        }
        return false;
    }
}
