package dev.hart.tools;

import java.util.List;

/** Values from outside, as error messages show them: on one line and not too long. */
final class Quoted {
    private static final int MAX_LENGTH = 80;

    private Quoted() {}

    static String shorten(String text) {
        String line = text.replaceAll("\\p{Cntrl}", " ");
        return line.length() <= MAX_LENGTH ? line : line.substring(0, MAX_LENGTH) + "…";
    }

    static String list(List<String> names, int limit) {
        List<String> shown = names.stream().limit(limit).map(Quoted::shorten).toList();
        String more = names.size() > limit ? " and %d more".formatted(names.size() - limit) : "";
        return String.join(", ", shown) + more;
    }
}
