package dev.hart.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LookAlikeTableTest {
    @Test
    void the_shipped_table_is_what_unicodes_confusables_give() throws IOException {
        try (InputStream shipped = Folding.class.getResourceAsStream("lookalikes.txt")) {
            assertThat(new String(shipped.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(LookAlikeTable.text());
        }
    }

    @Test
    void the_shipped_folds_are_what_unicodes_tables_give() {
        assertThat(new String(RuleBook.bytes("folds.txt"), StandardCharsets.UTF_8))
                .isEqualTo(FoldTable.text());
    }

    @ParameterizedTest
    @CsvSource({"а,a", "В,b", "ѕ,s", "і,i", "ο,o", "Ι,i", "Ꭺ,a"})
    void cyrillic_greek_and_cherokee_letters_look_like_latin_ones(String letter, char latin) {
        assertThat(FoldedText.of(letter).latin()).isEqualTo(String.valueOf(latin));
    }

    @ParameterizedTest
    @CsvSource({"ＴＩＴＬＥ,title", "𝐓𝐢𝐭𝐥𝐞,title", "TITLE,title", "élève,eleve", "İstanbul,istanbul", "ﬁle,file"})
    void case_accents_and_compatibility_forms_are_folded_without_the_locale(String text, String folded) {
        assertThat(FoldedText.of(text).folded()).isEqualTo(folded);
    }

    @Test
    void every_folded_character_knows_its_place_in_the_original() {
        FoldedText text = FoldedText.of("a\u200bﬁ𝐱z");

        assertThat(text.folded()).isEqualTo("afixz");
        assertThat(new int[] {
                    text.originalIndex(0),
                    text.originalIndex(1),
                    text.originalIndex(2),
                    text.originalIndex(3),
                    text.originalIndex(4),
                    text.originalIndex(5)
                })
                .containsExactly(0, 2, 2, 3, 5, 6);
    }
}
