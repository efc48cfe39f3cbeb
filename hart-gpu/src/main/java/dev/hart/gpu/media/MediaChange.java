package dev.hart.gpu.media;

/**
 * Something about a result that is not as it was asked for.
 *
 * @param field what differs, such as {@code seconds} or {@code size}
 * @param asked as it was asked for
 * @param made as it is
 * @param reason a sentence
 */
public record MediaChange(String field, String asked, String made, String reason) {
    @Override
    public String toString() {
        return "%s: %s instead of %s; %s".formatted(field, made, asked, reason);
    }
}
