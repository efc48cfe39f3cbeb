/**
 * Signing as a trust anchor or an issuer: a command line beside HART, which no part of the runtime depends on. Keys stay in
 * their files and are never shown or logged.
 */
@NullMarked
package dev.hart.signing;

import org.jspecify.annotations.NullMarked;
