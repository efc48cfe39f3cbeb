/** Spoken commands and a voice in this process, by Sphinx-4 and FreeTTS. */
module dev.hart.speech {
    requires static transitive org.jspecify;
    requires transitive dev.hart.gpu;
    requires freetts;
    requires java.desktop;
    requires java.logging;
    requires sphinx4.core;

    exports dev.hart.speech;

    provides dev.hart.gpu.catalogue.CatalogueProvider with
            dev.hart.speech.SpeechModels;
    provides dev.hart.gpu.runtime.ModelRuntime with
            dev.hart.speech.SphinxRuntime,
            dev.hart.speech.FreeTtsRuntime;
}
