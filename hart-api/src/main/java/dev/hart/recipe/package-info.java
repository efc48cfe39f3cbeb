/** Recipes: what a run learned, as an immutable document. */
@NullMarked
package dev.hart.recipe;

import org.jspecify.annotations.NullMarked;
