package dev.hart.gpu;

/** Checks of arguments; each throws an IllegalArgumentException that names the field and the value. */
final class Sizes {
    static final long GIB = 1L << 30;
    private static final int MAX_NAME = 255;

    private Sizes() {}

    static long requirePositive(String field, long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException(field + " must be more than 0, was " + bytes);
        }
        return bytes;
    }

    static String requireName(String field, String name) {
        if (name.isEmpty() || name.length() > MAX_NAME || !name.matches("[A-Za-z0-9._:~-]+")) {
            throw new IllegalArgumentException(
                    field + " must be 1 to 255 of letters, digits, . _ : ~ -, was '" + name + "'");
        }
        return name;
    }

    /** Half GiB and the like, without rounding surprises in tables. */
    static long gib(double gib) {
        return Math.round(gib * GIB);
    }

    /** For people: with two decimals. */
    static String text(long bytes) {
        return String.format(java.util.Locale.ROOT, "%.2f GiB", bytes / (double) GIB);
    }
}
