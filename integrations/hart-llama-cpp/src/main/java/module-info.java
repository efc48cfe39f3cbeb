/** GGUF models in this process, by llama.cpp. */
module dev.hart.llamacpp {
    requires static transitive org.jspecify;
    requires transitive dev.hart.gpu;
    requires com.sun.jna;
    requires llama;

    exports dev.hart.llamacpp;

    provides dev.hart.gpu.runtime.ModelRuntime with
            dev.hart.llamacpp.LlamaCppRuntime;
    provides dev.hart.spi.LanguageModelProvider with
            dev.hart.llamacpp.LlamaCppModelProvider;
}
