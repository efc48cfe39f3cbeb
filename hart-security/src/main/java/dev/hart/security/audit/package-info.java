/** The node's audit log: a chain of hashes over everything that matters for security, its signed heads and its check. */
@NullMarked
package dev.hart.security.audit;

import org.jspecify.annotations.NullMarked;
