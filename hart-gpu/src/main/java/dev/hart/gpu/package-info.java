/** Compute devices and their memory. */
@NullMarked
package dev.hart.gpu;

import org.jspecify.annotations.NullMarked;
