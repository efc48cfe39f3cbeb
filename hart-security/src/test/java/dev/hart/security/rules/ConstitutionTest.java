package dev.hart.security.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.security.canonical.SignedBytes;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConstitutionTest {
    @Test
    void there_are_33_rules_and_four_of_them_are_shoulds() {
        assertThat(Constitution.RULES)
                .extracting(Rule::id)
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 33)
                        .mapToObj("C%02d"::formatted)
                        .toList());
        assertThat(Constitution.RULES)
                .filteredOn(rule -> rule.severity() == Rule.Severity.SHOULD)
                .extracting(Rule::id)
                .containsExactly("C09", "C25", "C30", "C31");
        assertThat(Constitution.RULES).extracting(Rule::text).doesNotHaveDuplicates();
    }

    @Test
    void each_group_has_as_many_rules_as_the_sheet_lists() {
        assertThat(IntStream.range(0, Rule.Group.values().length)
                        .mapToLong(g -> Constitution.RULES.stream()
                                .filter(rule -> rule.group().ordinal() == g)
                                .count())
                        .toArray())
                .containsExactly(6, 3, 3, 4, 3, 4, 3, 3, 4);
    }

    @Test
    void purpose_wisdom_categories_skills_files_and_terms_are_complete() {
        assertThat(Constitution.PURPOSE_STATEMENTS).hasSize(11);
        assertThat(Constitution.WISDOM).hasSize(16);
        assertThat(Constitution.PROHIBITED_CATEGORIES).hasSize(5);
        assertThat(Constitution.PROHIBITED_SKILLS).hasSize(7).containsAll(Constitution.PROHIBITED_CATEGORIES);
        assertThat(Constitution.PROTECTED_FILES).hasSize(7);
        assertThat(TrustContract.TERMS)
                .extracting(group -> group.terms().size())
                .containsExactly(4, 4, 4, 3, 4, 4, 4, 5);
        assertThat(TrustContract.TERMS.stream().flatMap(group -> group.terms().stream()))
                .hasSize(32)
                .doesNotHaveDuplicates();
    }

    @Test
    void the_canonical_text_sorts_its_keys_and_holds_texts_alone() {
        String canonical = Constitution.canonical();
        assertThat(canonical)
                .startsWith("{\"caps\":{\"accuracy_gain_per_day\":\"0.05\",")
                .contains("\"influence_weight\":\"5\"")
                .contains("{\"group\":\"HUMAN_WELLBEING\",\"id\":\"C01\",\"severity\":\"MUST\",")
                .contains("\"network_weights\":{\"CIRCUIT_BREAKER\":\"1.0\"")
                .contains("{\"expected\":\"C16\",\"id\":\"skill\",\"input\":\"Weapons Design\"}");
        assertThat(canonical.replaceAll("\"(?:[^\"\\\\]|\\\\.)*\"", "")).matches("[\\[\\]{},:]*");
    }

    @Test
    void the_hash_is_the_same_every_time_and_is_that_of_the_canonical_text() {
        assertThat(Constitution.sha256())
                .isEqualTo(Constitution.sha256())
                .isEqualTo(SignedBytes.sha256(Constitution.canonical()))
                .matches("[0-9a-f]{64}");
    }

    @Test
    void the_guardrail_hash_is_one_over_the_words_and_the_constitution() {
        assertThat(Constitution.guardrailHash(Rules.GATE))
                .isEqualTo(Rules.GATE.hash(Map.of("rules", Constitution.canonical())))
                .isNotEqualTo(Rules.GATE.hash());
    }
}
