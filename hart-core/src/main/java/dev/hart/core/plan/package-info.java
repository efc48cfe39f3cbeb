/** Planning: from a request and the registered tools to a draft of actions. */
@NullMarked
package dev.hart.core.plan;

import org.jspecify.annotations.NullMarked;
