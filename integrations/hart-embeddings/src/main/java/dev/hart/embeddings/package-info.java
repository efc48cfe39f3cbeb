/** Sentence vectors in the process, without a network. */
@NullMarked
package dev.hart.embeddings;

import org.jspecify.annotations.NullMarked;
