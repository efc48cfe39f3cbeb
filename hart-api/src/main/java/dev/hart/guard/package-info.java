/** Guardrails: what is checked, where, and what a check answers. */
@NullMarked
package dev.hart.guard;

import org.jspecify.annotations.NullMarked;
