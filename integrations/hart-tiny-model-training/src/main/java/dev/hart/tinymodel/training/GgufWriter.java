package dev.hart.tinymodel.training;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a model as a GGUF file of version 3: matrices in 16 bits, gains in 32, numbers little-endian, tensors at multiples of 32
 * bytes. The same model gives the same bytes.
 */
final class GgufWriter {
    private static final int VERSION = 3;
    private static final int ALIGNMENT = 32;

    // Types of tensors.
    private static final int F32 = 0;
    private static final int F16 = 1;

    // Types of values.
    private static final int UINT32 = 4;
    private static final int INT32 = 5;
    private static final int FLOAT32 = 6;
    private static final int BOOL = 7;
    private static final int STRING = 8;
    private static final int ARRAY = 9;

    // Types of tokens.
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int BYTE = 6;

    private final LlamaWeights weights;
    private final Vocabulary vocabulary;
    private final Map<String, Object> metadata = new LinkedHashMap<>();

    /** @param card texts about the model by their GGUF names, such as {@code general.license} */
    GgufWriter(LlamaWeights weights, Vocabulary vocabulary, Map<String, String> card) {
        this.weights = weights;
        this.vocabulary = vocabulary;
        LlamaShape shape = weights.shape();
        metadata.put("general.architecture", "llama");
        metadata.putAll(card);
        metadata.put("general.file_type", 1);
        metadata.put("llama.vocab_size", shape.vocabulary());
        metadata.put("llama.context_length", shape.context());
        metadata.put("llama.embedding_length", shape.width());
        metadata.put("llama.block_count", shape.layers());
        metadata.put("llama.feed_forward_length", shape.inner());
        metadata.put("llama.attention.head_count", shape.heads());
        metadata.put("llama.attention.head_count_kv", shape.heads());
        metadata.put("llama.attention.layer_norm_rms_epsilon", LlamaShape.NORM_EPSILON);
        metadata.put("llama.rope.dimension_count", shape.headWidth());
        metadata.put("llama.rope.freq_base", LlamaShape.ROPE_BASE);
        addTokenizer();
    }

    private void addTokenizer() {
        int size = weights.shape().vocabulary();
        String[] tokens = new String[size];
        float[] scores = new float[size];
        int[] types = new int[size];
        Arrays.fill(types, NORMAL);
        Arrays.fill(tokens, "");
        tokens[Vocabulary.UNKNOWN] = "<unk>";
        types[Vocabulary.UNKNOWN] = UNKNOWN;
        tokens[Vocabulary.BEGIN] = "<s>";
        types[Vocabulary.BEGIN] = CONTROL;
        tokens[Vocabulary.END] = "</s>";
        types[Vocabulary.END] = CONTROL;
        for (int b = 0; b < 256; b++) {
            tokens[Vocabulary.FIRST_BYTE + b] = "<0x%02X>".formatted(b);
            types[Vocabulary.FIRST_BYTE + b] = BYTE;
        }
        List<String> pieces = vocabulary.pieces();
        for (int i = 0; i < pieces.size(); i++) {
            tokens[Vocabulary.FIRST_PIECE + i] = pieces.get(i);
            // The neighbours whose piece has the highest score are joined first.
            scores[Vocabulary.FIRST_PIECE + i] = -i;
        }
        metadata.put("tokenizer.ggml.model", "llama");
        metadata.put("tokenizer.ggml.pre", "default");
        metadata.put("tokenizer.ggml.tokens", tokens);
        metadata.put("tokenizer.ggml.scores", scores);
        metadata.put("tokenizer.ggml.token_type", types);
        metadata.put("tokenizer.ggml.unknown_token_id", Vocabulary.UNKNOWN);
        metadata.put("tokenizer.ggml.bos_token_id", Vocabulary.BEGIN);
        metadata.put("tokenizer.ggml.eos_token_id", Vocabulary.END);
        metadata.put("tokenizer.ggml.add_bos_token", true);
        metadata.put("tokenizer.ggml.add_eos_token", false);
        metadata.put("tokenizer.ggml.add_space_prefix", false);
        metadata.put("tokenizer.chat_template", """
            {% for message in messages %}{% if message['role'] == 'user' %}Task: {{ message['content'] }}
            Steps:
            {% elif message['role'] == 'assistant' %}{{ message['content'] }}{% endif %}{% endfor %}\
            """);
    }

