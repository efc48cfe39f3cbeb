/** How a new version of a recipe proves itself: what is stored about it, how results are compared, and what is decided. */
@NullMarked
package dev.hart.core.rollout;

import org.jspecify.annotations.NullMarked;
