package dev.hart.core.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Splits a request where a new instruction begins: sentences, ";", "then", and "and" or a comma before a verb of instruction. */
final class Clauses {
    private static final int MAX_CLAUSES = 12;
    private static final Set<String> QUESTIONS = Set.of(
            "what", "what's", "who", "when", "where", "which", "how", "why", "can", "could", "is", "are", "do", "does",
            "will", "would");
    private static final Set<String> LEADS =
            Set.of("please", "then", "also", "and", "now", "next", "finally", "first", "kindly", "to");

    private static final Set<String> WH = Set.of("what", "who", "when", "where", "which", "how");
    private static final Set<String> AUXILIARIES =
            Set.of("is", "are", "was", "were", "many", "much", "do", "does", "did", "will");

    private final String request;
    private final List<Token> tokens;
    private final List<Clause> clauses = new ArrayList<>();

    private Clauses(String request, List<Token> tokens) {
        this.request = request;
        this.tokens = tokens;
    }

    /** In the order in which they are to be done; at most {@value #MAX_CLAUSES}, the rest stays in the last one. */
    static List<Clause> of(String request) {
        Clauses clauses = new Clauses(request, Tokens.of(request));
        clauses.split();
        return List.copyOf(clauses.clauses);
    }

    private void split() {
        int begin = 0;
        for (int i = 0; i < tokens.size() && clauses.size() < MAX_CLAUSES - 1; i++) {
            int end = i;
            int next = i;
            if (tokens.get(i).endsSentence()) {
                next = i + 1;
            } else if (i > begin && opensInstruction(i)) {
                next = afterLeads(i);
            } else {
                continue;
            }
            if (isInstruction(begin, end) && next < tokens.size()) {
                add(begin, end);
                begin = next;
            }
            i = Math.max(i, next - 1);
        }
        int end = tokens.size();
        while (end > begin && tokens.get(end - 1).endsSentence()) {
            end--;
        }
        if (end > begin && (isInstruction(begin, end) || clauses.isEmpty())) {
            add(begin, end);
        } else if (end > begin) {
            Clause last = clauses.remove(clauses.size() - 1);
            clauses.add(Clause.of(request, tokens, last.begin(), end));
        }
    }

    private void add(int begin, int end) {
        if (isAfter(begin)) {
            clauses.add(Clause.of(request, tokens, begin + 1, end));
            return;
        }
        int after = after(begin, end);
        if (after > begin) {
            clauses.add(Clause.of(request, tokens, after + 1, end));
            clauses.add(Clause.of(request, tokens, begin, after));
            return;
        }
        clauses.add(Clause.of(request, tokens, begin, end));
    }

    /** Where "after adding up …" begins within an instruction; what follows it is to be done first. */
    private int after(int begin, int end) {
        for (int i = begin + 1; i + 1 < end; i++) {
            if (isAfter(i)) {
                return i;
            }
        }
        return -1;
    }

    /** Whether "after adding up" and the like stand here. */
    private boolean isAfter(int i) {
        return i + 1 < tokens.size()
                && tokens.get(i).is("after")
                && tokens.get(i + 1).lower().endsWith("ing")
                && isVerbForm(tokens.get(i + 1));
    }

    private boolean isVerbForm(Token word) {
        String base = word.lower().substring(0, word.lower().length() - "ing".length());
        Lexicon lexicon = Lexicon.english();
        return lexicon.isImperative(base)
                || lexicon.isImperative(base + "e")
                || (base.length() > 2 && lexicon.isImperative(base.substring(0, base.length() - 1)));
    }

    private boolean opensInstruction(int i) {
        Token token = tokens.get(i);
        if (token.is("then")) {
            return true;
        }
        boolean joint = token.is("and") || token.is(",") || token.is("&");
        int verb = afterLeads(i);
        if (!joint || verb <= i || verb >= tokens.size() || !tokens.get(verb).isWord()) {
            return false;
        }
        boolean question = verb + 1 < tokens.size()
                && WH.contains(tokens.get(verb).lower())
                && AUXILIARIES.contains(tokens.get(verb + 1).lower());
        return question || (Lexicon.english().isImperative(tokens.get(verb).lower()) && !isListed(verb));
    }

    /** Whether the verb is rather a noun in a list: "the price, volume and change of …". */
    private boolean isListed(int verb) {
        return verb + 1 < tokens.size()
                && (tokens.get(verb + 1).is("of") || tokens.get(verb + 1).is(","));
    }

    private int afterLeads(int i) {
        int next = i;
        while (next < tokens.size()
                && (tokens.get(next).is(",") || LEADS.contains(tokens.get(next).lower()))) {
            next++;
        }
        return next;
    }

    private boolean isInstruction(int begin, int end) {
        for (int i = begin; i < end; i++) {
            Token token = tokens.get(i);
            if (Lexicon.english().isImperative(token.lower()) || (i == begin + 1 && isAfter(begin))) {
                return true;
            }
            if (i < begin + 4 && QUESTIONS.contains(token.lower())) {
                return true;
            }
        }
        return false;
    }
}
