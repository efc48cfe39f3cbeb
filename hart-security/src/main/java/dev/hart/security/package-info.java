/** Guardrails, prompt guard, redaction of secrets. */
@NullMarked
package dev.hart.security;

import org.jspecify.annotations.NullMarked;
