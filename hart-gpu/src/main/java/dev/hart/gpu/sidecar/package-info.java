/** Models that run in processes of their own. */
@NullMarked
package dev.hart.gpu.sidecar;

import org.jspecify.annotations.NullMarked;
