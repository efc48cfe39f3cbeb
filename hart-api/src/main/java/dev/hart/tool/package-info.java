/** Tools: the typed functions that runs call, and the effect each one declares. */
@NullMarked
package dev.hart.tool;

import org.jspecify.annotations.NullMarked;
