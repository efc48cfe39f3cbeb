/** ONNX models in this process, by DJL and ONNX Runtime. */
module dev.hart.djl {
    requires static transitive org.jspecify;
    requires transitive dev.hart.gpu;
    requires ai.djl.api;
    requires ai.djl.tokenizers;

    exports dev.hart.djl;

    provides dev.hart.gpu.runtime.ModelRuntime with
            dev.hart.djl.DjlRuntime;
}
