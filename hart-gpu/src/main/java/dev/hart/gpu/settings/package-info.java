/** Settings that come from environment variables. */
@NullMarked
package dev.hart.gpu.settings;

import org.jspecify.annotations.NullMarked;
