/** Keeping recipes: the document, the store, matching a request, and learning from a run. */
@NullMarked
package dev.hart.core.recipe;

import org.jspecify.annotations.NullMarked;
