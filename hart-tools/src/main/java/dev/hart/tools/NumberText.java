package dev.hart.tools;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers as people type them into tables: {@code 1234.50}, {@code 1,234.50}, {@code -5}, {@code (5)} for minus five,
 * {@code €12}, {@code 12 $}, {@code 1.5E3}. Commas only part groups of three digits; anything else is no number, so that a
 * decimal comma is never taken for a thousand.
 */
final class NumberText {
    private static final int MAX_LENGTH = 100;
    private static final String CURRENCY = "[€$£¥₹]";
    private static final Pattern FORM = Pattern.compile("(?<sign>[-+−]?)" + CURRENCY + "?\\s*(?<inner>[-+−]?)"
            + "(?<digits>(?:[0-9]+|(?<grouped>[0-9]{1,3}(?:,[0-9]{3})+))(?:\\.[0-9]*)?|\\.[0-9]+)"
            + "(?<exponent>[eE][+-]?[0-9]{1,3})?\\s*" + CURRENCY + "?");
    private static final Pattern BLANKS_AROUND = Pattern.compile("^[\\s\\u00A0\\u202F]+|[\\s\\u00A0\\u202F]+$");

    private NumberText() {}

    /**
     * @param commaMayBeDecimal whether {@code 1,234} could mean a little more than one, as in files that part fields with
     *     semicolons; it is no number then, while {@code 1,234.50} still is one
     */
    static Optional<BigDecimal> parse(String text, boolean commaMayBeDecimal) {
        if (text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String cell = BLANKS_AROUND.matcher(text).replaceAll("");
        boolean inParentheses = cell.startsWith("(") && cell.endsWith(")") && cell.length() > 2;
        Matcher form = FORM.matcher(inParentheses ? cell.substring(1, cell.length() - 1) : cell);
        if (!form.matches()) {
            return Optional.empty();
        }
        String sign = form.group("sign") + form.group("inner");
        String digits = form.group("digits");
        boolean grouped = form.group("grouped") != null;
        if (sign.length() > 1
                || (inParentheses && !sign.isEmpty())
                || (grouped && form.group("exponent") != null)
                || (grouped && commaMayBeDecimal && digits.indexOf('.') < 0)) {
            return Optional.empty();
        }
        String exponent = form.group("exponent") == null ? "" : form.group("exponent");
        BigDecimal value = new BigDecimal(digits.replace(",", "") + exponent);
        boolean negative = inParentheses || sign.equals("-") || sign.equals("−");
        return Optional.of(negative ? value.negate() : value);
    }

    static boolean isBlank(String text) {
        return BLANKS_AROUND.matcher(text).replaceAll("").isEmpty();
    }
}
