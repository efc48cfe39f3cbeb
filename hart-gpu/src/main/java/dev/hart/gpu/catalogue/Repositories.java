package dev.hart.gpu.catalogue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hart.error.ModelFileException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the repositories of Hugging Face, or of a mirror, say of themselves. Thread-safe. */
final class Repositories {
    private static final Logger log = LoggerFactory.getLogger(Repositories.class);
    private static final int LARGEST_LISTING = 16 << 20;
    private static final int MOST_FILES = 10_000;

    private final HttpSource source;
    private final Map<ModelSource, URI> bases;
    private final Duration within;

    /** @param within how long an answer may take, and then its body */
    Repositories(HttpSource source, Map<ModelSource, URI> bases, Duration within) {
        this.source = source;
        this.bases = bases;
        this.within = within;
    }

    private interface Reading<T> {
        T read(InputStream body) throws IOException;
    }

    /** As {@link ModelStore#available}. */
    List<RemoteFile> files(String repoId) throws InterruptedException {
        URI uri = URI.create(bases.get(ModelSource.HUGGINGFACE) + "/api/models/" + repoId + "?blobs=true");
        return ask(repoId, "the list of files of " + repoId, uri, body -> {
            byte[] json = body.readNBytes(LARGEST_LISTING + 1);
            if (json.length > LARGEST_LISTING) {
                throw new ModelFileException(
                        "DOWNLOAD_FAILED", "the list of files of %s is larger than 16 MiB".formatted(repoId));
            }
            return listed(repoId, ModelEntryJson.MAPPER.readTree(json));
        });
    }

    /** As {@link ModelStore#ggufHeader}. */
    GgufHeader ggufHeader(String repoId, String path) throws InterruptedException {
        return ask(
                repoId,
                "the head of " + path,
                ModelFiles.huggingFaceUrl(bases, repoId, path),
                body -> GgufHeader.read(body, path));
    }

    private <T> T ask(String repoId, String what, URI uri, Reading<T> reading) throws InterruptedException {
        try {
            HttpResponse<InputStream> answer = source.get(uri, 0, Optional.empty(), within, future -> {});
            try (InputStream body = answer.body()) {
                requireFound(repoId, answer.statusCode());
                return inTime(body, reading);
            }
        } catch (JsonProcessingException e) {
            throw new ModelFileException("DOWNLOAD_FAILED", what + " is no JSON", e);
        } catch (IOException e) {
            throw new ModelFileException("DOWNLOAD_FAILED", "%s did not come (%s)".formatted(what, e), e);
        }
    }

    /** A body that comes too slowly is closed, which ends the reading of it. */
    private <T> T inTime(InputStream body, Reading<T> reading) throws IOException {
        CompletableFuture<Boolean> done =
                new CompletableFuture<Boolean>().orTimeout(within.toMillis(), TimeUnit.MILLISECONDS);
        var unused = done.whenComplete((read, late) -> {
            if (late != null) {
                try {
                    body.close();
                } catch (IOException e) {
                    log.debug("a connection that is given up could not be closed", e);
                }
            }
        });
        try {
            return reading.read(body);
        } finally {
            done.complete(true);
        }
    }

    private static void requireFound(String repoId, int status) {
        if (status == 401 || status == 403) {
            throw new ModelFileException(
                    "DOWNLOAD_REFUSED",
                    "the repository %s is unknown or not for everybody (status %d): check its name, or give a token to the store"
                            .formatted(repoId, status));
        }
        if (status == 404) {
            throw new ModelFileException(
                    "MODEL_NOT_FOUND", "there is no repository %s, or no such file in it".formatted(repoId));
        }
        if (status != 200) {
            throw new ModelFileException(
                    "DOWNLOAD_FAILED", "what was asked of %s came with status %d".formatted(repoId, status));
        }
    }

    private static List<RemoteFile> listed(String repoId, JsonNode json) {
        List<RemoteFile> files = new ArrayList<>();
        for (JsonNode sibling : json.path("siblings")) {
            if (files.size() == MOST_FILES) {
                throw new ModelFileException(
                        "DOWNLOAD_FAILED", "%s has more than %d files".formatted(repoId, MOST_FILES));
            }
            String path;
            try {
                path = SafeNames.requireRelativePath(
                        "a file of " + repoId, sibling.path("rfilename").asText());
            } catch (IllegalArgumentException e) {
                throw new ModelFileException("FILE_REFUSED", String.valueOf(e.getMessage()), e);
            }
            JsonNode size = sibling.path("size").isIntegralNumber()
                    ? sibling.path("size")
                    : sibling.path("lfs").path("size");
            String digest = sibling.path("lfs").path("sha256").asText();
            files.add(new RemoteFile(
                    repoId,
                    path,
                    size.isIntegralNumber() && size.asLong() >= 0
                            ? OptionalLong.of(size.asLong())
                            : OptionalLong.empty(),
                    digest.matches("[0-9a-f]{64}") ? Optional.of(digest) : Optional.empty()));
        }
        return List.copyOf(files);
    }
}
