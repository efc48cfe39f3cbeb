/** The node's audit log in the ledger. */
@NullMarked
package dev.hart.core.audit;

import org.jspecify.annotations.NullMarked;
