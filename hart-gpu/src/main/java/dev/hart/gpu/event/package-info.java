/** Telling listeners what happens. */
@NullMarked
package dev.hart.gpu.event;

import org.jspecify.annotations.NullMarked;
