/** GGUF models in this process, by llama.cpp. */
@NullMarked
package dev.hart.llamacpp;

import org.jspecify.annotations.NullMarked;
