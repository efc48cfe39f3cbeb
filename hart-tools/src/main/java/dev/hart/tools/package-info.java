/** Tools that come with HART: files, CSV, JSON, text, arithmetic, dates, HTTP, SQL. */
@NullMarked
package dev.hart.tools;

import org.jspecify.annotations.NullMarked;
