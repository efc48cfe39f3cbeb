/** Everything HART throws: one sealed family with stable codes. */
@NullMarked
package dev.hart.error;

import org.jspecify.annotations.NullMarked;
