package dev.hart.error;

import org.jspecify.annotations.Nullable;

/**
 * The files of a model could not be had, or not be trusted. The code says why:
 *
 * <ul>
 *   <li>{@code MODEL_NOT_FOUND}: its source has no such files
 *   <li>{@code NOT_DOWNLOADABLE}: HART does not fetch it; the message says who does
 *   <li>{@code DOWNLOAD_REFUSED}: its source wants to know who asks
 *   <li>{@code DOWNLOAD_FAILED}: the way to it broke, more often than is tried; to try again goes on where it stopped
 *   <li>{@code DOWNLOAD_CANCELLED}: nobody waits for it any more
 *   <li>{@code DISK_FULL}: too little disk would be left
 *   <li>{@code FILE_REFUSED}: what came is not what was asked for, or could do harm; it has been removed
 *   <li>{@code MODEL_BUSY}: somebody else is fetching or removing it now
 * </ul>
 */
public final class ModelFileException extends HartException {
    private static final long serialVersionUID = 1;

    public ModelFileException(String code, String message, @Nullable Throwable cause) {
        super(code, message, cause);
    }

    public ModelFileException(String code, String message) {
        this(code, message, null);
    }
}
