/** Running a recipe: the life of an action, the durable journal, and the engine between them. */
@NullMarked
package dev.hart.core.run;

import org.jspecify.annotations.NullMarked;
