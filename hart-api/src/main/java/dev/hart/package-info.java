/** The front door: {@link dev.hart.Hart}, its runs and what they report. */
@NullMarked
package dev.hart;

import org.jspecify.annotations.NullMarked;
