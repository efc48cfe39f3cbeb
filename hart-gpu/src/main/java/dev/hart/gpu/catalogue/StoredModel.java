package dev.hart.gpu.catalogue;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/**
 * A model whose files are on this machine.
 *
 * @param sourceUrl where they came from, without a query
 * @param sizeBytes of all files
 * @param folder that they are in; nothing else is
 * @param sha256 of each file, by its path below the folder, with {@code /}, in lower case hexadecimal
 */
public record StoredModel(
        String id, String sourceUrl, long sizeBytes, Instant downloadedAt, Path folder, Map<String, String> sha256) {
    public StoredModel {
        sha256 = Map.copyOf(sha256);
    }

    /**
     * The path of one of its files.
     *
     * @param file as in {@link ModelEntry#files}
     * @throws IllegalArgumentException when it has no such file
     */
    public Path file(String file) {
        if (!sha256.containsKey(file)) {
            throw new IllegalArgumentException("model '%s' has no file '%s', but %s"
                    .formatted(id, SafeNames.shown(file), new java.util.TreeSet<>(sha256.keySet())));
        }
        return folder.resolve(file);
    }
}
