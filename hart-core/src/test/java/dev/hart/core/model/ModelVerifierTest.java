package dev.hart.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Verifier.Judgement;
import dev.hart.Verifier.Outcome;
import dev.hart.model.ModelException;
import dev.hart.model.ModelException.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelVerifierTest {
    private static final Outcome OUTCOME =
            new Outcome("add up amount of sales.csv", "total", "Add up the amounts", Map.of("total", 12L));

    private final List<ModelCall> calls = new ArrayList<>();
    private final List<String> misnamed = new ArrayList<>();

    private Judgement judge(ScriptedReplies model) {
        return judge(model, OUTCOME);
    }

    private Judgement judge(ScriptedReplies model, Outcome outcome) {
        ModelCaller caller = new ModelCaller(model, new RecordedSleeps(), reply -> {});
        return new ModelVerifier(caller, calls::add, misnamed::add).verify(outcome);
    }

    @ParameterizedTest
    @ValueSource(strings = {"completed", "Completed", "COMPLETED", " completed "})
    void completedInAnyLetterCaseCompletes(String status) {
        assertThat(judge(new ScriptedReplies("{\"status\":\"" + status + "\",\"message\":\"fine\"}")))
                .isEqualTo(new Judgement.Completed());
        assertThat(calls).hasSize(1).first().extracting(ModelCall::purpose).isEqualTo("verify");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"discount\"", "7", "[\"total\"]"})
    void anotherActionsIdInAnAnswerChangesNothingAndIsTold(String id) {
        assertThat(judge(new ScriptedReplies("{\"status\":\"completed\",\"action_id\":" + id + "}")))
                .isEqualTo(new Judgement.Completed());
        assertThat(misnamed).containsExactly(id.replace("\"", ""));
    }

    @Test
    void anAnswerThatNamesItsActionOrNoneIsNotTold() {
        judge(new ScriptedReplies("{\"status\":\"completed\",\"action_id\":\"total\"}"));
        judge(new ScriptedReplies("{\"status\":\"completed\"}"));
        assertThat(misnamed).isEmpty();
    }

    @Test
    void pendingAndErrorKeepTheirMessage() {
        assertThat(judge(new ScriptedReplies("{\"status\":\"pending\",\"message\":\"one file is open\"}")))
                .isEqualTo(new Judgement.Pending("one file is open"));
        assertThat(judge(new ScriptedReplies("Verdict: {'status': 'Error', 'message': 'wrong column',}")))
                .isEqualTo(new Judgement.Wrong("wrong column"));
        assertThat(judge(new ScriptedReplies(
                        "{\"status\":\"error\",\"message\":\"no\",\"fallback\":\" read net.csv \"}")))
                .isEqualTo(new Judgement.Wrong("no", "read net.csv"));
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"updated_action\": \" Add up the column net \"",
                "\"updated_action\": \"Add up the column net\", \"entire_actions\": [], \"subtasks\": []",
                "\"updated_action\": {\"action_id\": 7, \"description\": \"Add up the column net\", \"action\": \"x\"}",
                "\"updated_action\": {\"action_id\": \"run\", \"action\": \"Add up the column net\"}"
            })
    void anUpdatedActionIsReadAsItsTextAlone(String said) {
        assertThat(judge(new ScriptedReplies("{\"status\": \"Updated\", \"action_id\": 99, " + said + "}")))
                .isEqualTo(new Judgement.Updated("Add up the column net"));
    }

    @Test
    void entireActionsAndSubtasksKeepTheirOrder() {
        assertThat(judge(new ScriptedReplies("""
                {"status": "updated", "updated_action": "",
                 "entire_actions": [{"action_id": 2, "action": "Read"}, "Add up"]}"""))).isEqualTo(new Judgement.UpdatedAll(List.of("Read", "Add up")));
        assertThat(judge(new ScriptedReplies("""
                {"status": "requires_breakdown", "subtasks": ["Read", {"id": "1.9", "description": "Add up"}]}"""))).isEqualTo(new Judgement.NeedsBreakdown(List.of("Read", "Add up")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"status\": \"updated\"",
                "\"status\": \"updated\", \"updated_action\": \" \"",
                "\"status\": \"updated\", \"updated_action\": 3",
                "\"status\": \"updated\", \"updated_action\": {\"action_id\": 1}",
                "\"status\": \"updated\", \"updated_action\": \"a\", \"entire_actions\": [\"b\"]",
                "\"status\": \"updated\", \"entire_actions\": []",
                "\"status\": \"updated\", \"entire_actions\": \"a\"",
                "\"status\": \"updated\", \"entire_actions\": [\"a\", \"\"]",
                "\"status\": \"updated\", \"subtasks\": [\"a\"]",
                "\"status\": \"requires_breakdown\"",
                "\"status\": \"requires_breakdown\", \"subtasks\": []",
                "\"status\": \"requires_breakdown\", \"subtasks\": [[\"a\"]]",
                "\"status\": \"requires_breakdown\", \"subtasks\": [null]"
            })
    void aChangeThatDoesNotSayWhatIsToBeDoneIsUnreadable(String said) {
        ScriptedReplies model = new ScriptedReplies("{" + said + "}", "{\"status\": \"completed\"}");
        assertThat(judge(model)).isEqualTo(new Judgement.Completed());
        assertThat(model.asked()).hasSize(2);
    }

    @Test
    void instructionsHaveALimitOfLengthAndNumberAndAreNotCut() {
        String longest = "x".repeat(1_000);
        assertThat(judge(updated("\"" + longest + "\""))).isEqualTo(new Judgement.Updated(longest));
        assertThat(judge(updated("\"" + longest + "x\""))).isEqualTo(new Judgement.Completed());
        assertThat(judge(subtasks(20))).isInstanceOf(Judgement.NeedsBreakdown.class);
        assertThat(judge(subtasks(21))).isEqualTo(new Judgement.Completed());
    }

    private static ScriptedReplies updated(String action) {
        return new ScriptedReplies(
                "{\"status\": \"updated\", \"updated_action\": " + action + "}", "{\"status\": \"completed\"}");
    }

    private static ScriptedReplies subtasks(int count) {
        String subtasks = String.join(", ", Collections.nCopies(count, "\"Add up\""));
        return new ScriptedReplies(
                "{\"status\": \"requires_breakdown\", \"subtasks\": [" + subtasks + "]}",
                "{\"status\": \"completed\"}");
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
