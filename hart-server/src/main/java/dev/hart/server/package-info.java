/** Reference routes, web console, standalone jar and its command line. */
@NullMarked
package dev.hart.server;

import org.jspecify.annotations.NullMarked;
