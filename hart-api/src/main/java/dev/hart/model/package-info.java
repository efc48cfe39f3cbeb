/** Language models as HART sees them: messages in, text or tool calls and token counts out. */
@NullMarked
package dev.hart.model;

import org.jspecify.annotations.NullMarked;
