package dev.hart.server;

/** Which HART this is. */
public final class Version {
    private Version() {}

    /** The version from the jar's manifest, or {@code development} when it runs from class files. */
    public static String current() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
