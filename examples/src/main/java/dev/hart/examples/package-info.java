/** Programs to run and read. */
@NullMarked
package dev.hart.examples;

import org.jspecify.annotations.NullMarked;
