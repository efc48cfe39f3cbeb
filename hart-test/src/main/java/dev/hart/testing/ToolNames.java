package dev.hart.testing;

/** A tool's name, or the beginning of the names of several, with {@code *} behind it. */
record ToolNames(String pattern) {
    static ToolNames of(String pattern) {
        int star = pattern.indexOf('*');
        if (pattern.isBlank() || (star >= 0 && star < pattern.length() - 1)) {
            throw new IllegalArgumentException(
                    "a tool is named as in bank.pay, several as in bank.* or *, but was '" + pattern + "'");
        }
        return new ToolNames(pattern);
    }

    boolean fits(String name) {
        return pattern.endsWith("*")
                ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                : name.equals(pattern);
    }
}
