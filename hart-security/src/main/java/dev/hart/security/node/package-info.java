/** The node itself: whether its long-running tasks still live, and what its hardware may run. */
@NullMarked
package dev.hart.security.node;

import org.jspecify.annotations.NullMarked;
