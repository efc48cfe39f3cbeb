/** JSON as plain Java values, and JSON Schema of Java types. */
@NullMarked
package dev.hart.json;

import org.jspecify.annotations.NullMarked;
