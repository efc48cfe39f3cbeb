package dev.hart.gpu.catalogue;

import java.util.OptionalLong;

/**
 * How far a download is.
 *
 * @param receivedBytes of all its files, what was here from an earlier try included
 * @param totalBytes empty as long as the source of any of them has not said
 */
public record DownloadProgress(long receivedBytes, OptionalLong totalBytes) {}
