/** The ledger beside the same rows written by hand, and beside systems that do the same work. */
@NullMarked
package dev.hart.bench.ledger;

import org.jspecify.annotations.NullMarked;
