/** How what is signed or hashed is written. */
@NullMarked
package dev.hart.security.canonical;

import org.jspecify.annotations.NullMarked;
