package dev.hart.error;

import org.jspecify.annotations.Nullable;

/**
 * No lease on device memory was given, or the one that was is over, or a model could not be loaded under it. The code says why:
 *
 * <ul>
 *   <li>{@code CAN_NEVER_FIT}: no device of this machine is large enough
 *   <li>{@code NOT_NOW}: it would have to wait
 *   <li>{@code LEASE_TIMEOUT}: it waited as long as it may
 *   <li>{@code UNKNOWN_REQUIREMENT}: nobody has said how much memory it needs
 *   <li>{@code GPU_LEASE_STALE}: the lease has ended, or its fencing token is an older one's
 *   <li>{@code MODEL_LOAD}: the model's loader failed; the cause says how
 *   <li>{@code MODEL_FAILED}: the model has crashed too often and is not started again by itself
 *   <li>{@code MODEL_UNREADABLE}: its file is missing, cut off or of another format
 *   <li>{@code RUNTIME_UNAVAILABLE}: the engine is not installed, or cannot run here or on that device
 *   <li>{@code SIDECAR_START}: see {@link SidecarStartException}
 * </ul>
 */
public sealed class GpuException extends HartException permits SidecarStartException {
    private static final long serialVersionUID = 1;

    public GpuException(String code, String message, @Nullable Throwable cause) {
        super(code, message, cause);
    }

    public GpuException(String code, String message) {
        this(code, message, null);
    }
}
