package dev.hart.security;

import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.guard.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Texts with the verdict that this build must give on them: {@code vectors.txt}. */
final class Vectors {
    static final String FILE = "vectors.txt";

    private Vectors() {}

    /**
     * @param verdict {@code ALLOW}, {@code FLAG}, or {@code BLOCK} and the rule that decides
     */
    record Vector(Rail rail, Provenance provenance, String verdict, String text) {}

    static List<Vector> read() {
        List<Vector> vectors = new ArrayList<>();
        for (String line : new String(RuleBook.bytes(FILE), StandardCharsets.UTF_8).split("\n", -1)) {
            if (!line.isBlank() && !line.startsWith("#")) {
                String[] parts = line.split(" \\| ", 4);
                if (parts.length != 4) {
                    throw new IllegalStateException(FILE + ": a vector has four parts, was: " + line);
                }
                vectors.add(new Vector(
                        Rail.valueOf(parts[0].trim()), Provenance.valueOf(parts[1].trim()), parts[2].trim(), parts[3]));
            }
        }
        return List.copyOf(vectors);
    }

    /** What went wrong, a sentence each; empty when every vector gives its verdict. */
    static List<String> failures(Guardrails guardrails) {
        List<String> failures = new ArrayList<>();
        List<Vector> vectors = read();
        for (int i = 0; i < vectors.size(); i++) {
            Vector vector = vectors.get(i);
            String verdict = name(guardrails
                    .assess(vector.rail(), Subject.text(vector.text(), vector.provenance()))
                    .verdict());
            if (!verdict.equals(vector.verdict())) {
                failures.add("vector %d on rail %s must be %s, was %s"
                        .formatted(i + 1, vector.rail(), vector.verdict(), verdict));
            }
        }
        return failures;
    }

    private static String name(Verdict verdict) {
        if (verdict instanceof Verdict.Refused refused) {
            return "BLOCK " + refused.rule();
        }
        return verdict instanceof Verdict.Flagged ? "FLAG" : "ALLOW";
    }
}
