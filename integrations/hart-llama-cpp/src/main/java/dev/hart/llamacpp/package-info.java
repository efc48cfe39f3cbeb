/** GGUF models by llama.cpp, each in a process of its own. */
@NullMarked
package dev.hart.llamacpp;

import org.jspecify.annotations.NullMarked;
