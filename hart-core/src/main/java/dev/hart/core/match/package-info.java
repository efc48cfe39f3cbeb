/** Which of many recipes a request asks for, learned from a few example requests of each, and where its inputs stand in it. */
@NullMarked
package dev.hart.core.match;

import org.jspecify.annotations.NullMarked;
