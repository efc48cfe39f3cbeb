/** Video, speech and other media, made by tools in processes of their own. */
@NullMarked
package dev.hart.gpu.media;

import org.jspecify.annotations.NullMarked;
