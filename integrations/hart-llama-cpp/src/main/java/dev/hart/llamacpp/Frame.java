package dev.hart.llamacpp;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One message between HART and the process of a model: a mark, the length of what follows, kind, call, and then the numbers and the
 * texts, each with their count before them.
 *
 * @param call which call it belongs to; 0 for loading
 * @param numbers as its kind says
 * @param texts as its kind says
 */
record Frame(Kind kind, int call, List<Integer> numbers, List<String> texts) {
    /** A prompt is not longer. What is read is not trusted to be. */
    static final int MOST_BYTES = 16 << 20;

    /** Noise between frames is told by it. */
    private static final int MARK = 0x48415254;

    private static final Kind[] KINDS = Kind.values();

    /** What a frame says; the order is what goes over the wire. */
    enum Kind {
        /** To the process: threads, context tokens, callers, layers on a GPU, 1 to map the file; its path. */
        LOAD,
        /** To the process: a text to count the tokens of. */
        COUNT,
        /** To the process: instructions, then the role and the text of each turn. */
        TEMPLATE,
        /**
         * To the process: most tokens, temperature as float bits, seed, pieces on credit, tokens of the context; prompt, schema of
         * the answer or an empty text, stop texts.
         */
        GENERATE,
        /** To the process: that many pieces more may be sent. */
        CREDIT,
        /** To the process: the answer is not wanted any more. */
        CANCEL,

        /** The process runs. */
        HELLO,
        /** The model is loaded. */
        READY,
        /** The natives cannot be loaded; why. */
        UNAVAILABLE,
        /** How many tokens. */
        COUNTED,
        /** The prompt. */
        PROMPT,
        /** The prompt leaves no room for an answer; its tokens. */
        REFUSED,
        /** The answer begins; the tokens of the prompt. */
        BEGUN,
        /** Parts of the answer, each of which may be empty. */
        PIECES,
        /** The last parts of the answer; the last of them is no token. */
        LAST,
        /** The answer has ended as it was asked to. */
        CANCELLED,
        /** The call has failed; why. */
        FAILED,

        /** Never sent: the process is gone. */
        GONE;

        /** Whether nothing follows it in its call. */
        boolean isLast() {
            return this != HELLO && this != BEGUN && this != PIECES;
        }
    }

    static Frame of(Kind kind, int call) {
        return new Frame(kind, call, List.of(), List.of());
    }

    static Frame of(Kind kind, int call, int number) {
        return new Frame(kind, call, List.of(number), List.of());
    }

    static Frame of(Kind kind, int call, String text) {
        return new Frame(kind, call, List.of(), List.of(text));
    }

    int number() {
        return numbers.get(0);
    }

    String text() {
        return texts.get(0);
    }

    /** As it goes over the wire; longer than {@link #MOST_BYTES} when the other side would refuse it. */
    byte[] encoded() {
        byte[][] encoded = new byte[texts.size()][];
        long length = 1 + 4 + 4 + 4L * numbers.size() + 4;
        for (int i = 0; i < encoded.length; i++) {
            encoded[i] = texts.get(i).getBytes(StandardCharsets.UTF_8);
            length += 4L + encoded[i].length;
        }
        ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(8 + length));
        buffer.putInt(MARK)
                .putInt((int) length)
                .put((byte) kind.ordinal())
                .putInt(call)
                .putInt(numbers.size());
        for (int number : numbers) {
            buffer.putInt(number);
        }
        buffer.putInt(encoded.length);
        for (byte[] text : encoded) {
            buffer.putInt(text.length).put(text);
        }
        return buffer.array();
    }

    /**
     * The next frame, or null when the stream ends before one.
     *
     * @throws IOException when it is no frame, or ends within one
     */
    static @Nullable Frame read(DataInputStream in) throws IOException {
        int first = in.read();
        if (first < 0) {
            return null;
        }
        int mark = first << 24 | in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int length = mark == MARK ? in.readInt() : -1;
        if (length < 0 || length > MOST_BYTES) {
            throw new IOException("what was read is no frame");
        }
        byte[] body = readFully(in, length);
        try {
            return decoded(ByteBuffer.wrap(body));
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new IOException("a frame has another length than its parts", e);
        }
    }

    private static byte[] readFully(InputStream in, int length) throws IOException {
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new IOException("a frame was cut off");
        }
        return body;
    }

    private static Frame decoded(ByteBuffer body) throws IOException {
        Kind kind = KINDS[body.get()];
        int call = body.getInt();
        int count = body.getInt();
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            numbers.add(body.getInt());
        }
        count = body.getInt();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int length = body.getInt();
            if (length < 0 || length > body.remaining()) {
                throw new IOException("a text of a frame has %d bytes".formatted(length));
            }
            byte[] text = new byte[length];
            body.get(text);
            texts.add(new String(text, StandardCharsets.UTF_8));
        }
        if (body.hasRemaining()) {
            throw new IOException("a frame has %d bytes too many".formatted(body.remaining()));
        }
        return new Frame(kind, call, numbers, texts);
    }
}
