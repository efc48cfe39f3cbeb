package dev.hart.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InvalidClassException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SerializedObjectsTest {

    @Test
    void theServersProcessReadsNoSerializedObject() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Reader.class.getName())
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);

        assertThat(process.waitFor()).isZero();
        assertThat(said).isEqualTo("read refused");
    }

    /** Reads an object before and after they are refused. */
    static final class Reader {
        public static void main(String[] none) throws Exception {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(new ArrayList<>(List.of("a")));
            }
            new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
            System.out.print("read ");
            HartCommand.refuseSerializedObjects();
            try {
                new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
                System.out.print("again");
            } catch (InvalidClassException e) {
                System.out.print("refused");
            }
        }
    }
}
