/** Spoken commands and a voice in this process, by Sphinx-4 and FreeTTS. */
@NullMarked
package dev.hart.speech;

import org.jspecify.annotations.NullMarked;
