/** Tasks, their states and claims, and the hash-chained history. */
@NullMarked
package dev.hart.ledger;

import org.jspecify.annotations.NullMarked;
