package dev.hart.bench.guard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/** Reads texts, and parts them into a half for tuning and one that is kept back. */
final class Texts {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Texts() {}

    /**
     * One text a line: the member {@code text} of a JSON object, or what stands before the last tab of a line, or the line.
     * Blank lines and, unless it is JSON lines, those that begin with {@code #} are left out.
     */
    static List<String> of(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return of(in, file.toString().endsWith(".jsonl"));
        }
    }

    static List<String> of(InputStream in, boolean json) throws IOException {
        List<String> texts = new ArrayList<>();
        BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.isBlank() || (!json && line.startsWith("#"))) {
                continue;
            }
            if (json) {
                JsonNode text = JSON.readTree(line).get("text");
                if (text == null) {
                    throw new IllegalArgumentException("a line has no member text: " + line);
                }
                texts.add(text.asText());
            } else {
                int tab = line.lastIndexOf('\t');
                texts.add(tab > 0 ? line.substring(0, tab) : line);
            }
        }
        return texts;
    }

    /** Whether a text belongs to the half that no rule was tuned on: the highest bit of its SHA-256 is set. */
    static boolean isHeldOut(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return digest[0] < 0;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
