package dev.hart.gpu.catalogue;

import java.net.URI;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One file to fetch.
 *
 * @param name for messages, and to know its kind by
 * @param size that it must have, in bytes, when that is known
 * @param sha256 that it must have, in lower case hexadecimal, when that is known
 */
record FileRequest(URI uri, String name, OptionalLong size, Optional<String> sha256) {}
