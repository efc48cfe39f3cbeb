/** Tools that come with HART: files, CSV, SQL, HTTP. */
@NullMarked
package dev.hart.tools;

import org.jspecify.annotations.NullMarked;
