package dev.hart.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.guard.Verdict;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Any text at all goes through decoders, gate and redactor without an error, and what they say holds for it. The fuzz tests
 * read their stored inputs in a normal build; {@code JAZZER_FUZZ=1} lets Jazzer look for new ones. The seeded tests put
 * texts together from pieces that matter to the rules.
 */
class TextFuzzTest {
    private static final Guardrails GUARDRAILS = Guardrails.builtIn();
    private static final SecretRedactor REDACTOR = new SecretRedactor();
    private static final PiiScanner SCANNER = new PiiScanner();
    private static final RuleBook BOOK = RuleBook.load();

    private static final List<String> PIECES = List.of(
            "ignore ",
            "all ",
            "previous ",
            "instructions",
            "忽略",
            "之前的",
            "指令",
            "\u200b",
            "\u202e",
            "\u00ad",
            "\ud83c\udff4",
            "\udb40\udc69",
            "\ud800",
            "\u0000",
            "<!--",
            "-->",
            "<b>",
            "</",
            "&#105;",
            "&#x1F600;",
            "&amp;",
            "%69",
            "%E5%BF",
            "\\x69",
            "\\u0069",
            "\\u",
            "%",
            "aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0cnVjdGlvbnM=",
            "69676e6f7265",
            "i g n o r e ",
            "1gn0re ",
            "<|im_start|>",
            "system:",
            "\n",
            "\r\n",
            " ",
            "=",
            "://a:b@",
            "-----BEGIN ",
            "PRIVATE KEY-----",
            "sk-ant-",
            "AKIA",
            "eyJ",
            ".",
            "4111 1111 1111 1111",
            "555-123-4567",
            "john@example.com",
            "203.0.113.9",
            "٤",
            "password=",
            "\"",
            "'",
            "[",
            "](",
            "end of document ",
            "🇭",
            "ﬁ",
            "İ",
            "ß");

    @FuzzTest
    void decodersReadAnything(FuzzedDataProvider data) {
        decoders(data.consumeRemainingAsString());
    }

    @FuzzTest
    void theGateAnswersAnything(FuzzedDataProvider data) {
        Rail rail = data.pickValue(Rail.values());
        Provenance provenance = data.pickValue(Provenance.values());
        gate(rail, provenance, data.consumeRemainingAsString());
    }

    @FuzzTest
    void theRedactorLeavesNothingItWouldFindAgain(FuzzedDataProvider data) {
        redactor(data.consumeRemainingAsString());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void texts_of_pieces_go_through_all_of_them(long seed) {
        Random chance = new Random(seed);
        for (int round = 0; round < 400; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = chance.nextInt(40); i >= 0; i--) {
                text.append(
                        chance.nextInt(8) == 0
                                ? Character.toString(chance.nextInt(0x11_0000))
                                : PIECES.get(chance.nextInt(PIECES.size())));
            }
            decoders(text.toString());
            gate(
                    Rail.values()[chance.nextInt(Rail.values().length)],
                    Provenance.values()[chance.nextInt(Provenance.values().length)],
                    text.toString());
            redactor(text.toString());
        }
    }

    private static void decoders(String text) {
        for (Reading reading : Disguises.in(text, BOOK.trie()).readings()) {
            assertThat(reading.start()).isBetween(0, text.length());
            assertThat(reading.end()).isBetween(reading.start(), text.length());
        }
        Reading plain = Markup.removed(text);
        if (plain != null) {
            assertThat(plain.originalEnd(plain.text().length())).isBetween(0, text.length());
        }
    }

    private static void gate(Rail rail, Provenance provenance, String text) {
        Assessment assessment = GUARDRAILS.assess(rail, Subject.text(text, provenance));

        if (assessment.verdict() instanceof Verdict.Refused refused) {
            assertThat(refused.rule()).isNotEqualTo("CHECK_INCOMPLETE");
        }
        for (Verdict.Finding finding : assessment.findings()) {
            assertThat(finding.start()).isBetween(-1, text.length());
            assertThat(finding.end()).isBetween(finding.start(), text.length());
        }
    }

    private static void redactor(String text) {
        String redacted = REDACTOR.redact(text);

        int count = REDACTOR.count(text);
        assertThat(redacted.equals(text)).isEqualTo(count == 0);
        assertThat(redacted.split("\\[REDACTED:", -1).length - text.split("\\[REDACTED:", -1).length)
                .isLessThanOrEqualTo(count);
        String anonymous = SCANNER.redact(text);
        assertThat(SCANNER.scan(text)).allSatisfy(item -> assertThat(item.end()).isGreaterThan(item.start()));
        assertThat(anonymous.length())
                .isLessThanOrEqualTo(text.length() + 12 * (SCANNER.scan(text).size() + 1));
    }
}
