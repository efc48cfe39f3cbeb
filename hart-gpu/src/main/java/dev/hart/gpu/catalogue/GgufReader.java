package dev.hart.gpu.catalogue;

import dev.hart.error.ModelFileException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the head of a GGUF file, version 2 or 3, little-endian. Every length in it may be a lie: no memory is taken for one before
 * it is within limits and within the file, and what is not kept is passed over without taking any. One thread's, once.
 */
final class GgufReader {
    private static final int MAGIC = 0x46554747; // "GGUF" read as a little-endian number
    private static final long MOST_PAIRS = 100_000;
    private static final int LONGEST_KEY = 65_535;
    private static final long MOST_KEPT = 16L << 20;
    private static final long LONGEST_HEAD = 512L << 20;
    private static final int MOST_KEPT_NUMBERS = 4096;
    private static final int DEEPEST = 4;

    private static final int STRING = 8;
    private static final int ARRAY = 9;
    private static final String[] TYPES = {
        "uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "bool", "string", "array", "uint64", "int64",
        "float64"
    };
    private static final int[] SIZES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

    private final InputStream in;
    private final String name;
    private final long length;
    private long position;
    private long kept;

    GgufReader(InputStream in, String name, long length) {
        this.in = in;
        this.name = name;
        this.length = Math.min(length, LONGEST_HEAD);
    }

    GgufHeader read() throws IOException {
        try {
            if (number(4) != MAGIC) {
                throw refused("does not begin with GGUF");
            }
            long version = number(4);
            if (version != 2 && version != 3) {
                boolean swapped = Integer.reverseBytes((int) version) == 3;
                throw refused(swapped ? "is big-endian" : "has version " + version + ", this HART reads 2 and 3");
            }
            long tensors = number(8);
            long pairs = number(8);
            if (tensors < 0 || pairs < 0 || pairs > MOST_PAIRS) {
                throw refused("says that it has %s tensors and %s pairs"
                        .formatted(Long.toUnsignedString(tensors), Long.toUnsignedString(pairs)));
            }
            Map<String, Object> metadata = new LinkedHashMap<>();
            for (long i = 0; i < pairs; i++) {
                String key = text(LONGEST_KEY);
                if (metadata.put(key, value(type(), 0)) != null) {
                    throw refused("has the key '%s' twice".formatted(SafeNames.shown(key)));
                }
            }
            return new GgufHeader((int) version, tensors, Collections.unmodifiableMap(metadata));
        } catch (EOFException e) {
            throw refused("ends within its head");
        }
    }

    private ModelFileException refused(String why) {
        return new ModelFileException(
                "FILE_REFUSED", "%s is no GGUF file that can be used: it %s (byte %d)".formatted(name, why, position));
    }

    private int type() throws IOException {
        long type = number(4);
        if (type < 0 || type >= TYPES.length) {
            throw refused("has a value of type " + Integer.toUnsignedString((int) type));
        }
        return (int) type;
    }

    private Object value(int type, int depth) throws IOException {
        if (type == STRING) {
            return text(MOST_KEPT);
        }
        return type == ARRAY ? array(depth) : scalar(type);
    }

    private Object scalar(int type) throws IOException {
        long bits = number(SIZES[type]);
        switch (TYPES[type]) {
            case "bool" -> {
                if (bits != 0 && bits != 1) {
                    throw refused("has a truth value " + bits);
                }
                return bits == 1;
            }
            case "float32" -> {
                return (double) Float.intBitsToFloat((int) bits);
            }
            case "float64" -> {
                return Double.longBitsToDouble(bits);
            }
            case "int8" -> {
                return (long) (byte) bits;
            }
            case "int16" -> {
                return (long) (short) bits;
            }
            case "int32" -> {
                return (long) (int) bits;
            }
            case "uint64" -> {
                return bits >= 0 ? (Object) bits : new BigInteger(Long.toUnsignedString(bits));
            }
            default -> {
                return bits;
            }
        }
    }

    private Object array(int depth) throws IOException {
        int type = type();
        long count = number(8);
        // Even the smallest element takes a byte, so a count beyond the file is a lie.
        if (count < 0 || count > length - position) {
            throw refused("has an array of " + Long.toUnsignedString(count) + " elements");
        }
        if (type != STRING && type != ARRAY && count <= MOST_KEPT_NUMBERS) {
            keep(count * Long.BYTES);
            List<Object> numbers = new ArrayList<>();
            for (long i = 0; i < count; i++) {
                numbers.add(scalar(type));
            }
            return Collections.unmodifiableList(numbers);
        }
        skipElements(type, count, depth);
        return new GgufHeader.LongArray(TYPES[type], count);
    }

    private void skipElements(int type, long count, int depth) throws IOException {
        if (type != STRING && type != ARRAY) {
            skip(count * SIZES[type]);
            return;
        }
        if (depth == DEEPEST) {
            throw refused("has arrays in arrays, more than " + DEEPEST + " deep");
        }
        for (long i = 0; i < count; i++) {
            if (type == STRING) {
                skip(number(8));
            } else {
                int inner = type();
                long innerCount = number(8);
                if (innerCount < 0 || innerCount > length - position) {
                    throw refused("has an array of " + Long.toUnsignedString(innerCount) + " elements");
                }
                skipElements(inner, innerCount, depth + 1);
            }
        }
    }

    private String text(long longest) throws IOException {
        long bytes = number(8);
        if (bytes < 0 || bytes > longest || bytes > length - position) {
            throw refused("has a text of " + Long.toUnsignedString(bytes) + " bytes");
        }
        keep(bytes);
        byte[] text = in.readNBytes((int) bytes);
        position += text.length;
        if (text.length < bytes) {
            throw new EOFException();
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(text))
                    .toString();
        } catch (CharacterCodingException e) {
            throw refused("has a text that is no UTF-8");
        }
    }

    private void keep(long bytes) {
        kept += bytes;
        if (kept > MOST_KEPT) {
            throw refused("says more than %d MiB of itself".formatted(MOST_KEPT >> 20));
        }
    }

    private void skip(long bytes) throws IOException {
        if (bytes < 0 || bytes > length - position) {
            throw refused("has a value of " + Long.toUnsignedString(bytes) + " bytes");
        }
        in.skipNBytes(bytes);
        position += bytes;
    }

    /** Little-endian, without sign unless it is 8 bytes long. */
    private long number(int bytes) throws IOException {
        if (bytes > length - position) {
            throw new EOFException();
        }
        long number = 0;
        for (int i = 0; i < bytes; i++) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException();
            }
            number |= (long) next << (8 * i);
        }
        position += bytes;
        return number;
    }
}
