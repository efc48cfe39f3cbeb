/** Models under leases: loading, using, giving way, crashing and coming back. */
@NullMarked
package dev.hart.gpu.model;

import org.jspecify.annotations.NullMarked;
