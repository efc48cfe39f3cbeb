package dev.hart.security;

import dev.hart.guard.View;
import org.jspecify.annotations.Nullable;

/**
 * What a text, or a part of it, may really say.
 *
 * @param start of the part, in chars of the original
 * @param end behind its last char
 * @param origin for each char of the text its place in the original; null when only the whole part is known
 */
record Reading(View view, String text, int start, int end, int @Nullable [] origin) {

    /** Where a char of the text comes from. */
    int originalStart(int index) {
        return origin == null ? start : index < origin.length ? origin[index] : end;
    }

    /** Behind where the char before an index comes from. */
    int originalEnd(int index) {
        if (origin == null || index <= 0) {
            return end;
        }
        return index < origin.length && origin[index] > origin[index - 1] ? origin[index] : origin[index - 1] + 1;
    }
}
