package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.Run;
import dev.hart.evidence.VerifyEvidence;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the verifier for outsiders, which shares no code with the runtime, says of a run's evidence. */
final class WholeEvidence {
    private WholeEvidence() {}

    static void require(Run run) throws IOException {
        Path file = Files.createTempFile("run", ".evidence");
        try {
            Files.write(file, run.evidence().bytes());
            ByteArrayOutputStream said = new ByteArrayOutputStream();
            int code = VerifyEvidence.run(new PrintStream(said, true, StandardCharsets.UTF_8), file.toString());
            assertThat(code).as(said.toString(StandardCharsets.UTF_8)).isZero();
        } finally {
            Files.delete(file);
        }
    }
}
