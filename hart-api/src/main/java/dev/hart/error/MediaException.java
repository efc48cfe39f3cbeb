package dev.hart.error;

import org.jspecify.annotations.Nullable;

/**
 * A video, sound or picture was not made, and there is no file of it. The code says why:
 *
 * <ul>
 *   <li>{@code TOOL_NOT_SET_UP}: no tool for that kind is bound
 *   <li>{@code NO_TOOL_FITS}: those that are bound do not fit what this machine has now
 *   <li>{@code BUSY}: as many jobs as may go on at a time do
 *   <li>{@code OUT_OF_MEMORY}: the tool ran out of memory while it made it
 *   <li>{@code TOOL_FAILED}: the tool failed, ended, or answered what cannot be
 *   <li>{@code DEADLINE}: it took longer than it may
 *   <li>{@code CANCELLED}: somebody cancelled it, or the agent was closed
 *   <li>{@code DISK_FULL}: it would leave too little of the disk free
 *   <li>{@code NOT_STORED}: its file could not be written
 * </ul>
 */
public final class MediaException extends HartException {
    private static final long serialVersionUID = 1;

    public MediaException(String code, String message, @Nullable Throwable cause) {
        super(code, message, cause);
    }

    public MediaException(String code, String message) {
        this(code, message, null);
    }
}
