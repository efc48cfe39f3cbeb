package dev.hart.llamacpp;

import dev.hart.error.GpuException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a GGUF file says about itself, as far as it matters here. Read before llama.cpp gets the file, so that what is wrong can be
 * told; its own answer to anything is "could not load".
 */
final class GgufHeader {
    private static final int MAGIC = 0x46554747;
    private static final int MOST_ENTRIES = 100_000;
    private static final long MOST_ELEMENTS = 100_000_000;
    private static final int LONGEST_TEXT = 1 << 24;

    private static final int UINT32 = 4;
    private static final int STRING = 8;
    private static final int ARRAY = 9;
    /** Bytes of a value, by its type; 0 for those with a length of their own. */
    private static final int[] WIDTHS = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

    private final Map<String, Object> values = new HashMap<>();

    private GgufHeader() {}

    /** @throws GpuException {@code MODEL_UNREADABLE} when the file is no GGUF of version 2 or 3, or ends too soon */
    static GgufHeader read(Path file) {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
            int magic = int32(in);
            if (magic != MAGIC) {
                throw unreadable(
                        file, "it begins with 0x%08x and not with GGUF".formatted(Integer.reverseBytes(magic)));
            }
            int version = int32(in);
            if (version < 2 || version > 3) {
                throw unreadable(file, "it is GGUF of version %d, and 2 and 3 can be read".formatted(version));
            }
            int64(in);
            long entries = int64(in);
            if (entries < 0 || entries > MOST_ENTRIES) {
                throw unreadable(file, "it claims to have %d entries".formatted(entries));
            }
            GgufHeader header = new GgufHeader();
            for (long i = 0; i < entries; i++) {
                String key = text(in, file);
                header.keep(key, int32(in), in, file);
            }
            return header;
        } catch (EOFException e) {
            throw unreadable(file, "it ends within its header");
        } catch (IOException e) {
            throw new GpuException("MODEL_UNREADABLE", "model file %s cannot be read: %s".formatted(file, e), e);
        }
    }

    Optional<String> name() {
        return value("general.name", String.class).filter(name -> !name.isBlank());
    }

    /** For how many tokens the model was trained. */
    OptionalInt contextTokens() {
        int tokens = value("general.architecture", String.class)
                .flatMap(architecture -> value(architecture + ".context_length", Integer.class))
                .orElse(0);
        return tokens > 0 ? OptionalInt.of(tokens) : OptionalInt.empty();
    }

    private <T> Optional<T> value(String key, Class<T> type) {
        Object value = values.get(key);
        return type.isInstance(value) ? Optional.of(type.cast(value)) : Optional.empty();
    }

    private void keep(String key, int type, DataInputStream in, Path file) throws IOException {
        if (type == STRING) {
            values.put(key, text(in, file));
        } else if (type == UINT32) {
            values.put(key, int32(in));
        } else if (type == ARRAY) {
            int elementType = int32(in);
            long length = int64(in);
            if (length < 0 || length > MOST_ELEMENTS || elementType == ARRAY) {
                throw unreadable(file, "its entry %s has %d elements of type %d".formatted(key, length, elementType));
            }
            for (long i = 0; elementType == STRING && i < length; i++) {
                text(in, file);
            }
            skip(in, width(elementType, key, file) * length);
        } else {
            skip(in, width(type, key, file));
        }
    }

    private static int width(int type, String key, Path file) {
        if (type < 0 || type >= WIDTHS.length) {
            throw unreadable(file, "its entry %s is of the unknown type %d".formatted(key, type));
        }
        return WIDTHS[type];
    }

    private static String text(DataInputStream in, Path file) throws IOException {
        long length = int64(in);
        if (length < 0 || length > LONGEST_TEXT) {
            throw unreadable(file, "it has a text of %d bytes".formatted(length));
        }
        byte[] bytes = in.readNBytes((int) length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void skip(DataInputStream in, long bytes) throws IOException {
        in.skipNBytes(bytes);
    }

    private static int int32(DataInputStream in) throws IOException {
        return Integer.reverseBytes(in.readInt());
    }

    private static long int64(DataInputStream in) throws IOException {
        return Long.reverseBytes(in.readLong());
    }

    private static GpuException unreadable(Path file, String why) {
        return new GpuException(
                "MODEL_UNREADABLE",
                "%s is no model that llama.cpp can read: %s; download it again, or give the path of a GGUF file"
                        .formatted(file, why));
    }
}
