package dev.hart.core.plan;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The words that the embedded planner knows, read once from {@code lexicon.txt} and {@code places.txt}. Immutable. */
final class Lexicon {
    private static final double SYNONYM = 0.8;
    private static final double ABBREVIATION = 0.7;
    private static final int MISTYPED_LETTERS = 7;

    /** A unit's dimension, and its factor to the first unit of that dimension; null where there is none. */
    record Unit(String dimension, @Nullable BigDecimal factor) {}

    private static final Lexicon ENGLISH = new Lexicon();

    private final Set<String> stop;
    private final Set<String> breaks;
    private final Set<String> generic;
    private final Set<String> imperatives;
    private final Set<String> sinks;
    private final Set<String> anaphors;
    private final Set<String> colors;
    private final Set<String> extensions;
    private final Map<String, Set<Integer>> synonyms = new HashMap<>();
    private final Map<String, Unit> units = new HashMap<>();
    private final Map<String, BigDecimal> numbers;
    private final Map<String, BigDecimal> periods;
    private final Map<String, BigDecimal> multipliers;
    private final Map<String, String> currencies = new HashMap<>();
    private final Set<String> countries;
    private final Set<String> states;
    private final Set<String> cities;

    private Lexicon() {
        Map<String, List<String>> words = sections("lexicon.txt");
        stop = wordsOf(words, "stop");
        breaks = wordsOf(words, "break");
        generic = stemsOf(words, "generic");
        imperatives = wordsOf(words, "imperative");
        sinks = wordsOf(words, "sink");
        anaphors = wordsOf(words, "anaphor");
        colors = wordsOf(words, "colors");
        extensions = wordsOf(words, "extensions");
        numbers = numbersOf(words, "numbers");
        periods = numbersOf(words, "periods");
        multipliers = numbersOf(words, "multipliers");
        entries(words, "currencies")
                .forEach(entry -> currencies.put(Stemmer.stem(entry[0]), entry[1].toUpperCase(Locale.ROOT)));
        readSynonyms(lines(words, "synonyms"));
        readUnits(lines(words, "units"));
        Map<String, List<String>> places = sections("places.txt");
        countries = namesOf(places, "countries");
        states = namesOf(places, "states");
        cities = namesOf(places, "cities");
    }

    static Lexicon english() {
        return ENGLISH;
    }

    boolean isStop(String lower) {
        return stop.contains(lower);
    }

    /** Whether a name or phrase ends before the word. */
    boolean isBreak(String lower) {
        return breaks.contains(lower) || stop.contains(lower);
    }

    /** Whether the stem is of a word that tells tools hardly apart. */
    boolean isGeneric(String stem) {
        return generic.contains(stem);
    }

    boolean isImperative(String lower) {
        return imperatives.contains(lower);
    }

    /** Whether the verb puts a result somewhere. */
    boolean isSink(String lower) {
        return sinks.contains(lower);
    }

    boolean isAnaphor(String lower) {
        return anaphors.contains(lower);
    }

    boolean isColor(String lower) {
        return colors.contains(lower);
    }

    boolean isFileExtension(String lower) {
        return extensions.contains(lower);
    }

    @Nullable
    BigDecimal number(String lower) {
        return numbers.get(lower);
    }

    /** How often a year: 4 for "quarterly". */
    @Nullable
    BigDecimal period(String lower) {
        return periods.get(lower);
    }

    @Nullable
    BigDecimal multiplier(String lower) {
        return multipliers.get(lower);
    }

    @Nullable
    Unit unit(String lower) {
        return units.get(lower);
    }

    /** The ISO 4217 code of a currency's name. */
    @Nullable
    String currency(String stem) {
        return currencies.get(stem);
    }

    boolean isCountry(String name) {
        return countries.contains(name.toLowerCase(Locale.ROOT));
    }

    boolean isState(String name) {
        return states.contains(name.toLowerCase(Locale.ROOT));
    }

    boolean isCity(String name) {
        return cities.contains(name.toLowerCase(Locale.ROOT));
    }

    boolean isPlace(String name) {
        return isCity(name) || isCountry(name) || (name.length() > 2 && isState(name));
    }

