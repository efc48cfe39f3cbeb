package dev.hart.security;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds personal data by its form: addresses of electronic mail, telephone numbers, social security numbers, card numbers
 * and addresses of machines. Digits of other scripts are read like ASCII ones. Pure and thread-safe; time grows with the
 * length of the text alone.
 */
public final class PiiScanner {
    /** Addresses that name no machine of a person: loopback, unspecified, broadcast, and the usual private gateways. */
    public static final Set<String> HARMLESS_ADDRESSES =
            Set.of("127.0.0.1", "0.0.0.0", "255.255.255.255", "10.0.0.1", "192.168.0.1", "192.168.1.1");

    /** A kind of personal data. */
    public enum Kind {
        EMAIL,
        SSN,
        CREDIT_CARD,
        PHONE,
        IP_ADDRESS;

        /** As reasons and tags name it: {@code credit_card}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        boolean isNumberOfPerson() {
            return this == SSN || this == CREDIT_CARD;
        }
    }

    /** Where something stands, in chars. */
    public record Item(Kind kind, int start, int end) {}

    /** From the most specific to the most general; of two that overlap the first in this order counts. */
    private record Form(Kind kind, Pattern pattern, int group) {}

    private static final String EDGE = "(?:^|[^0-9A-Za-z_.+-])";
    private static final String END = "(?:$|[^0-9A-Za-z_-])";
    private static final List<Form> FORMS = List.of(
            new Form(
                    Kind.EMAIL,
                    Pattern.compile(
                            "[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\\.)+[A-Za-z]{2,24}"),
                    0),
            new Form(Kind.CREDIT_CARD, Pattern.compile(EDGE + "([0-9](?:[ -]?[0-9]){12,18})" + END), 1),
            new Form(Kind.SSN, Pattern.compile(EDGE + "([0-9]{3}-[0-9]{2}-[0-9]{4})" + END), 1),
            new Form(
                    Kind.PHONE,
                    Pattern.compile(
                            "(?:^|[^0-9A-Za-z_.+-])(\\+[1-9](?:[ .-]?\\(?[0-9]\\)?){6,14}|(?:1[ .-])?(?:\\([2-9][0-9]{2}\\) ?|[2-9][0-9]{2}[ .-])"
                                    + "[0-9]{3}[ .-][0-9]{4})" + END),
                    1),
            new Form(
                    Kind.IP_ADDRESS,
                    Pattern.compile(
                            "(?:^|[^0-9A-Za-z_.-])([0-9]{1,3}(?:\\.[0-9]{1,3}){3})(?:$|[^0-9A-Za-z_.-]|\\.(?:$|[^0-9]))"),
                    1));

    private final Set<String> harmlessAddresses;

    /** With {@link #HARMLESS_ADDRESSES}. */
    public PiiScanner() {
        this(HARMLESS_ADDRESSES);
    }

    /** @param harmlessAddresses IPv4 addresses that are no personal data */
    public PiiScanner(Set<String> harmlessAddresses) {
        this.harmlessAddresses = Set.copyOf(harmlessAddresses);
    }

    /** Each form as it counts in the guardrail hash. */
    static List<Map<String, Object>> described() {
        return FORMS.stream()
                .map(form -> Map.<String, Object>of(
                        "flags", String.valueOf(form.pattern().flags()),
                        "id", form.kind().label(),
                        "source", form.pattern().pattern()))
                .toList();
    }

    /** Everything found, in the order of the text; items do not overlap. */
    public List<Item> scan(String text) {
        String digits = asciiDigits(text);
        TreeMap<Integer, Item> found = new TreeMap<>();
        for (Form form : FORMS) {
            if (!mayMatch(form.kind(), digits)) {
                continue;
            }
            Matcher matcher = form.pattern().matcher(digits);
            for (int from = 0; from <= digits.length() && matcher.find(from); ) {
                int start = matcher.start(form.group());
                int end = matcher.end(form.group());
                Map.Entry<Integer, Item> before = found.lowerEntry(end);
                boolean free = before == null || before.getValue().end() <= start;
                if (free && accepted(form.kind(), digits, start, end)) {
                    found.put(start, new Item(form.kind(), start, end));
                }
                from = Math.max(end, matcher.start() + 1);
            }
        }
        return List.copyOf(found.values());
    }

    /** {@code PII detected: email, phone (2 items)}; null when there is none. */
    public @Nullable String refusal(String text) {
        List<Item> items = scan(text);
        if (items.isEmpty()) {
            return null;
        }
        TreeSet<String> kinds = new TreeSet<>();
        items.forEach(item -> kinds.add(item.kind().label()));
        return "PII detected: %s (%d items)".formatted(String.join(", ", kinds), items.size());
    }

    /** The text with each item as {@code [EMAIL]}, {@code [PHONE]} and so on. */
    public String redact(String text) {
        StringBuilder redacted = new StringBuilder(text.length());
        int from = 0;
        for (Item item : scan(text)) {
            redacted.append(text, from, item.start())
                    .append('[')
                    .append(item.kind())
                    .append(']');
            from = item.end();
        }
        return redacted.append(text, from, text.length()).toString();
    }

    private boolean accepted(Kind kind, String text, int start, int end) {
        return switch (kind) {
            case EMAIL, PHONE -> true;
            case SSN -> isSocialSecurityNumber(text.substring(start, end));
            case CREDIT_CARD -> Luhn.holds(text, start, end);
            case IP_ADDRESS -> isAddress(text.substring(start, end));
        };
    }

    /** Four numbers of 0 to 255, not all below 10 as in a version number. */
    private boolean isAddress(String text) {
        boolean version = true;
        for (String octet : text.split("\\.", -1)) {
            int value = Integer.parseInt(octet);
            if (value > 255 || (octet.length() > 1 && octet.charAt(0) == '0')) {
                return false;
            }
            version &= value < 10;
        }
        return !version && !harmlessAddresses.contains(text);
    }

    /** Area 000, 666 and 9xx, group 00 and serial 0000 are never given out. */
    private static boolean isSocialSecurityNumber(String text) {
        String area = text.substring(0, 3);
        return !area.equals("000")
                && !area.equals("666")
                && area.charAt(0) != '9'
                && !text.startsWith("00", 4)
                && !text.endsWith("0000");
    }

    private static boolean mayMatch(Kind kind, String text) {
        return switch (kind) {
            case EMAIL -> text.indexOf('@') >= 0;
            case SSN -> text.indexOf('-') >= 0;
            case CREDIT_CARD, PHONE -> true;
            case IP_ADDRESS -> text.indexOf('.') >= 0;
        };
    }

    /** Digits of other scripts as ASCII; of the same length. */
    private static String asciiDigits(String text) {
        StringBuilder ascii = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int digit = c < 0x80 ? -1 : Character.digit(c, 10);
            if (digit >= 0) {
                ascii = ascii == null ? new StringBuilder(text) : ascii;
                ascii.setCharAt(i, (char) ('0' + digit));
            }
        }
        return ascii == null ? text : ascii.toString();
    }
}
