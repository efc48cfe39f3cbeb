package dev.hart.security;

import dev.hart.guard.Provenance;
import dev.hart.guard.View;
import dev.hart.security.PhraseMatcher.Hit;
import dev.hart.security.PhraseMatcher.Mention;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Looks for every rule in every view of a text, and says what it found and where. */
final class TextScan {
    private static final int MAX_DEPTH = 2;
    private static final int MAX_DEEPER = 32;
    private static final int CONCEALED = 40;
    private static final int MIN_DISGUISED = 60;
    private static final int DISGUISE_BONUS = 5;
    private static final int DIRECTIVE_BEFORE = 10 * Words.UNITS_PER_WORD;
    private static final int CONTEXT = 12 * Words.UNITS_PER_WORD;
    private static final int DIRECTIVE = 25;
    private static final int DISCOUNT = 40;

    private final RuleBook book;
    private final PhraseMatcher matcher;
    private final int directive;
    private final int context;

    TextScan(RuleBook book) {
        this.book = book;
        this.matcher = new PhraseMatcher(book);
        this.directive = book.family("directive");
        this.context = book.family("context");
    }

    /** The numbers that decide, as they count in the guardrail hash. */
    static Map<String, Object> described() {
        return Map.of(
                "concealed", String.valueOf(CONCEALED),
                "contextDiscount", String.valueOf(DISCOUNT),
                "decodingDepth", String.valueOf(MAX_DEPTH),
                "directive", String.valueOf(DIRECTIVE),
                "disguiseBonus", String.valueOf(DISGUISE_BONUS),
                "disguisedFrom", String.valueOf(MIN_DISGUISED),
                "perFurtherCategory", "10");
    }

    /** Everything found, with places in chars of the text. */
    List<Evidence> scan(String text, Provenance provenance) {
        List<Evidence> evidence = new ArrayList<>();
        boolean untrusted = provenance.compareTo(Provenance.USER) > 0;
        FoldedText folded = FoldedText.of(text);
        Words words = Words.of(folded);
        evidence.addAll(read(folded, words, provenance, untrusted));
        if (folded.malformed()) {
            evidence.add(new Evidence("MALFORMED", CONCEALED, -1, -1));
        }
        if (folded.hiddenAt() >= 0) {
            evidence.add(new Evidence("I10", CONCEALED, folded.hiddenAt(), folded.hiddenAt() + 1));
        }
        if (words.mixedScriptAt() >= 0) {
            int at = folded.originalIndex(words.mixedScriptAt());
            evidence.add(new Evidence("I10", CONCEALED, at, at + 1));
        }
        Reading plain = Markup.removed(text);
        if (plain != null) {
            FoldedText view = FoldedText.of(plain.text());
            for (Evidence found : read(view, Words.of(view), provenance, untrusted)) {
                evidence.add(placed(plain, found, found.weight()));
            }
        }
        undisguise(text, folded.tagText(), provenance, untrusted, evidence);
        return evidence;
    }

    private void undisguise(
            String text, String tagText, Provenance provenance, boolean untrusted, List<Evidence> evidence) {
        Disguises disguises = Disguises.in(text, book.trie());
        List<Reading> readings = new ArrayList<>(disguises.readings());
        if (!tagText.isEmpty()) {
            readings.add(new Reading(View.TAGS, tagText, 0, text.length(), null));
        }
        boolean unread = disguises.unread();
        for (int depth = 1; depth <= MAX_DEPTH && !readings.isEmpty(); depth++) {
            List<Reading> deeper = new ArrayList<>();
            int codedDeeper = 0;
            for (Reading reading : readings) {
                FoldedText view = FoldedText.of(reading.text());
                for (Evidence found : read(view, Words.of(view), provenance, untrusted)) {
                    if (found.weight() >= MIN_DISGUISED) {
                        Evidence there = placed(reading, found, Math.min(100, found.weight() + DISGUISE_BONUS));
                        evidence.add(there);
                        evidence.add(new Evidence("I10", CONCEALED, there.start(), there.end(), reading.view()));
                    }
                }
                if (depth < MAX_DEPTH && reading.origin() == null) {
                    Disguises inner = Disguises.in(reading.text(), book.trie());
                    unread |= inner.unread();
                    for (Reading below : inner.readings()) {
                        boolean coded = below.view() == View.BASE64 || below.view() == View.HEX;
                        if (coded && ++codedDeeper > MAX_DEEPER) {
                            unread = true;
                            continue;
                        }
                        deeper.add(new Reading(below.view(), below.text(), reading.start(), reading.end(), null));
                    }
                }
            }
            readings = deeper;
        }
        if (unread) {
            evidence.add(new Evidence("I10", CONCEALED, -1, -1));
        }
    }

    private List<Evidence> read(FoldedText text, Words words, Provenance provenance, boolean untrusted) {
        List<Evidence> evidence = new ArrayList<>();
        Markers.find(text.latin(), untrusted, found -> evidence.add(placed(text, found)));
        PhraseMatcher.Result result = matcher.match(words);
        for (Hit hit : result.hits()) {
            PhraseRule rule = hit.rule();
            String id = rule.id();
            if (id == null || (rule.untrustedOnly() && !untrusted)) {
                continue;
            }
            int weight = provenance == Provenance.USER ? rule.userWeight() : rule.weight();
            if (id.startsWith("V") || id.startsWith("D")) {
                weight = inContext(hit, weight, result.mentions());
            }
            if (weight > 0) {
                View view = hit.disguised() ? View.LETTERS : View.TEXT;
                evidence.add(placed(text, new Evidence(id, weight, hit.start(), hit.end(), view)));
            }
        }
        return evidence;
    }

    /** A harmful thing asked for weighs more; reported, prevented or denied it weighs less. */
    private int inContext(Hit hit, int weight, List<Mention> mentions) {
        boolean asked = false;
        boolean discounted = false;
        for (int i = firstFrom(mentions, hit.from() - CONTEXT); i < mentions.size(); i++) {
            Mention mention = mentions.get(i);
            if (mention.from() > hit.to() + CONTEXT) {
                break;
            }
            asked |= mention.family() == directive
                    && mention.from() <= hit.from()
                    && mention.from() >= hit.from() - DIRECTIVE_BEFORE;
            discounted |= mention.family() == context;
        }
        int asWeighed = weight == 60 && asked ? weight + DIRECTIVE : weight;
        return discounted ? asWeighed - DISCOUNT : asWeighed;
    }

    private static int firstFrom(List<Mention> mentions, int position) {
        int low = 0;
        int high = mentions.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (mentions.get(middle).to() < position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static Evidence placed(FoldedText text, Evidence found) {
        return new Evidence(
                found.rule(),
                found.weight(),
                text.originalIndex(found.start()),
                text.originalIndex(found.end()),
                found.view());
    }

    private static Evidence placed(Reading reading, Evidence found, int weight) {
        int first = reading.originalStart(Math.max(0, found.start()));
        int last = reading.originalStart(Math.max(0, found.end() - 1));
        int end = reading.origin() == null ? reading.end() : Math.max(first + 1, reading.originalEnd(found.end()));
        return new Evidence(found.rule(), weight, Math.min(first, last), Math.max(first + 1, end), reading.view());
    }
}
