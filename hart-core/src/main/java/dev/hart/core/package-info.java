/** Recipe pipeline, planner and run engine. */
@NullMarked
package dev.hart.core;

import org.jspecify.annotations.NullMarked;
