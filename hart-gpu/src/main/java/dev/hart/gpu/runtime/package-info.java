/**
 * Engines that run models in this process, each an optional module that {@link dev.hart.gpu.runtime.ModelRuntime#installed()}
 * finds, and what a model of each kind can do.
 */
@NullMarked
package dev.hart.gpu.runtime;

import org.jspecify.annotations.NullMarked;
