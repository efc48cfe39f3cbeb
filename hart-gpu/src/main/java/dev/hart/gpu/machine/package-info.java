/** The machine as a whole: how much of it HART may use besides its user, how it is, and what would relieve it. */
@NullMarked
package dev.hart.gpu.machine;

import org.jspecify.annotations.NullMarked;
