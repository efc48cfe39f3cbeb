/** ONNX models in this process, by DJL and ONNX Runtime. */
@NullMarked
package dev.hart.djl;

import org.jspecify.annotations.NullMarked;
