package dev.hart.gpu.catalogue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A catalogue's file: {@code {"version": 1, "updated_at": …, "models": […], "removed": […]}}. {@code removed} are known entries
 * that somebody took out.
 */
final class CatalogueFile {
    private static final Logger log = LoggerFactory.getLogger(CatalogueFile.class);
    private static final int VERSION = 1;
    private static final long LARGEST = 16L << 20;

    private final Path path;

    CatalogueFile(Path path) {
        this.path = path;
    }

    record Content(List<ModelEntry> entries, List<String> removed, Optional<CatalogueEvent> setAside) {}

    Path path() {
        return path;
    }

    Content read(Instant now) {
        if (!Files.exists(path)) {
            return new Content(List.of(), List.of(), Optional.empty());
        }
        List<String> problems = new ArrayList<>();
        List<ModelEntry> entries = new ArrayList<>();
        List<String> removed = new ArrayList<>();
        boolean whole = true;
        try {
            if (Files.size(path) > LARGEST) {
                throw new IllegalArgumentException("it is larger than " + (LARGEST >> 20) + " MiB");
            }
            JsonNode root = ModelEntryJson.MAPPER.readTree(Files.readAllBytes(path));
            requireForm(root);
            for (JsonNode model : root.get("models")) {
                readEntry(model, entries, problems);
            }
            root.path("removed").forEach(id -> removed.add(id.asText()));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            whole = false;
            problems.add(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException("the catalogue %s cannot be read".formatted(path), e);
        }
        return new Content(
                entries, removed, problems.isEmpty() ? Optional.empty() : Optional.of(setAside(now, whole, problems)));
    }

    private static void requireForm(JsonNode root) {
        if (!root.isObject() || !root.path("models").isArray()) {
            throw new IllegalArgumentException("it is no object with a list 'models'");
        }
        if (root.path("version").asInt(VERSION) != VERSION) {
            throw new IllegalArgumentException("its version is %s, this HART reads %d"
                    .formatted(SafeNames.shown(root.get("version").toString()), VERSION));
        }
    }

    private static void readEntry(JsonNode model, List<ModelEntry> entries, List<String> problems) {
        try {
            entries.add(ModelEntryJson.read(model));
        } catch (IllegalArgumentException | ArithmeticException e) {
            problems.add(
                    "model '%s': %s".formatted(SafeNames.shown(model.path("id").asText("")), e.getMessage()));
        }
    }

    private CatalogueEvent.SetAside setAside(Instant now, boolean copy, List<String> problems) {
        String reason = String.join("; ", problems);
        try {
            Path aside = AtomicFile.setAside(path, now, copy);
            log.warn(
                    "the catalogue {} could not be read{}; it is kept as {}: {}",
                    path,
                    copy ? " in part" : "",
                    aside,
                    reason);
            return new CatalogueEvent.SetAside(aside, reason);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the catalogue %s cannot be read (%s) nor set aside".formatted(path, reason), e);
        }
    }

    void write(Collection<ModelEntry> entries, Collection<String> removed, Instant now) throws IOException {
        ObjectNode root = ModelEntryJson.MAPPER.createObjectNode();
        root.put("version", VERSION);
        root.put("updated_at", now.toString());
        ArrayNode models = root.putArray("models");
        entries.forEach(entry -> models.add(ModelEntryJson.write(entry)));
        ArrayNode gone = root.putArray("removed");
        removed.forEach(gone::add);
        AtomicFile.replace(
                path, ModelEntryJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(root));
    }
}
