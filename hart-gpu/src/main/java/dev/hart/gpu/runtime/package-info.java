/**
 * Engines that run models in this process or in one of their own, each an optional module that
 * {@link dev.hart.gpu.runtime.ModelRuntime#installed()} finds, and what a model of each kind can do.
 */
@NullMarked
package dev.hart.gpu.runtime;

import org.jspecify.annotations.NullMarked;
