/** The registered tools, and calling them. */
@NullMarked
package dev.hart.core.tool;

import org.jspecify.annotations.NullMarked;
