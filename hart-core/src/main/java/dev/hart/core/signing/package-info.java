/** The key that evidence and bundles of recipes are signed with. */
@NullMarked
package dev.hart.core.signing;

import org.jspecify.annotations.NullMarked;
