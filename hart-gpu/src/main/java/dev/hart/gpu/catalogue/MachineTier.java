package dev.hart.gpu.catalogue;

/** How much a machine can do, least first. Who knows the machine says which it is. */
public enum MachineTier implements WireName.Named {
    EMBEDDED("embedded"),
    OBSERVER("observer"),
    LITE("lite"),
    STANDARD("standard"),
    FULL("full"),
    COMPUTE_HOST("compute_host");

    private final String wireName;

    MachineTier(String wireName) {
        this.wireName = wireName;
    }

    /** As it stands in JSON. */
    @Override
    public String wireName() {
        return wireName;
    }

    /** @throws IllegalArgumentException for a name that is none of these */
    public static MachineTier parse(String name) {
        return WireName.parse("min_capability_tier", values(), name);
    }
}
