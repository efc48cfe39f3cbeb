package dev.hart.gpu.catalogue;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the weights of a GGUF file were made smaller.
 *
 * @param label in upper case: {@code Q4_K_M}
 */
public record Quantisation(String label) {
    private static final List<String> BEST_FIRST = List.of(
            "Q8_0", "Q6_K_L", "Q6_K", "Q5_K_M", "Q5_K_S", "Q4_K_L", "Q4_K_M", "Q4_K_S", "IQ4_XS", "Q4_0", "IQ3_M",
            "IQ2_M", "Q2_K");
    private static final int UNKNOWN = 14;
    private static final Pattern FORM = Pattern.compile("I?Q[1-8](?:_(?:[01]|K|XXS|XS|S|M|L|XL|NL)){1,2}");
    private static final Pattern IN_NAME =
            Pattern.compile("(?<![A-Z0-9])" + FORM.pattern() + "(?![A-Z0-9_])", Pattern.CASE_INSENSITIVE);

    /** @throws IllegalArgumentException for what is no label */
    public Quantisation {
        if (!FORM.matcher(label).matches()) {
            throw new IllegalArgumentException(
                    "quant must be a label such as Q4_K_M, was '%s'".formatted(SafeNames.shown(label)));
        }
    }

    /** The one of that label, in any case. */
    public static Quantisation parse(String label) {
        return new Quantisation(label.toUpperCase(Locale.ROOT));
    }

    /** The one that a file's name tells; empty when it tells none. */
    public static Optional<Quantisation> ofFile(String fileName) {
        Matcher label = IN_NAME.matcher(fileName);
        Optional<Quantisation> last = Optional.empty();
        while (label.find()) {
            last = Optional.of(parse(label.group()));
        }
        return last;
    }

    /**
     * The one to look for when nothing is known but the memory of a GPU.
     *
     * @param freeBytes of the GPU; 0 without one
     */
    public static Quantisation forMemory(long freeBytes) {
        String label = freeBytes >= 24 * Gib.ONE
                ? "Q8_0"
                : freeBytes >= 16 * Gib.ONE
                        ? "Q6_K"
                        : freeBytes >= 8 * Gib.ONE ? "Q4_K_M" : freeBytes >= 4 * Gib.ONE ? "Q4_K_S" : "Q4_0";
        return new Quantisation(label);
    }

    /** 0 for the best quality; 14 for one that is not in the order. */
    public int rank() {
        int rank = BEST_FIRST.indexOf(label);
        return rank < 0 ? UNKNOWN : rank;
    }
}
