/** Sign-ins in the database. */
@NullMarked
package dev.hart.core.access;

import org.jspecify.annotations.NullMarked;
