/**
 * The constitution and what follows from it: values that nothing can change, and the arithmetic over them. Everything
 * here is pure or guarded by its own lock, takes its clock from outside, and opens no file and no connection.
 */
@NullMarked
package dev.hart.security.rules;

import org.jspecify.annotations.NullMarked;
