/** Calling a language model: retries, counting, and reading what it answers. */
@NullMarked
package dev.hart.core.model;

import org.jspecify.annotations.NullMarked;
