/** What the guardrails miss, whom they stop by mistake, and how fast they read. */
@NullMarked
package dev.hart.bench.guard;

import org.jspecify.annotations.NullMarked;
