package dev.hart.model;

/** Tokens read and written, as the model's provider counts them. */
public record TokenCount(long in, long out) {
    public static final TokenCount ZERO = new TokenCount(0, 0);

    public TokenCount {
        if (in < 0 || out < 0) {
            throw new IllegalArgumentException("token counts are not negative, were " + in + " and " + out);
        }
    }

    public TokenCount plus(TokenCount other) {
        return new TokenCount(in + other.in, out + other.out);
    }

    public long total() {
        return in + out;
    }
}
