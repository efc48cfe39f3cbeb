/** GGUF models by llama.cpp, each in a process of its own. */
module dev.hart.llamacpp {
    requires static transitive org.jspecify;
    requires transitive dev.hart.gpu;
    requires llama;
    requires org.slf4j;

    exports dev.hart.llamacpp;

    provides dev.hart.gpu.runtime.ModelRuntime with
            dev.hart.llamacpp.LlamaCppRuntime;
    provides dev.hart.spi.LanguageModelProvider with
            dev.hart.llamacpp.LlamaCppModelProvider;
}
