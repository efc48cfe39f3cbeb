package dev.hart.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.GuardrailRefusedException;
import dev.hart.guard.Guardrail;
import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.guard.Verdict;
import dev.hart.guard.Verdict.Finding;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a flag means on each rail: go on, or ask a person first. */
class ApprovalRailsTest {
    private static final Subject SUBJECT = Subject.text("to the harbour", Provenance.USER);
    private static final List<Finding> FLAGS = List.of(new Finding("ODD", 40, 0, 2));
    private static final Guardrail FLAGGING = (rail, subject) -> new Verdict.Flagged(FLAGS);

    private final List<Verdict.Refused> told = new ArrayList<>();
    private final Guardrails guardrails =
            Guardrails.builtIn().with(List.of(FLAGGING)).tellingRefusals((rail, subject, verdict) -> told.add(verdict));

    @ParameterizedTest
    @EnumSource(
            value = Rail.class,
            names = {"ACTION", "DISPATCH", "EGRESS"})
    void whereAFlagNeedsAPersonAndNobodyCanBeAskedItIsRefused(Rail rail) {
        assertThatThrownBy(() -> guardrails.require(rail, SUBJECT))
                .isInstanceOf(GuardrailRefusedException.class)
                .hasMessage(
                        "refused by rule APPROVAL_REQUIRED: it was flagged by ODD and needs the approval of a person;"
                                + " nobody can be asked here, so it was not done");
        assertThat(told)
                .singleElement()
                .satisfies(refused -> assertThat(refused.findings()).isEqualTo(FLAGS));
    }

    @ParameterizedTest
    @EnumSource(
            value = Rail.class,
            names = {"ACTION", "DISPATCH", "EGRESS"},
            mode = EnumSource.Mode.EXCLUDE)
    void onEveryOtherRailAFlagGoesOn(Rail rail) {
        guardrails.require(rail, SUBJECT);
        assertThat(told).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Rail.class)
    void whoCanAskGetsTheFindings(Rail rail) {
        assertThat(guardrails.flags(rail, SUBJECT)).isEqualTo(FLAGS);
        assertThat(Guardrails.builtIn().flags(rail, SUBJECT)).isEmpty();
    }

    @Test
    void whatIsRefusedIsRefusedForThoseWhoCanAskToo() {
        Guardrails refusing = Guardrails.builtIn().with(List.of((rail, subject) -> new Verdict.Refused("NO", "no")));
        assertThatThrownBy(() -> refusing.flags(Rail.ACTION, SUBJECT))
                .isInstanceOf(GuardrailRefusedException.class)
                .hasMessage("refused by rule NO: no");
    }
}
