/** The command line {@code hart}. */
@NullMarked
package dev.hart.server.cli;

import org.jspecify.annotations.NullMarked;
