package dev.hart.gpu.catalogue;

/** What runs a model. */
public enum ModelBackend implements WireName.Named {
    LLAMA_CPP("llama.cpp"),
    TORCH("torch"),
    ONNX("onnx"),
    PIPER("piper"),
    /** A service elsewhere: the model takes no memory here. */
    API("api"),
    /** A process of its own. */
    SIDECAR("sidecar"),
    IN_PROCESS("in_process"),
    DJL("djl");

    private final String wireName;

    ModelBackend(String wireName) {
        this.wireName = wireName;
    }

    /** As it stands in JSON. */
    @Override
    public String wireName() {
        return wireName;
    }

    /** @throws IllegalArgumentException for a name that is none of these */
    public static ModelBackend parse(String name) {
        return WireName.parse("backend", values(), name);
    }
}
