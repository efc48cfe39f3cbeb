package dev.hart.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DetectionReportTest {
    @Test
    void itIsPrintedOnAnyMachine() throws IOException, InterruptedException {
        PrintStream original = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            DetectionReport.main(new String[0]);
        } finally {
            System.setOut(original);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("\"nvml\"")
                .contains("\"nvidia-smi\"")
                .contains("\"id\" : \"cpu:0\"")
                .contains("\"graphicsCards\"");
    }
}
