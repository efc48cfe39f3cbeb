package dev.hart.gpu.catalogue;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Names that may become paths on any operating system. Each check throws an IllegalArgumentException that names field and value. */
final class SafeNames {
    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9._-]{0,127}");
    private static final Pattern REPOSITORY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*(?:[/:][A-Za-z0-9._-]+){0,2}");
    private static final int LONGEST_PATH = 1024;
    private static final int LONGEST_SEGMENT = 200;
    private static final Set<String> DEVICES = Set.of(
            "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1",
            "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9");

    private SafeNames() {}

    /** Lower case letters, digits and {@code . _ -}: also a folder, where case may not count. */
    static String requireId(String id) {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "id must be 1 to 128 of lower case letters, digits, . _ -, and begin with a letter or digit, was '"
                            + shown(id) + "'");
        }
        requireSegment("id", id, id);
        return id;
    }

    /** {@code owner/name}; for Maven {@code group:artifact:version}. */
    static String requireRepository(String field, String name) {
        if (name.length() > 255
                || name.contains("..")
                || !REPOSITORY.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "%s must be a name such as 'owner/name', of letters, digits, . _ -, without '..', was '%s'"
                            .formatted(field, shown(name)));
        }
        return name;
    }

    /** A path below a folder, with {@code /} between its parts. */
    static String requireRelativePath(String field, String path) {
        if (path.isEmpty() || path.length() > LONGEST_PATH) {
            throw new IllegalArgumentException(
                    "%s must be 1 to %d characters, was %d".formatted(field, LONGEST_PATH, path.length()));
        }
        for (String segment : path.split("/", -1)) {
            requireSegment(field, segment, path);
        }
        return path;
    }

    private static void requireSegment(String field, String segment, String path) {
        String stem = segment.contains(".") ? segment.substring(0, segment.indexOf('.')) : segment;
        String why = segment.isEmpty()
                ? "begins or ends with / or has an empty part"
                : segment.equals(".") || segment.equals("..")
                        ? "has a part '" + segment + "'"
                        : segment.length() > LONGEST_SEGMENT
                                ? "has a part of more than " + LONGEST_SEGMENT + " characters"
                                : segment.chars().anyMatch(c -> c < ' ' || c == 0x7f || "\\:*?\"<>|".indexOf(c) >= 0)
                                        ? "has a control character or one of \\ : * ? \" < > |"
                                        : segment.endsWith(".") || segment.endsWith(" ")
                                                ? "has a part that ends with a dot or a space"
                                                : DEVICES.contains(stem.toLowerCase(Locale.ROOT))
                                                        ? "has the name of a device of Windows"
                                                        : "";
        if (!why.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s must be a path below a folder, but '%s' %s".formatted(field, shown(path), why));
        }
    }

    /** For a message: without control characters, and not too long. */
    static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(120).forEach(c -> {
            if (Character.isISOControl(c)) {
                shown.append(String.format("\\u%04x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return text.length() > 120 ? shown + "…" : shown.toString();
    }
}
