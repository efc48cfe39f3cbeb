/** A text model of 2 MB that this project made, for tests and demonstrations. */
@NullMarked
package dev.hart.tinymodel;

import org.jspecify.annotations.NullMarked;
