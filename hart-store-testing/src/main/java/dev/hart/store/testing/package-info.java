/** A PostgreSQL server for tests. */
@NullMarked
package dev.hart.store.testing;

import org.jspecify.annotations.NullMarked;
