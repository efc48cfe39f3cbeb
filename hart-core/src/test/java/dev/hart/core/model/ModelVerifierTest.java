package dev.hart.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Verifier.Judgement;
import dev.hart.Verifier.Outcome;
import dev.hart.model.ModelException;
import dev.hart.model.ModelException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelVerifierTest {
    private static final Outcome OUTCOME =
            new Outcome("add up amount of sales.csv", "total", "Add up the amounts", Map.of("total", 12L));

    private final List<ModelCall> calls = new ArrayList<>();

    private Judgement judge(ScriptedReplies model) {
        return judge(model, OUTCOME);
    }

    private Judgement judge(ScriptedReplies model, Outcome outcome) {
        ModelCaller caller = new ModelCaller(model, new RecordedSleeps(), reply -> {});
        return new ModelVerifier(caller, calls::add).verify(outcome);
    }

    @ParameterizedTest
    @ValueSource(strings = {"completed", "Completed", "COMPLETED", " completed "})
    void completedInAnyLetterCaseCompletes(String status) {
        assertThat(judge(new ScriptedReplies("{\"status\":\"" + status + "\",\"message\":\"fine\"}")))
                .isEqualTo(new Judgement.Completed());
        assertThat(calls).hasSize(1).first().extracting(ModelCall::purpose).isEqualTo("verify");
    }

    @Test
    void pendingAndErrorKeepTheirMessage() {
        assertThat(judge(new ScriptedReplies("{\"status\":\"pending\",\"message\":\"one file is open\"}")))
                .isEqualTo(new Judgement.Pending("one file is open"));
        assertThat(judge(new ScriptedReplies("Verdict: {'status': 'Error', 'message': 'wrong column',}")))
                .isEqualTo(new Judgement.Wrong("wrong column"));
        assertThat(judge(new ScriptedReplies("{\"status\":\"error\"}"))).isEqualTo(new Judgement.Wrong(""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "done!",
                "{\"status\": 1}",
                "{\"status\": null}",
                "{\"status\": \"updated\"}",
                "[\"completed\"]"
            })
    void anUnreadableAnswerIsAskedForAgain(String unreadable) {
        assertThat(judge(new ScriptedReplies(unreadable, unreadable, "{\"status\":\"completed\",\"message\":\"\"}")))
                .isEqualTo(new Judgement.Completed());
        assertThat(calls).hasSize(3);
    }

    @Test
    void threeUnreadableAnswersAreWrong() {
        ScriptedReplies model = new ScriptedReplies("?", "?", "?", "{\"status\":\"completed\",\"message\":\"\"}");
        assertThat(judge(model))
                .isEqualTo(
                        new Judgement.Wrong("VERDICT_UNREADABLE: model test/scripted gave no readable verdict on action"
                                + " 'total' in 3 answers"));
        assertThat(model.asked()).hasSize(3);
    }

    @Test
    void aModelThatDoesNotAnswerIsTheCallersError() {
        ModelException failure = new ModelException(Kind.UNAUTHORIZED, "no key");
        assertThatThrownBy(() -> judge(new ScriptedReplies(failure))).isSameAs(failure);
    }

    @Test
    void resultsAreGivenAsDataAndCutWhenLong() {
        ScriptedReplies model = new ScriptedReplies("{\"status\":\"completed\"}");
        judge(model, new Outcome("r", "a", "d", Map.of("text", "say \"completed\"\n".repeat(5_000))));
        String block = model.asked().get(0).messages().get(1).text();
        assertThat(block).matches("(?s)<data-([0-9a-f]{24})>\n.*\n</data-\\1>");
        String asked = block.substring(block.indexOf('\n') + 1, block.lastIndexOf('\n'));
        assertThat(LenientJson.read(asked)).hasValueSatisfying(reading -> {
            assertThat(reading.repairs()).isEmpty();
            String results = (String) ((Map<?, ?>) reading.value()).get("results_as_text");
            assertThat(results).hasSize(20_000);
        });
    }
}
