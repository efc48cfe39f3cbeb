/** Doing things when they are due. Not exported. */
@NullMarked
package dev.hart.gpu.time;

import org.jspecify.annotations.NullMarked;
