package dev.hart.security.node;

import java.util.Locale;

/** One measure of the hardware: known, or unknown and why. */
public sealed interface Figure {

    /**
     * A figure that was read.
     *
     * @param value in the unit of its place; 0 or more
     * @param source where it was read, in a few words
     */
    record Known(double value, String source) implements Figure {
        public Known {
            if (!(value >= 0) || Double.isInfinite(value)) {
                throw new IllegalArgumentException("a figure is 0 or more, was " + value);
            }
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f" : "%.1f", value) + " (" + source + ")";
        }
    }

    /**
     * A figure that could not be read.
     *
     * @param reason a sentence
     */
    record Unknown(String reason) implements Figure {
        @Override
        public String toString() {
            return "unknown (" + reason + ")";
        }
    }

    /** Whether it is at least that much, as far as is known: what is unknown speaks against nothing. */
    default boolean mayReach(double least) {
        return !(this instanceof Known known) || known.value() >= least;
    }
}
