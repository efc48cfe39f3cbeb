/** Where other modules plug in; found by {@link java.util.ServiceLoader}. */
@NullMarked
package dev.hart.spi;

import org.jspecify.annotations.NullMarked;
