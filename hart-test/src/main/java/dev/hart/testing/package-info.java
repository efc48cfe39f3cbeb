/** JUnit harness for agents: a fake clock, scripted models, record and replay, assertions on runs. */
@NullMarked
package dev.hart.testing;

import org.jspecify.annotations.NullMarked;
