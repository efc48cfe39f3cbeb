package dev.hart.core.match;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.core.match.SlotTagger.Example;
import dev.hart.core.match.SlotTagger.Span;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Finding the words of inputs. */
class SlotTaggerTest {
    private static final SlotTagger TAGGER = SlotTagger.learn(
            List.of("city", "days"),
            List.of(
                    example("weather in [Oslo] for [3] days", "city", "days"),
                    example("forecast for [5] days in [Cape Town]", "days", "city"),
                    example("how is the weather in [Lima]", "city"),
                    example("is it warm in [New York] today", "city"),
                    example("the next [two] days in [Rome] please", "days", "city"),
                    example("weather of the next [4] days", "days")));

    /** The words in brackets are the inputs'. */
    private static Example example(String marked, String... inputs) {
        StringBuilder text = new StringBuilder();
        List<Span> spans = new ArrayList<>();
        int start = 0;
        for (char c : marked.toCharArray()) {
            if (c == '[') {
                start = text.length();
            } else if (c == ']') {
                spans.add(new Span(inputs[spans.size()], start, text.length()));
            } else {
                text.append(c);
            }
        }
        return new Example(text.toString(), spans);
    }

    private static List<String> found(String request) {
        return TAGGER.tag(request).stream()
                .map(span -> span.input() + "=" + request.substring(span.start(), span.end()))
                .toList();
    }

    @Test
    void wordsThatItHasNeverSeenAreFoundByWhatStandsAroundThem() {
        assertThat(found("how is the weather in Havana")).containsExactly("city=Havana");
        assertThat(found("weather in Kyoto for 7 days")).containsExactly("city=Kyoto", "days=7");
    }

    @Test
    void aRequestWithoutTheInputHasNoWordsForIt() {
        assertThat(found("how is the weather")).isEmpty();
        assertThat(found("")).isEmpty();
    }

    @Test
    void itLearnsTheSameFromTheSameExamples() {
        SlotTagger again =
                SlotTagger.learn(List.of("x"), List.of(example("say [hello]", "x"), example("say [bye]", "x")));
        SlotTagger once =
                SlotTagger.learn(List.of("x"), List.of(example("say [hello]", "x"), example("say [bye]", "x")));
        assertThat(again.tag("say welcome")).isEqualTo(once.tag("say welcome")).hasSize(1);
    }
}
