/** Any LangChain4j model as a model of HART. */
@NullMarked
package dev.hart.langchain4j;

import org.jspecify.annotations.NullMarked;
