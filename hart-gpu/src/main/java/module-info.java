/** Compute devices and their memory: which there are, how much of each is free, leases on it, and models that fit it. */
module dev.hart.gpu {
    requires static transitive org.jspecify;
    requires transitive dev.hart.api;
    requires com.fasterxml.jackson.databind;
    requires com.github.oshi;
    requires com.sun.jna;
    requires java.management;
    requires transitive java.net.http;
    requires jdk.management;
    requires org.apache.commons.compress;
    requires org.slf4j;

    exports dev.hart.gpu;
    exports dev.hart.gpu.catalogue;
    exports dev.hart.gpu.library;
    exports dev.hart.gpu.machine;
    exports dev.hart.gpu.media;
    exports dev.hart.gpu.model;
    exports dev.hart.gpu.process to
            dev.hart.llamacpp;
    exports dev.hart.gpu.sidecar;
    exports dev.hart.gpu.runtime;

    uses dev.hart.gpu.catalogue.CatalogueProvider;
    uses dev.hart.gpu.runtime.ModelRuntime;

    provides dev.hart.spi.RuntimePart with
            dev.hart.gpu.GpusPart,
            dev.hart.gpu.library.ModelLibraryPart,
            dev.hart.gpu.machine.GovernorPart,
            dev.hart.gpu.machine.SystemHealthPart,
            dev.hart.gpu.media.MediaAgentPart,
            dev.hart.gpu.model.ModelsPart,
            dev.hart.gpu.sidecar.SidecarsPart;
    provides dev.hart.spi.DeviceFacts with
            dev.hart.gpu.DeviceMemoryFacts;

    // Records that the report prints.
    opens dev.hart.gpu to
            com.fasterxml.jackson.databind;
}
