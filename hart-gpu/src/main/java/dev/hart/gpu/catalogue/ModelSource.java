package dev.hart.gpu.catalogue;

/** Where the files of a model come from. */
public enum ModelSource implements WireName.Named {
    HUGGINGFACE("huggingface"),
    /** Fetched by Ollama itself. */
    OLLAMA("ollama"),
    /** The assets of a release. */
    GITHUB("github"),
    /** Fetched by pip itself. */
    PIP("pip"),
    /** There is nothing to fetch. */
    API("api"),
    /** A file or folder of this machine. */
    LOCAL("local"),
    CUSTOM_URL("custom_url"),
    /** Resources of a Maven artifact that is on the class path. */
    MAVEN("maven"),
    /** Resources of the class path. */
    CLASSPATH("classpath");

    private final String wireName;

    ModelSource(String wireName) {
        this.wireName = wireName;
    }

    /** As it stands in JSON. */
    @Override
    public String wireName() {
        return wireName;
    }

    /** @throws IllegalArgumentException for a name that is none of these */
    public static ModelSource parse(String name) {
        return WireName.parse("source", values(), name);
    }
}
