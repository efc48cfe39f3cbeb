/** JUnit harness for agents: scripted models, record and replay, fault injection, assertions. */
@NullMarked
package dev.hart.testing;

import org.jspecify.annotations.NullMarked;
