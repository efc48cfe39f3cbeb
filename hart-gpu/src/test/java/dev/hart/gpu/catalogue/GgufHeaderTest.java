package dev.hart.gpu.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.ModelFileException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufHeaderTest {
    /** Writes the head of a GGUF file. */
    private static final class Head {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Head(int version, long tensors, long pairs) {
            raw("GGUF".getBytes(StandardCharsets.US_ASCII))
                    .u32(version)
                    .u64(tensors)
                    .u64(pairs);
        }

        Head raw(byte... bytes) {
            out.writeBytes(bytes);
            return this;
        }

        Head u32(long value) {
            return raw(Arrays.copyOf(
                    ByteBuffer.allocate(8)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(value)
                            .array(),
                    4));
        }

        Head u64(long value) {
            return raw(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(value)
                    .array());
        }

        Head text(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return u64(bytes.length).raw(bytes);
        }

        Head string(String key, String value) {
            return text(key).u32(8).text(value);
        }

        Head uint32(String key, long value) {
            return text(key).u32(4).u32(value);
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }

    static byte[] ofLlama() {
        return llama(6).bytes();
    }

    private static GgufHeader read(byte[] bytes) throws IOException {
        return GgufHeader.read(new ByteArrayInputStream(bytes), "m.gguf");
    }

    private static void assertRefused(byte[] bytes, String message) {
        assertThatThrownBy(() -> read(bytes))
                .isInstanceOfSatisfying(
                        ModelFileException.class, e -> assertThat(e.code()).isEqualTo("FILE_REFUSED"))
                .hasMessageStartingWith("m.gguf is no GGUF file that can be used: it " + message);
    }

    private static Head llama(int pairs) {
        return new Head(3, 291, pairs)
                .string("general.architecture", "llama")
                .uint32("llama.block_count", 32)
                .uint32("llama.attention.head_count", 32)
                .uint32("llama.attention.head_count_kv", 8)
                .uint32("llama.embedding_length", 4096)
                .uint32("llama.context_length", 8192);
    }

    @Test
    void theContextOfAModelTakesWhatItsHeadSays(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("m.gguf"), llama(6).bytes());
        GgufHeader header = GgufHeader.read(file);
        assertThat(header.version()).isEqualTo(3);
        assertThat(header.tensors()).isEqualTo(291);
        assertThat(header.architecture()).contains("llama");
        assertThat(header.layers()).hasValue(32);
        assertThat(header.headSize()).hasValue(128);
        assertThat(header.contextLength()).hasValue(8192);
        assertThat(header.contextBytes(8192)).hasValue(2L * 32 * 8 * 128 * 8192 * 2);
        assertThat(header.contextBytes(8192)).hasValue(1L << 30);
        assertThat(header.contextBytes(Long.MAX_VALUE)).isEmpty();
    }

    @Test
    void theSizeOfAHeadAndHeadsByLayerAreTakenWhereTheFileSaysThem() throws IOException {
        GgufHeader header = read(new Head(2, 1, 4)
                .string("general.architecture", "x")
                .uint32("x.block_count", 2)
                .uint32("x.attention.key_length", 64)
                .text("x.attention.head_count_kv")
                .u32(9)
                .u32(4)
                .u64(2)
                .u32(1)
                .u32(3)
                .bytes());
        assertThat(header.contextBytes(100)).hasValue(2L * 2 * 3 * 64 * 100 * 2);
    }

    @Test
    void everyTypeOfValueIsRead() throws IOException {
        GgufHeader header = read(new Head(3, 0, 12)
                .text("u8")
                .u32(0)
                .raw((byte) 200)
                .text("i8")
                .u32(1)
                .raw((byte) -2)
                .text("u16")
                .u32(2)
                .raw((byte) 0xff, (byte) 0xff)
                .text("i16")
                .u32(3)
                .raw((byte) 0xfe, (byte) 0xff)
                .text("u32")
                .u32(4)
                .u32(0xffffffffL)
                .text("i32")
                .u32(5)
                .u32(-3)
                .text("f32")
                .u32(6)
                .u32(Float.floatToIntBits(1.5f))
                .text("bool")
                .u32(7)
                .raw((byte) 1)
                .text("u64")
                .u32(10)
                .u64(-1)
                .text("i64")
                .u32(11)
                .u64(-4)
                .text("f64")
                .u32(12)
                .u64(Double.doubleToLongBits(0.1))
                .string("text", "Größe")
                .bytes());
        assertThat(header.metadata())
                .containsEntry("u8", 200L)
                .containsEntry("i8", -2L)
                .containsEntry("u16", 65535L)
                .containsEntry("i16", -2L)
                .containsEntry("u32", 4294967295L)
                .containsEntry("i32", -3L)
                .containsEntry("f32", 1.5)
                .containsEntry("bool", true)
                .containsEntry("u64", new BigInteger("18446744073709551615"))
                .containsEntry("i64", -4L)
                .containsEntry("f64", 0.1)
                .containsEntry("text", "Größe");
        assertThat(header.contextBytes(1)).isEqualTo(OptionalLong.empty());
    }

    @Test
    void aVocabularyIsPassedOverAndShortListsOfNumbersAreKept() throws IOException {
        Head head = new Head(3, 0, 4).text("tokens").u32(9).u32(8).u64(5000);
        for (int i = 0; i < 5000; i++) {
            head.text("token" + i);
        }
        head.text("scores").u32(9).u32(6).u64(4097).raw(new byte[4 * 4097]);
        head.text("few").u32(9).u32(5).u64(2).u32(-1).u32(1);
        GgufHeader header = read(head.string("last", "x").bytes());
        assertThat(header.metadata())
                .containsEntry("tokens", new GgufHeader.LongArray("string", 5000))
                .containsEntry("scores", new GgufHeader.LongArray("float32", 4097))
                .containsEntry("few", List.of(-1L, 1L))
                .containsEntry("last", "x");
    }

    @Test
    void whatIsNoGgufFileIsRefused() {
        assertRefused("<html>".getBytes(StandardCharsets.US_ASCII), "does not begin with GGUF");
        assertRefused(new byte[0], "ends within its head");
        assertRefused(new Head(1, 0, 0).bytes(), "has version 1, this HART reads 2 and 3");
        assertRefused(new Head(Integer.reverseBytes(3), 0, 0).bytes(), "is big-endian");
    }

    @Test
    void aLengthThatIsALieTakesNoMemory() {
        assertRefused(new Head(3, 0, 100_001).bytes(), "says that it has 0 tensors and 100001 pairs");
        assertRefused(new Head(3, -1, 0).bytes(), "says that it has 18446744073709551615 tensors and 0 pairs");
        assertRefused(new Head(3, 0, 1).u64(Long.MAX_VALUE).bytes(), "has a text of 9223372036854775807 bytes");
        assertRefused(new Head(3, 0, 1).u64(65_536).bytes(), "has a text of 65536 bytes");
        assertRefused(new Head(3, 0, 1).text("k").u32(8).u64(-1).bytes(), "has a text of 18446744073709551615 bytes");
        assertRefused(
                new Head(3, 0, 1).text("k").u32(9).u32(8).u64(1L << 40).bytes(),
                "has an array of 1099511627776 elements");
        assertRefused(
                new Head(3, 0, 1).text("k").u32(9).u32(8).u64(1).u64(1L << 40).bytes(),
                "has a value of 1099511627776 bytes");
        assertRefused(new Head(3, 0, 1).text("k").u32(9).u32(4).u64(100).bytes(), "ends within its head");
        assertRefused(new Head(3, 0, 1).text("k").u32(13).bytes(), "has a value of type 13");
        assertRefused(new Head(3, 0, 1).text("k").u32(7).raw((byte) 2).bytes(), "has a truth value 2");
        assertRefused(new Head(3, 0, 2).string("k", "1").string("k", "2").bytes(), "has the key 'k' twice");
        assertRefused(new Head(3, 0, 1).u64(1).raw((byte) 0xff).bytes(), "has a text that is no UTF-8");
        Head nested = new Head(3, 0, 1).text("k").u32(9);
        for (int i = 0; i < 8; i++) {
            nested.u32(9).u64(1);
        }
        assertRefused(nested.raw(new byte[64]).bytes(), "has arrays in arrays, more than 4 deep");
    }

    @Test
    void noMoreThanSixteenMebibytesAreKept() throws IOException {
        String large = "x".repeat(8 << 20);
        assertThat(read(new Head(3, 0, 1).string("a", large).bytes()).metadata())
                .hasSize(1);
        assertRefused(
                new Head(3, 0, 2).string("a", large).string("b", large).bytes(), "says more than 16 MiB of itself");
    }

    @Test
    void aHeadThatIsCutOrScrambledIsRefusedAndNeverAnythingElse() throws IOException {
        byte[] whole = llama(6).bytes();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(cut)).isInstanceOf(ModelFileException.class);
        }
        Random random = new Random(20261128);
        for (int i = 0; i < 5000; i++) {
            byte[] scrambled = whole.clone();
            for (int j = 0; j <= random.nextInt(4); j++) {
                scrambled[4 + random.nextInt(whole.length - 4)] = (byte) random.nextInt();
            }
            try {
                read(scrambled);
            } catch (ModelFileException e) {
                assertThat(e.code()).isEqualTo("FILE_REFUSED");
            }
        }
    }
}
