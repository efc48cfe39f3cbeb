package dev.hart.security.trust;

/** What an envelope is for. The type is among the signed bytes, so no signature can be used in another role. */
public enum PayloadType {
    COMMAND("command"),
    RELEASE("release"),
    CHALLENGE("challenge"),
    ATTESTATION("attestation"),
    REWARD("reward"),
    TASK("task"),
    DELTA("delta"),
    AUDIT_HEAD("audit-head"),
    NODE_RECORD("node-record"),
    SUSPICION("suspicion"),
    NODE_REQUEST("node-request"),
    OPERATOR("operator");

    private final String mediaType;

    PayloadType(String name) {
        this.mediaType = "application/vnd.hart." + name + "+json";
    }

    /** Such as {@code application/vnd.hart.command+json}. */
    public String mediaType() {
        return mediaType;
    }

    static PayloadType of(String mediaType) throws MalformedException {
        for (PayloadType type : values()) {
            if (type.mediaType.equals(mediaType)) {
                return type;
            }
        }
        throw new MalformedException("its payload type is none that HART knows");
    }
}
