package dev.hart.speech;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.GpuException;
import dev.hart.gpu.runtime.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandGrammarTest {
    @TempDir
    Path folder;

    private CommandGrammar grammar(String rules) throws IOException {
        return of("#JSGF V1.0;\ngrammar test;\n" + rules);
    }

    private CommandGrammar of(String text) throws IOException {
        return CommandGrammar.of(Weights.file(Files.writeString(folder.resolve("any name.txt"), text)));
    }

    @Test
    void itsWordsAreThoseOfThePublicRulesAndWhatTheyUse() throws IOException {
        CommandGrammar grammar = grammar("""
            public <one> = /10/ open <thing> {tag} | /1/ [please] (close)+ <NULL>;
            public <two> = <test.thing> off;
            <thing> = door | window;
            <unused> = nothing;
            """);
        assertThat(grammar.name()).isEqualTo("test");
        assertThat(grammar.words()).containsExactlyInAnyOrder("open", "door", "window", "please", "close", "off");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', textBlock = """
        <a> = open;                               ! no public rule
        public <a> = <NULL>;                      ! no public rule with words
        public <a> = open <b>;                    ! no rule <b>
        public <a> = open <a>;                    ! <a> contains itself
        public <a> = <b>; <b> = x | <c>; <c> = <b>; ! contains itself
        public <a> = x (a* | b*)+;                ! which can be empty
        public <a> = ([x])*;                      ! which can be empty
        public <a> = open <other.things.b>;       ! of another grammar
        public <a> = (open;                       ! line 3
        public <a> = "open;                       ! correct it
        """)
    void whatTheRecogniserCouldNotUseIsRefused(String rules, String reason) {
        assertRefused("#JSGF V1.0;\ngrammar test;\n" + rules, reason);
    }

    @Test
    void whatIsNoGrammarIsRefused() {
        assertRefused("hello", "does not begin with '#JSGF V1.0'");
        assertRefused("#JSGF V1.0;\npublic <a> = open;", "correct it");
        assertRefused("#JSGF V1.0;\ngrammar test;\nimport <other.*>;\npublic <a> = open;", "imports another grammar");
        assertRefused("#JSGF V1.0;\ngrammar test;\npublic <a> = " + "(".repeat(500_000) + ";", "nested too deeply");
        assertRefused("#JSGF V1.0;" + " ".repeat(1 << 20), "longer than 1 MiB");
        assertThatThrownBy(() -> CommandGrammar.of(Weights.file(folder.resolve("none.gram"))))
                .isInstanceOf(GpuException.class)
                .hasMessageContaining("cannot be read");
    }

    @Test
    void itHasAtMost5000WordsAndNamesWhenItIsWrittenOut() throws IOException {
        // The name of the rule and 4,999 words.
        assertThat(grammar("public <a> = " + "x ".repeat(4_999) + ";").words()).containsExactly("x");
        assertRefused("#JSGF V1.0;\ngrammar test;\npublic <a> = " + "x ".repeat(5_000) + ";", "more than 5000 words");
        StringBuilder doubling = new StringBuilder("#JSGF V1.0;\ngrammar test;\n<r0> = x;\n");
        for (int i = 1; i < 40; i++) {
            doubling.append("<r%d> = <r%d> <r%d>;\n".formatted(i, i - 1, i - 1));
        }
        assertRefused(doubling + "public <a> = <r39>;", "more than 5000 words");
    }

    private void assertRefused(String text, String reason) {
        assertThatThrownBy(() -> of(text))
                .isInstanceOfSatisfying(
                        GpuException.class, e -> assertThat(e.code()).isEqualTo("MODEL_UNREADABLE"))
                .hasMessageContaining(reason);
    }
}
