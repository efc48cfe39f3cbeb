/** Models: which there are, where their files are, how they get here, and which one to take. */
@NullMarked
package dev.hart.gpu.catalogue;

import org.jspecify.annotations.NullMarked;
