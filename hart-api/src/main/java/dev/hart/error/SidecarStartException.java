package dev.hart.error;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A process that serves a model did not become ready, and is gone; code {@code SIDECAR_START}. */
public final class SidecarStartException extends GpuException {
    private static final long serialVersionUID = 1;
    private final boolean ended;
    private final int code;
    private final String output;

    /**
     * @param exitCode empty when it was still running and had to be ended
     * @param output the last it wrote, without secrets
     */
    public SidecarStartException(String message, OptionalInt exitCode, String output, @Nullable Throwable cause) {
        super("SIDECAR_START", message, cause);
        this.ended = exitCode.isPresent();
        this.code = exitCode.orElse(0);
        this.output = output;
    }

    /** Empty when it was still running and had to be ended. */
    public OptionalInt exitCode() {
        return ended ? OptionalInt.of(code) : OptionalInt.empty();
    }

    /** The last 64 KiB that it wrote to standard output and standard error, without secrets. */
    public String output() {
        return output;
    }
}
