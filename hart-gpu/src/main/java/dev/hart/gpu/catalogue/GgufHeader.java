package dev.hart.gpu.catalogue;

import dev.hart.error.ModelFileException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a GGUF file says of itself: its kind, and key and value pairs.
 *
 * @param version of the format, 2 or 3
 * @param tensors how many it has
 * @param metadata by key, in the file's order: Boolean, Long (BigInteger when it does not fit), Double, String; a List of these for
 *     an array of up to 4096 numbers, a {@link LongArray} for any other
 */
public record GgufHeader(int version, long tensors, Map<String, Object> metadata) {
    private static final int CACHE_BYTES_PER_VALUE = 2;

    /** An array that is not kept: the vocabulary, as a rule. */
    public record LongArray(String elementType, long length) {}

    /**
     * Reads the head of a file.
     *
     * @throws ModelFileException FILE_REFUSED when it is no GGUF file, or a damaged one
     */
    public static GgufHeader read(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            return new GgufReader(in, String.valueOf(file.getFileName()), Files.size(file)).read();
        }
    }

    /**
     * Reads as much of a stream as the head takes; never more memory than 16 MiB, whatever the stream says of its lengths.
     *
     * @param name for messages
     * @throws ModelFileException FILE_REFUSED when it is no GGUF file, or a damaged one
     */
    public static GgufHeader read(InputStream in, String name) throws IOException {
        return new GgufReader(new BufferedInputStream(in, 1 << 16), name, Long.MAX_VALUE).read();
    }

    /** {@code llama}, {@code qwen3}; what the model's own keys begin with. */
    public Optional<String> architecture() {
        return metadata.get("general.architecture") instanceof String name ? Optional.of(name) : Optional.empty();
    }

    /** How many layers the model has. */
    public OptionalLong layers() {
        return number("block_count");
    }

    /** The longest context that it was made for, in tokens. */
    public OptionalLong contextLength() {
        return number("context_length");
    }

    /** Heads whose keys and values are kept; of models where it differs by layer, the most. */
    public OptionalLong keyValueHeads() {
        OptionalLong own = number("attention.head_count_kv");
        return own.isPresent() ? own : number("attention.head_count");
    }

    /** Values in the key of one head. */
    public OptionalLong headSize() {
        OptionalLong own = number("attention.key_length");
        if (own.isPresent()) {
            return own;
        }
        OptionalLong width = number("embedding_length");
        OptionalLong heads = number("attention.head_count");
        return width.isPresent() && heads.isPresent() && heads.getAsLong() > 0
                ? OptionalLong.of(width.getAsLong() / heads.getAsLong())
                : OptionalLong.empty();
    }

    /**
     * The memory that the context takes: 2 × layers × key-value heads × head size × context length × 2 bytes.
     *
     * @param contextLength in tokens, more than 0
     * @return empty when the file does not say enough, or more than a long can hold
     */
    public OptionalLong contextBytes(long contextLength) {
        if (contextLength <= 0) {
            throw new IllegalArgumentException("contextLength must be more than 0, was " + contextLength);
        }
        if (layers().isEmpty() || keyValueHeads().isEmpty() || headSize().isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            long values = Math.multiplyExact(
                    Math.multiplyExact(layers().getAsLong(), keyValueHeads().getAsLong()),
                    Math.multiplyExact(headSize().getAsLong(), contextLength));
            return OptionalLong.of(Math.multiplyExact(values, 2L * CACHE_BYTES_PER_VALUE));
        } catch (ArithmeticException e) {
            return OptionalLong.empty();
        }
    }

    /** The number of that key of the model's architecture, or the largest of its numbers. */
    private OptionalLong number(String key) {
        Object value =
                architecture().map(name -> metadata.get(name + "." + key)).orElse(null);
        if (value instanceof Long number && number >= 0) {
            return OptionalLong.of(number);
        }
        if (value instanceof List<?> numbers) {
            return numbers.stream()
                    .filter(Long.class::isInstance)
                    .mapToLong(Long.class::cast)
                    .filter(number -> number >= 0)
                    .max();
        }
        return OptionalLong.empty();
    }
}
