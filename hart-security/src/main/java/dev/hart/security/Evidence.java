package dev.hart.security;

import dev.hart.guard.View;

/**
 * A rule that matched at a place.
 *
 * @param weight 0 to 100
 * @param start in chars; which text it counts in, its maker says
 * @param view the way of reading in which it matched
 */
record Evidence(String rule, int weight, int start, int end, View view) {
    Evidence(String rule, int weight, int start, int end) {
        this(rule, weight, start, end, View.TEXT);
    }
}
