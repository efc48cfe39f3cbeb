/** One door to the database: pool, dialect, migrations, durable writes. */
@NullMarked
package dev.hart.store;

import org.jspecify.annotations.NullMarked;
