/** JSON values checked against JSON Schema. */
@NullMarked
package dev.hart.core.json;

import org.jspecify.annotations.NullMarked;
