/** Measurements and side-by-side comparisons. */
@NullMarked
package dev.hart.bench;

import org.jspecify.annotations.NullMarked;
