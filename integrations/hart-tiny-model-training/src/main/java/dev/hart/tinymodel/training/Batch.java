package dev.hart.tinymodel.training;

import dev.hart.tinymodel.training.Corpus.Example;
import java.util.List;

/**
 * Texts as one block of ids, each from its begin mark on, filled up with end marks to the length of the longest. The model sees
 * {@code inputs} and should say {@code targets}, which are one ahead; what fills up does not count.
 */
final class Batch {
    private final int texts;
    private final int positions;
    private final long[] inputs;
    private final long[] targets;
    private final float[] counted;
    private final boolean[] answers;

    private Batch(int texts, int positions) {
        this.texts = texts;
        this.positions = positions;
        this.inputs = new long[texts * positions];
        this.targets = new long[texts * positions];
        this.counted = new float[texts * positions];
        this.answers = new boolean[texts * positions];
    }

    /** @throws IllegalArgumentException when a text is longer than {@code context} positions */
    static Batch of(List<Example> examples, Vocabulary vocabulary, int context) {
        List<int[]> prompts = examples.stream()
                .map(example -> vocabulary.encode(example.prompt()))
                .toList();
        List<int[]> answers = examples.stream()
                .map(example -> vocabulary.encode(example.steps()))
                .toList();
        int longest = 0;
        for (int i = 0; i < examples.size(); i++) {
            int length = prompts.get(i).length + answers.get(i).length + 1;
            if (length > context) {
                throw new IllegalArgumentException("a text of %d tokens does not fit into %d: %s"
                        .formatted(length, context, examples.get(i).task()));
            }
            longest = Math.max(longest, length);
        }
        Batch batch = new Batch(examples.size(), longest);
        for (int i = 0; i < examples.size(); i++) {
            batch.fill(i * longest, prompts.get(i), answers.get(i));
        }
        return batch;
    }

    private void fill(int row, int[] prompt, int[] answer) {
        int length = prompt.length + answer.length + 1;
        for (int i = 0; i < positions; i++) {
            inputs[row + i] = i == 0 ? Vocabulary.BEGIN : i < length ? token(prompt, answer, i - 1) : Vocabulary.END;
            targets[row + i] = i + 1 < length ? token(prompt, answer, i) : Vocabulary.END;
            counted[row + i] = i < length ? 1 : 0;
            answers[row + i] = i >= prompt.length && i < length;
        }
    }

    private static int token(int[] prompt, int[] answer, int index) {
        return index < prompt.length ? prompt[index] : answer[index - prompt.length];
    }

    int texts() {
        return texts;
    }

    int positions() {
        return positions;
    }

    long[] inputs() {
        return inputs;
    }

    long[] targets() {
        return targets;
    }

    /** 1 where a token of a text is to be said, its end mark included; else 0. */
    float[] counted() {
        return counted;
    }

    int countedTokens() {
        int tokens = 0;
        for (float count : counted) {
            tokens += (int) count;
        }
        return tokens;
    }

    /** How many texts have, in {@code said}, the wanted token at each position of their answer. */
    int exactAnswers(long[] said) {
        int exact = 0;
        for (int text = 0; text < texts; text++) {
            boolean same = true;
            for (int i = text * positions; i < (text + 1) * positions; i++) {
                same &= !answers[i] || said[i] == targets[i];
            }
            exact += same ? 1 : 0;
        }
        return exact;
    }
}
