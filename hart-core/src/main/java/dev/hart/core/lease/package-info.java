/** Leases on device memory in the ledger. */
@NullMarked
package dev.hart.core.lease;

import org.jspecify.annotations.NullMarked;
