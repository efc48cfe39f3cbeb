package dev.hart.bench.match;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hart.core.match.SlotTagger.Example;
import dev.hart.core.match.SlotTagger.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads the sentences of CLINC150 and SNIPS. */
final class Requests {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Requests() {}

    /** A sentence and what it asks for. */
    record Labelled(String text, String intent) {}

    static List<Labelled> clinc(Path file) throws IOException {
        List<Labelled> found = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            int tab = line.lastIndexOf('\t');
            if (tab > 0) {
                found.add(new Labelled(line.substring(0, tab), line.substring(tab + 1)));
            }
        }
        return found;
    }

    /** Every second sentence of each intent, beginning with the second: the others were for tuning. */
    static List<Labelled> heldOut(List<Labelled> all) {
        Map<String, Integer> seen = new TreeMap<>();
        return all.stream()
                .filter(one -> seen.merge(one.intent(), 1, Integer::sum) % 2 == 0)
                .toList();
    }

    static Map<String, List<String>> byIntent(List<Labelled> all) {
        Map<String, List<String>> texts = new TreeMap<>();
        all.forEach(one ->
                texts.computeIfAbsent(one.intent(), i -> new ArrayList<>()).add(one.text()));
        return texts;
    }

    /** Sentences with slots, by intent; blanks at the ends of a value do not belong to it. */
    static Map<String, List<Example>> snips(Path file) throws IOException {
        Map<String, List<Example>> found = new TreeMap<>();
        for (String line : Files.readAllLines(file)) {
            JsonNode node = JSON.readTree(line);
            String text = node.get("text").asText();
            List<Span> spans = new ArrayList<>();
            for (JsonNode slot : node.get("slots")) {
                String value = slot.get("value").asText();
                int start = slot.get("start").asInt()
                        + value.length()
                        - value.stripLeading().length();
                if (!value.isBlank()) {
                    spans.add(new Span(
                            slot.get("name").asText(),
                            start,
                            start + value.strip().length()));
                }
            }
            found.computeIfAbsent(node.get("intent").asText(), i -> new ArrayList<>())
                    .add(new Example(text, spans));
        }
        return found;
    }
}