    void writeTo(OutputStream out) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        LittleEndian header = new LittleEndian(head);
        header.bytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        header.int32(VERSION);
        header.int64(weights.tensors().size());
        header.int64(metadata.size());
        metadata.forEach(header::entry);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        LittleEndian data = new LittleEndian(body);
        weights.tensors().forEach((name, numbers) -> {
            int[] size = weights.shape().size(name);
            boolean gain = LlamaWeights.isGain(name);
            header.string(name);
            header.int32(gain ? 1 : 2);
            header.int64(size[1]);
            if (!gain) {
                header.int64(size[0]);
            }
            header.int32(gain ? F32 : F16);
            header.int64(body.size());
            for (float number : numbers) {
                if (gain) {
                    data.float32(number);
                } else {
                    data.int16(half(number));
                }
            }
            pad(body);
        });
        pad(head);
        head.writeTo(out);
        body.writeTo(out);
    }

    private static void pad(ByteArrayOutputStream out) {
        while (out.size() % ALIGNMENT != 0) {
            out.write(0);
        }
    }

    /** The nearest number of 16 bits, the even one of two; too large becomes infinite. */
    static int half(float number) {
        int bits = Float.floatToRawIntBits(number);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude > 0x7f800000) {
            return sign | 0x7e00;
        }
        if (magnitude >= 0x477ff000) {
            return sign | 0x7c00;
        }
        if (magnitude < 0x38800000) {
            return sign | (int) Math.rint(Math.abs((double) number) * (1 << 24));
        }
        int rounded = magnitude + 0xfff + (magnitude >>> 13 & 1);
        return sign | ((rounded - 0x38000000) >>> 13);
    }

    /** Into memory, which does not fail. */
    private record LittleEndian(DataOutputStream out) {

        LittleEndian(OutputStream out) {
            this(new DataOutputStream(out));
        }

        void entry(String key, Object value) {
            string(key);
            if (value instanceof String text) {
                int32(STRING);
                string(text);
            } else if (value instanceof Integer number) {
                int32(UINT32);
                int32(number);
            } else if (value instanceof Float number) {
                int32(FLOAT32);
                float32(number);
            } else if (value instanceof Boolean flag) {
                int32(BOOL);
                bytes(new byte[] {(byte) (flag ? 1 : 0)});
            } else if (value instanceof String[] texts) {
                array(STRING, texts.length);
                Arrays.stream(texts).forEach(this::string);
            } else if (value instanceof float[] numbers) {
                array(FLOAT32, numbers.length);
                for (float number : numbers) {
                    float32(number);
                }
            } else if (value instanceof int[] numbers) {
                array(INT32, numbers.length);
                Arrays.stream(numbers).forEach(this::int32);
            } else {
                throw new IllegalArgumentException("no type of GGUF for %s of %s".formatted(value.getClass(), key));
            }
        }

        private void array(int type, int length) {
            int32(ARRAY);
            int32(type);
            int64(length);
        }

        void string(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            int64(utf8.length);
            bytes(utf8);
        }

        void int16(int number) {
            bytes(new byte[] {(byte) number, (byte) (number >>> 8)});
        }

        void int32(int number) {
            try {
                out.writeInt(Integer.reverseBytes(number));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void int64(long number) {
            try {
                out.writeLong(Long.reverseBytes(number));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void float32(float number) {
            int32(Float.floatToIntBits(number));
        }

        void bytes(byte[] bytes) {
            try {
                out.write(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
