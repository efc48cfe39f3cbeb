package dev.hart.tinymodel.training;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The pieces of text that the model reads and writes, made by byte-pair encoding: beginning with single characters, the pair that
 * stands together most often becomes a piece, again and again. Text with a character that no piece has is taken byte by byte, so
 * every text can be encoded.
 *
 * <p>Ids: 0 unknown, 1 begin of text, 2 end of text, 3 to 258 the bytes, then the pieces in the order in which they were found.
 * Encoding is that of SentencePiece as llama.cpp does it: of all neighbours that together are a piece, those whose piece was found
 * first are joined, the leftmost of equals. A space is written as U+2581. Immutable.
 */
final class Vocabulary {
    static final int UNKNOWN = 0;
    static final int BEGIN = 1;
    static final int END = 2;
    static final int FIRST_BYTE = 3;
    static final int FIRST_PIECE = FIRST_BYTE + 256;

    private static final char SPACE = '\u2581';

    private final List<String> pieces;
    private final Map<String, Integer> ids = new HashMap<>();

    private Vocabulary(List<String> pieces) {
        this.pieces = List.copyOf(pieces);
        for (int i = 0; i < pieces.size(); i++) {
            ids.put(pieces.get(i), FIRST_PIECE + i);
        }
    }

    /**
     * Learns a vocabulary of {@code size} ids, or fewer when the texts have no more pairs. The same texts give the same pieces.
     *
     * @throws IllegalArgumentException when {@code size} has no room for each character of the texts
     */
    static Vocabulary learn(Collection<String> texts, int size) {
        Map<String, Integer> words = new LinkedHashMap<>();
        TreeSet<String> characters = new TreeSet<>();
        for (String text : texts) {
            for (String word : words(text)) {
                words.merge(word, 1, Integer::sum);
                characters.addAll(characters(word));
            }
        }
        List<String> pieces = new ArrayList<>(characters);
        int room = size - FIRST_PIECE;
        if (pieces.size() > room) {
            throw new IllegalArgumentException("a vocabulary of %d has room for %d characters, and the texts have %d"
                    .formatted(size, Math.max(0, room), pieces.size()));
        }
        Map<List<String>, Integer> split = new LinkedHashMap<>();
        words.forEach((word, count) -> split.put(characters(word), count));
        while (pieces.size() < room) {
            String best = mostFrequentPair(split);
            if (best.isEmpty()) {
                break;
            }
            pieces.add(best);
            join(split, best);
        }
        return new Vocabulary(pieces);
    }

    int size() {
        return FIRST_PIECE + pieces.size();
    }

    /** Pieces only: neither the three marks nor the bytes; in the order of their ids. */
    List<String> pieces() {
        return pieces;
    }

    /** The ids of {@code text}, without marks of begin and end. */
    int[] encode(String text) {
        List<String> symbols = characters(text.replace(' ', SPACE));
        while (true) {
            int at = -1;
            int lowest = Integer.MAX_VALUE;
            for (int i = 0; i + 1 < symbols.size(); i++) {
                int id = ids.getOrDefault(symbols.get(i) + symbols.get(i + 1), Integer.MAX_VALUE);
                if (id < lowest) {
                    lowest = id;
                    at = i;
                }
            }
            if (at < 0) {
                return symbols.stream()
                        .flatMapToInt(symbol -> Arrays.stream(idsOf(symbol)))
                        .toArray();
            }
            symbols.set(at, symbols.get(at) + symbols.remove(at + 1));
        }
    }

    /** The text of these ids; marks have none. */
    String decode(int... tokens) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int token : tokens) {
            if (token >= FIRST_PIECE) {
                bytes.writeBytes(pieces.get(token - FIRST_PIECE).getBytes(StandardCharsets.UTF_8));
            } else if (token >= FIRST_BYTE) {
                bytes.write(token - FIRST_BYTE);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8).replace(SPACE, ' ');
    }

    private int[] idsOf(String symbol) {
        Integer id = ids.get(symbol);
        if (id != null) {
            return new int[] {id};
        }
        byte[] bytes = symbol.getBytes(StandardCharsets.UTF_8);
        int[] tokens = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            tokens[i] = FIRST_BYTE + (bytes[i] & 0xff);
        }
        return tokens;
    }

    /** A word begins at each space, and whatever is no letter stands alone, so that no piece reaches over them. */
    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        for (char c : text.replace(' ', SPACE).toCharArray()) {
            boolean joins = Character.isLetter(c) && word.chars().skip(1).allMatch(Character::isLetter);
            boolean first = word.length() > 0 && (word.charAt(0) == SPACE || Character.isLetter(word.charAt(0)));
            if (word.length() > 0 && !(joins && first)) {
                words.add(word.toString());
                word.setLength(0);
            }
            word.append(c);
        }
        if (word.length() > 0) {
            words.add(word.toString());
        }
        return words;
    }

    private static List<String> characters(String text) {
        List<String> characters = new ArrayList<>();
        text.codePoints().forEach(c -> characters.add(Character.toString(c)));
        return characters;
    }

    /** The two parts joined; empty when no word has two parts. Of equals the first in the alphabet. */
    private static String mostFrequentPair(Map<List<String>, Integer> words) {
        Map<String, Integer> counts = new HashMap<>();
        words.forEach((parts, count) -> {
            for (int i = 0; i + 1 < parts.size(); i++) {
                counts.merge(parts.get(i) + parts.get(i + 1), count, Integer::sum);
            }
        });
        String best = "";
        int most = 0;
        for (Map.Entry<String, Integer> pair : counts.entrySet()) {
            if (pair.getValue() > most
                    || (pair.getValue() == most && pair.getKey().compareTo(best) < 0)) {
                best = pair.getKey();
                most = pair.getValue();
            }
        }
        return best;
    }

    private static void join(Map<List<String>, Integer> words, String pair) {
        Map<List<String>, Integer> joined = new LinkedHashMap<>();
        words.forEach((parts, count) -> {
            List<String> shorter = new ArrayList<>(parts);
            for (int i = 0; i + 1 < shorter.size(); i++) {
                if ((shorter.get(i) + shorter.get(i + 1)).equals(pair)) {
                    shorter.set(i, pair);
                    shorter.remove(i + 1);
                }
            }
            joined.merge(shorter, count, Integer::sum);
        });
        words.clear();
        words.putAll(joined);
    }
}
