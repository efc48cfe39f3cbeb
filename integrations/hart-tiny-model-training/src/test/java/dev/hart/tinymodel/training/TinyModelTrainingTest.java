package dev.hart.tinymodel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hart.tinymodel.training.Corpus.Example;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Texts, vocabulary and file; a few steps of training where PyTorch's natives are there (profile train). */
class TinyModelTrainingTest {
    private static final Corpus CORPUS = Corpus.of(1);
    private static final Vocabulary VOCABULARY = Vocabulary.learn(
            CORPUS.learned().stream()
                    .flatMap(example -> Stream.of(example.prompt(), example.steps()))
                    .toList(),
            512);

    @Test
    void noHeldOutTaskIsLearnedAndEveryTaskIsThereOnce() {
        Set<String> learned = new HashSet<>();
        CORPUS.learned().forEach(example -> learned.add(example.task()));
        assertThat(learned).hasSize(3_771);
        assertThat(CORPUS.heldOut()).hasSize(117);
        CORPUS.heldOut().forEach(example -> assertThat(learned).doesNotContain(example.task()));
    }

    @Test
    void theSameSeedGivesTheSameTextsAndAnotherSeedOthers() {
        assertThat(Corpus.of(1).heldOut()).isEqualTo(CORPUS.heldOut());
        assertThat(Corpus.of(2).heldOut()).isNotEqualTo(CORPUS.heldOut());
    }

    @Test
    void everyTextIsEncodedAndDecodedWithoutLoss() {
        assertThat(VOCABULARY.size()).isEqualTo(512);
        for (String text : List.of(CORPUS.learned().get(0).steps(), "Zürich 99 % \t😀", "", " ")) {
            assertThat(VOCABULARY.decode(VOCABULARY.encode(text))).isEqualTo(text);
        }
        assertThat(VOCABULARY.encode("\t")).containsExactly(Vocabulary.FIRST_BYTE + 9);
        assertThat(VOCABULARY.encode("é")).containsExactly(Vocabulary.FIRST_BYTE + 0xc3, Vocabulary.FIRST_BYTE + 0xa9);
    }

    @Test
    void thePairThatStandsTogetherMostOftenIsJoinedFirst() {
        Vocabulary small = Vocabulary.learn(List.of("aab aab ab"), Vocabulary.FIRST_PIECE + 4);
        // Characters a, b and the space, then "ab" (3 times) before "aa" and the space with a.
        assertThat(small.pieces()).containsExactly("a", "b", "\u2581", "ab");
        assertThatThrownBy(() -> Vocabulary.learn(List.of("abc"), Vocabulary.FIRST_PIECE + 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a vocabulary of 261 has room for 2 characters, and the texts have 3");
    }

    @Test
    void aBatchSaysTheNextTokenOfEachPositionAndCountsAnswersApart() {
        Example example = CORPUS.learned().get(0);
        Batch batch = Batch.of(List.of(example, CORPUS.learned().get(1)), VOCABULARY, 128);
        int prompt = VOCABULARY.encode(example.prompt()).length;
        assertThat(batch.inputs()[0]).isEqualTo(Vocabulary.BEGIN);
        for (int i = 0; i + 1 < prompt; i++) {
            assertThat(batch.targets()[i]).isEqualTo(batch.inputs()[i + 1]);
        }
        long[] said = batch.targets().clone();
        assertThat(batch.exactAnswers(said)).isEqualTo(2);
        said[0] = Vocabulary.UNKNOWN; // within the task
        assertThat(batch.exactAnswers(said)).isEqualTo(2);
        said[prompt] = Vocabulary.UNKNOWN; // the first token of the answer
        assertThat(batch.exactAnswers(said)).isEqualTo(1);
        assertThatThrownBy(() -> Batch.of(List.of(example), VOCABULARY, 20))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not fit into 20");
    }

    @Test
    void theShapeCountsItsNumbers() {
        assertThat(new LlamaShape(512, 4, 128, 4, 352, 128).parameters()).isEqualTo(935_040);
        assertThatThrownBy(() -> new LlamaShape(512, 4, 100, 4, 352, 128))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("width 100 must be a multiple of twice the 4 heads");
    }

    @Test
    void theOptimizerFindsTheLowestPoint() {
        float[] point = {3, -2};
        AdamW optimizer = new AdamW();
        for (int i = 0; i < 2_000; i++) {
            optimizer.step(
                    Map.of("norm.weight", point),
                    Map.of("norm.weight", new float[] {2 * (point[0] - 1), 2 * (point[1] - 1)}),
                    0.01);
        }
        assertThat(point[0]).isBetween(0.99f, 1.01f);
        assertThat(point[1]).isBetween(0.99f, 1.01f);
    }

    @Test
    void numbersAreRoundedToTheNearestOfSixteenBits() {
        Map<Float, Integer> expected = new HashMap<>(Map.of(
                0f, 0x0000, 1f, 0x3c00, -2f, 0xc000, 65_504f, 0x7bff, 65_520f, 0x7c00, 0.1f, 0x2e66, 6.0e-8f, 0x0001));
        expected.put(Float.NaN, 0x7e00);
        expected.put(1 + 0x1p-11f, 0x3c00); // half way: to the even one
        expected.put(1 + 3 * 0x1p-11f, 0x3c02);
        expected.put(-0x1p-14f, 0x8400);
        expected.forEach((number, half) ->
                assertThat(GgufWriter.half(number)).as("half of " + number).isEqualTo(half));
    }

    @Test
    void theFileIsTheSameEachTimeAndAsLongAsItsParts() throws IOException {
        LlamaShape shape = new LlamaShape(512, 1, 32, 2, 48, 64);
        byte[] first = write(LlamaWeights.initial(shape, 1));
        assertThat(write(LlamaWeights.initial(shape, 1))).isEqualTo(first);
        assertThat(write(LlamaWeights.initial(shape, 2))).isNotEqualTo(first);
        ByteBuffer head = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(new String(first, 0, 4, StandardCharsets.US_ASCII)).isEqualTo("GGUF");
        assertThat(head.getInt(4)).isEqualTo(3);
        assertThat(head.getLong(8)).isEqualTo(shape.tensors().size());
        assertThat(first.length % 32).isZero();
    }

    private static byte[] write(LlamaWeights weights) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new GgufWriter(weights, VOCABULARY, Map.of("general.name", "test")).writeTo(out);
        return out.toByteArray();
    }

    @Test
    void trainingLowersTheLoss() {
        assumeTrue(getClass().getResource("/native/lib/pytorch.properties") != null, "PyTorch's natives are not there");
        System.setProperty("ai.djl.offline", "true");
        List<Float> losses = new ArrayList<>();
        try (Training training = new Training(1, 4)) {
            training.run(20, step -> losses.add(training.loss()));
        }
        assertThat(losses.get(0)).isBetween(6.0f, 6.5f); // ln 512 = 6.24: it knows nothing
        assertThat(losses.get(19)).isLessThan(losses.get(0) - 0.5f);
    }
}
