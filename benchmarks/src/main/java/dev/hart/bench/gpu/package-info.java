/** Leases on device memory. */
@NullMarked
package dev.hart.bench.gpu;

import org.jspecify.annotations.NullMarked;
