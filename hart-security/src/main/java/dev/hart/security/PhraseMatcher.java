package dev.hart.security;

import dev.hart.security.Words.Spelling;
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
     * @param disguised whether one of its words is spelled in disguise
     */
    record Hit(PhraseRule rule, int start, int end, int from, int to, boolean disguised) {}

    /** A place where a word of a family stands. */
    record Mention(int family, int start, int end, int from, int to, boolean disguised) {}

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
        // One element for each part of each rule; a rule's parts stand together from RuleBook.firstPart on.
        private final int[] from = new int[book.parts()];
        private final int[] to = new int[book.parts()];
        private final int[] start = new int[book.parts()];
        private final boolean[] odd = new boolean[book.parts()];

        Pass(List<Word> words) {
            this.words = words;
            Arrays.fill(from, NEVER);
            Arrays.fill(to, NEVER);
        }

        Result run() {
            for (int i = 0; i < words.size(); i++) {
                walk(i);
            }
            return new Result(hits, mentions);
        }

        private void walk(int first) {
            Word word = words.get(first);
            for (Spelling spelling : word.spellings()) {
                walk(
                        first,
                        first,
                        book.trie().root(),
                        spelling,
                        spelling != word.spellings().get(0));
            }
        }

        /** @param here the word that is spelled */
        private void walk(int first, int here, PhraseTrie.Node node, Spelling spelling, boolean disguised) {
            String text = spelling.text();
            PhraseTrie.Node at = node;
            int last = here + spelling.words() - 1;
            for (int i = 0; i < text.length(); i++) {
                PhraseTrie.Node next = at.next(text.charAt(i));
                if (next == null) {
                    return;
                }
                at = next;
                mentionAll(at.stems, first, last, disguised);
            }
            mentionAll(at.words, first, last, disguised);
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
            for (Spelling next : following.spellings()) {
                walk(
                        first,
                        last + 1,
                        at,
                        next,
                        disguised || next != following.spellings().get(0));
            }
        }

        private void mentionAll(int[] families, int first, int last, boolean disguised) {
            Word a = words.get(first);
            Word b = words.get(last);
            for (int family : families) {
                mention(new Mention(family, a.start(), b.end(), a.position(), b.position(), disguised));
            }
        }

        private void mention(Mention mention) {
            mentions.add(mention);
            int[] places = book.placesOf(mention.family());
            for (int i = 0; i < places.length; i += 2) {
                PhraseRule rule = book.rules().get(places[i]);
                int first = book.firstPart(places[i]);
                if (rule.ordered()) {
                    advance(rule, first, places[i + 1], mention);
                } else {
                    fill(rule, first, places[i + 1], mention);
                }
            }
        }

        private void advance(PhraseRule rule, int first, int slot, Mention mention) {
            int at = first + slot;
            if (slot > 0) {
                boolean follows = to[at - 1] != NEVER
                        && mention.from() > to[at - 1]
                        && mention.to() - from[at - 1] <= rule.window();
                if (!follows) {
                    return;
                }
            }
            from[at] = slot == 0 ? mention.from() : from[at - 1];
            start[at] = slot == 0 ? mention.start() : start[at - 1];
            to[at] = mention.to();
            odd[at] = mention.disguised() || (slot > 0 && odd[at - 1]);
            if (slot == rule.slots().length - 1) {
                fire(rule, start[at], mention.end(), from[at], mention.to(), odd[at]);
            }
        }

        private void fill(PhraseRule rule, int first, int slot, Mention mention) {
            int at = first + slot;
            from[at] = mention.from();
            to[at] = mention.to();
            start[at] = mention.start();
            odd[at] = mention.disguised();
            boolean disguised = mention.disguised();
            int begin = mention.from();
            int beginChar = mention.start();
            for (int other = first; other < first + rule.slots().length; other++) {
                if (other != at) {
                    boolean apart = to[other] < mention.from() || from[other] > mention.to();
                    if (!apart || mention.to() - from[other] > rule.window()) {
                        return;
                    }
                    begin = Math.min(begin, from[other]);
                    beginChar = Math.min(beginChar, start[other]);
                    disguised |= odd[other];
                }
            }
            fire(rule, beginChar, mention.end(), begin, mention.to(), disguised);
        }

        private void fire(PhraseRule rule, int startChar, int endChar, int first, int last, boolean disguised) {
            if (rule.meaning() >= 0) {
                mention(new Mention(rule.meaning(), startChar, endChar, first, last, disguised));
            } else if (hits.size() < MAX_HITS) {
                hits.add(new Hit(rule, startChar, endChar, first, last, disguised));
            }
        }
    }
}
