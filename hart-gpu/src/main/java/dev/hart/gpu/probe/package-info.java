/** How each vendor's devices are found and read: native libraries, commands, files of the system. */
@NullMarked
package dev.hart.gpu.probe;

import org.jspecify.annotations.NullMarked;
