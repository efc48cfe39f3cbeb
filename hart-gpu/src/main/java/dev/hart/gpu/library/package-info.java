/** The models of a runtime, from the catalogue to the engine: found, fetched, loaded when they are needed, removed. */
@NullMarked
package dev.hart.gpu.library;

import org.jspecify.annotations.NullMarked;
