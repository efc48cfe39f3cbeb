package dev.hart.security;

/**
 * A rule that matched at a place.
 *
 * @param weight 0 to 100
 * @param start in chars; which text it counts in, its maker says
 */
record Evidence(String rule, int weight, int start, int end) {}
