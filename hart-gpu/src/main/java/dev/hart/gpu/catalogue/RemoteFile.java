package dev.hart.gpu.catalogue;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A file that a repository offers.
 *
 * @param path in the repository
 * @param sizeBytes empty when the repository does not say
 * @param sha256 in lower case hexadecimal; empty when the repository does not say
 */
public record RemoteFile(String repoId, String path, OptionalLong sizeBytes, Optional<String> sha256) {}
