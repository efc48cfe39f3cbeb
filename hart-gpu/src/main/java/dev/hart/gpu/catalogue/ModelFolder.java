package dev.hart.gpu.catalogue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder that models lie in:
 *
 * <pre>
 * &lt;id&gt;/…               a model's files, nothing else
 * .installed/&lt;id&gt;.json  what is known about them; without it a model is not there
 * manifest.json         the same of all, for others to read: {"tools": {id: {source_url, size_bytes, downloaded_at, path}}}
 * .partial/             files of which the first bytes are here
 * .staging/, .trash/    on the way in and out
 * </pre>
 *
 * A model comes in by a rename and then its note, and goes out by the note and then a rename: a crash leaves it there or not.
 */
final class ModelFolder {
    private static final Logger log = LoggerFactory.getLogger(ModelFolder.class);
    private static final Duration STAGING_IS_LEFT_AFTER = Duration.ofDays(1);

    private final Path root;
    private final InstantSource clock;
    private final Object lock = new Object();

    ModelFolder(Path root, InstantSource clock) throws IOException {
        this.root = Files.createDirectories(root.toAbsolutePath().normalize());
        this.clock = clock;
        for (String name : List.of(".installed", ".partial", ".staging", ".trash")) {
            Files.createDirectories(root.resolve(name));
        }
        removeLeftovers(root.resolve(".trash"), Instant.MAX);
        removeLeftovers(root.resolve(".staging"), clock.instant().minus(STAGING_IS_LEFT_AFTER));
        synchronized (lock) {
            writeManifest();
        }
    }

    Path root() {
        return root;
    }

    Path partials() {
        return root.resolve(".partial");
    }

    /** A new folder for files on their way in. */
    Path stage(String id) throws IOException {
        return Files.createDirectories(root.resolve(".staging").resolve(id + "-" + UUID.randomUUID()));
    }

    private static void removeLeftovers(Path folder, Instant before) throws IOException {
        List<Path> left;
        try (Stream<Path> all = Files.list(folder)) {
            left = all.toList();
        }
        for (Path path : left) {
            if (Files.getLastModifiedTime(path).toInstant().isBefore(before)) {
                remove(path);
            }
        }
    }

    /** With all that is in it; links are removed, not followed. */
    static void remove(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.deleteIfExists(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Takes a staged folder in, in place of what was there. */
    StoredModel install(String id, String sourceUrl, Path staged, Map<String, String> sha256) throws IOException {
        long size = 0;
        for (String file : sha256.keySet()) {
            size += Files.size(staged.resolve(file));
        }
        StoredModel model = new StoredModel(id, sourceUrl, size, clock.instant(), root.resolve(id), sha256);
        Optional<Path> old;
        synchronized (lock) {
            old = takeOut(id);
            Files.move(staged, model.folder(), StandardCopyOption.ATOMIC_MOVE);
            AtomicFile.replace(note(id), ModelEntryJson.MAPPER.writeValueAsBytes(write(model, true)));
            writeManifest();
        }
        if (old.isPresent()) {
            remove(old.get());
        }
        return model;
    }

    /** Whether it was there. */
    boolean delete(String id) throws IOException {
        Optional<Path> old;
        boolean known;
        synchronized (lock) {
            known = find(id).isPresent();
            old = takeOut(id);
            writeManifest();
        }
        if (old.isPresent()) {
            remove(old.get());
        }
        return known;
    }

    private Optional<Path> takeOut(String id) throws IOException {
        Files.deleteIfExists(note(id));
        Path folder = root.resolve(id);
        if (!Files.exists(folder)) {
            return Optional.empty();
        }
        return Optional.of(Files.move(
                folder, root.resolve(".trash").resolve(id + "-" + UUID.randomUUID()), StandardCopyOption.ATOMIC_MOVE));
    }

    private Path note(String id) {
        return root.resolve(".installed").resolve(SafeNames.requireId(id) + ".json");
    }

    Optional<StoredModel> find(String id) throws IOException {
        return read(note(id), id);
    }

    Map<String, StoredModel> all() throws IOException {
        List<Path> notes;
        try (Stream<Path> files = Files.list(root.resolve(".installed"))) {
            notes = files.filter(file -> file.toString().endsWith(".json")).toList();
        }
        Map<String, StoredModel> models = new TreeMap<>();
        for (Path note : notes) {
            String name = String.valueOf(note.getFileName());
            read(note, name.substring(0, name.length() - ".json".length()))
                    .ifPresent(model -> models.put(model.id(), model));
        }
        return models;
    }

    private Optional<StoredModel> read(Path note, String id) throws IOException {
        if (!Files.exists(note) || !hasFiles(root.resolve(id))) {
            return Optional.empty();
        }
        try {
            JsonNode json = ModelEntryJson.MAPPER.readTree(Files.readAllBytes(note));
            Map<String, String> sha256 = new LinkedHashMap<>();
            json.path("sha256")
                    .fields()
                    .forEachRemaining(field -> sha256.put(
                            SafeNames.requireRelativePath("sha256", field.getKey()),
                            field.getValue().asText()));
            return Optional.of(new StoredModel(
                    SafeNames.requireId(id),
                    json.path("source_url").asText(),
                    json.path("size_bytes").asLong(),
                    Instant.parse(json.path("downloaded_at").asText()),
                    root.resolve(id),
                    sha256));
        } catch (JsonProcessingException | IllegalArgumentException | DateTimeException e) {
            Path aside = AtomicFile.setAside(note, clock.instant(), false);
            log.warn(
                    "what was known about model {} cannot be read and is kept as {}: it must be fetched anew",
                    id,
                    aside,
                    e);
            return Optional.empty();
        }
    }

    private static boolean hasFiles(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isPresent();
        }
    }

    private static ObjectNode write(StoredModel model, boolean withDigests) {
        ObjectNode json = ModelEntryJson.MAPPER.createObjectNode();
        json.put("source_url", model.sourceUrl());
        json.put("size_bytes", model.sizeBytes());
        json.put("downloaded_at", model.downloadedAt().toString());
        json.put("path", model.folder().toString());
        if (withDigests) {
            json.set("sha256", ModelEntryJson.MAPPER.valueToTree(new TreeMap<>(model.sha256())));
        }
        return json;
    }

    private void writeManifest() throws IOException {
        Path manifest = root.resolve("manifest.json");
        ObjectNode json = ModelEntryJson.MAPPER.createObjectNode();
        ObjectNode tools = json.putObject("tools");
        all().forEach((id, model) -> tools.set(id, write(model, false)));
        byte[] next = ModelEntryJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
        if (Files.exists(manifest)) {
            byte[] old = Files.readAllBytes(manifest);
            if (Arrays.equals(old, next)) {
                return;
            }
            if (!isObject(old)) {
                Path aside = AtomicFile.setAside(manifest, clock.instant(), false);
                log.warn("{} could not be read and is kept as {}; it is written anew", manifest, aside);
            }
        }
        AtomicFile.replace(manifest, next);
    }

    private static boolean isObject(byte[] json) throws IOException {
        try {
            return ModelEntryJson.MAPPER.readTree(json).isObject();
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    /** Files that are here in part: their bytes. */
    long partialBytes() throws IOException {
        long bytes = 0;
        for (Path part : parts()) {
            bytes += Files.size(part);
        }
        return bytes;
    }

    List<Path> parts() throws IOException {
        List<Path> parts = new ArrayList<>();
        try (Stream<Path> files = Files.list(partials())) {
            files.filter(file -> file.toString().endsWith(".part")).forEach(parts::add);
        }
        return parts;
    }
}
