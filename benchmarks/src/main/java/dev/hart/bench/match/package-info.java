/** How well requests are matched to recipes, and how fast. */
@NullMarked
package dev.hart.bench.match;

import org.jspecify.annotations.NullMarked;
