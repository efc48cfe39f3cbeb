package dev.hart.gpu.catalogue;

/** How a model leaves the GPU for the machine's memory. */
public enum OffloadMethod implements WireName.Named {
    NONE("none"),
    /** Its weights are moved. */
    TORCH_TO_CPU("torch_to_cpu"),
    /** It is started anew on the processor. */
    RESTART_CPU("restart_cpu");

    private final String wireName;

    OffloadMethod(String wireName) {
        this.wireName = wireName;
    }

    /** As it stands in JSON. */
    @Override
    public String wireName() {
        return wireName;
    }

    /** @throws IllegalArgumentException for a name that is none of these */
    public static OffloadMethod parse(String name) {
        return WireName.parse("cpu_offload_method", values(), name);
    }
}
