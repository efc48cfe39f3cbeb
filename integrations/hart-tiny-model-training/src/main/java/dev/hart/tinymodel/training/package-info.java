/** How the tiny model is made: texts, vocabulary, training, file. */
@NullMarked
package dev.hart.tinymodel.training;

import org.jspecify.annotations.NullMarked;
