/** Who may do what and how often: rate limits, tokens, passwords, secrets, and which addresses may be called. */
@NullMarked
package dev.hart.security.access;

import org.jspecify.annotations.NullMarked;