    /** How far one stem can stand for the other, 0 to 1. */
    double likeness(String a, String b) {
        if (a.equals(b)) {
            return 1;
        }
        Set<Integer> groups = synonyms.getOrDefault(a, Set.of());
        for (Integer group : synonyms.getOrDefault(b, Set.of())) {
            if (groups.contains(group)) {
                return SYNONYM;
            }
        }
        String shorter = a.length() < b.length() ? a : b;
        String longer = shorter.equals(a) ? b : a;
        boolean prefix = longer.startsWith(shorter);
        boolean isShortForm = prefix && shorter.length() >= 3 && longer.length() - shorter.length() >= 3;
        boolean isSameFamily = prefix && shorter.length() >= 5;
        return isShortForm || isSameFamily || isMistyped(shorter, longer) ? ABBREVIATION : 0;
    }

    /** Whether long words differ by one letter too many, too few or wrong. */
    private static boolean isMistyped(String shorter, String longer) {
        if (shorter.length() < MISTYPED_LETTERS || longer.length() - shorter.length() > 1) {
            return false;
        }
        int same = 0;
        while (same < shorter.length() && shorter.charAt(same) == longer.charAt(same)) {
            same++;
        }
        String rest =
                shorter.substring(longer.length() == shorter.length() && same < shorter.length() ? same + 1 : same);
        return same > 0 && longer.endsWith(rest) && rest.length() + same + 1 >= shorter.length();
    }

    private void readSynonyms(List<String> groups) {
        for (int i = 0; i < groups.size(); i++) {
            for (String word : groups.get(i).split(" ", -1)) {
                synonyms.computeIfAbsent(Stemmer.stem(word), stem -> new HashSet<>())
                        .add(i);
            }
        }
    }

    private void readUnits(List<String> dimensions) {
        for (String line : dimensions) {
            int colon = line.indexOf(':');
            String dimension = line.substring(0, colon);
            for (String word : line.substring(colon + 1).strip().split(" ", -1)) {
                String[] parts = word.split("=", -1);
                units.put(parts[0], new Unit(dimension, parts.length > 1 ? new BigDecimal(parts[1]) : null));
            }
        }
    }

    private static List<String> lines(Map<String, List<String>> sections, String name) {
        return Objects.requireNonNull(sections.get(name), name);
    }

    private static Set<String> wordsOf(Map<String, List<String>> sections, String name) {
        Set<String> words = new HashSet<>();
        lines(sections, name).forEach(line -> words.addAll(Arrays.asList(line.split(" ", -1))));
        return Set.copyOf(words);
    }

    private static Set<String> stemsOf(Map<String, List<String>> sections, String name) {
        Set<String> stems = new HashSet<>();
        wordsOf(sections, name).forEach(word -> stems.add(Stemmer.stem(word)));
        return Set.copyOf(stems);
    }

    private static Set<String> namesOf(Map<String, List<String>> sections, String name) {
        Set<String> names = new HashSet<>();
        lines(sections, name).forEach(line -> names.addAll(Arrays.asList(line.split("\\|", -1))));
        return Set.copyOf(names);
    }

    private static Map<String, BigDecimal> numbersOf(Map<String, List<String>> sections, String name) {
        Map<String, BigDecimal> numbers = new HashMap<>();
        entries(sections, name).forEach(entry -> numbers.put(entry[0], new BigDecimal(entry[1])));
        return Map.copyOf(numbers);
    }

    private static List<String[]> entries(Map<String, List<String>> sections, String name) {
        return wordsOf(sections, name).stream().map(word -> word.split("=", -1)).toList();
    }

    private static Map<String, List<String>> sections(String resource) {
        Map<String, List<String>> sections = new HashMap<>();
        InputStream in = Objects.requireNonNull(Lexicon.class.getResourceAsStream(resource), resource);
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            List<String> current = new ArrayList<>();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.startsWith("[")) {
                    current = new ArrayList<>();
                    sections.put(line.substring(1, line.indexOf(']')), current);
                } else if (!line.isBlank() && !line.startsWith("#")) {
                    current.add(line.strip());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the planner's word list " + resource + " cannot be read", e);
        }
        return sections;
    }
}
