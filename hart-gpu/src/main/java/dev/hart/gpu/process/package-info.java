/** What the operating system knows of processes and Java does not. */
@NullMarked
package dev.hart.gpu.process;

import org.jspecify.annotations.NullMarked;
