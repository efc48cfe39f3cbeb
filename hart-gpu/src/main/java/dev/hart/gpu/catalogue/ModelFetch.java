package dev.hart.gpu.catalogue;

import dev.hart.error.ModelFileException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Brings all files of a model into a folder of their own, and takes that in when it is whole. Thread-safe. */
final class ModelFetch {
    private static final int MOST_ENTRIES_OF_AN_ARCHIVE = 100_000;

    private final ModelFolder folder;
    private final DiskSpace disk;
    private final Map<ModelSource, URI> bases;
    private final Repositories repositories;
    private final Transfers transfers;
    private final ClassLoader resources;

    ModelFetch(
            ModelFolder folder,
            DiskSpace disk,
            Map<ModelSource, URI> bases,
            Repositories repositories,
            Transfers transfers,
            ClassLoader resources) {
        this.folder = folder;
        this.disk = disk;
        this.bases = bases;
        this.repositories = repositories;
        this.transfers = transfers;
        this.resources = resources;
    }

    /** @throws ModelFileException by its codes */
    StoredModel fetch(DownloadJob job) throws IOException, InterruptedException {
        List<ModelFiles.Item> items = ModelFiles.of(job.entry(), bases, repositories::files);
        Map<ModelFiles.Item, Transfers.Claim> claims = new HashMap<>();
        Path staged = folder.stage(job.id());
        try {
            for (ModelFiles.Item item : items) {
                if (item instanceof ModelFiles.Fetched fetched) {
                    Transfers.Claim claim = transfers.claim(fetched.request(), bytes -> job.tellProgress());
                    claims.put(item, claim);
                    job.holds(claim);
                }
            }
            awaitAll(claims.values());
            Map<String, String> digests = new TreeMap<>();
            for (ModelFiles.Item item : items) {
                job.requireWanted();
                Transfers.Claim claim = claims.get(item);
                place(
                        item,
                        claim == null
                                ? Optional.empty()
                                : Optional.of(claim.result().join()),
                        job,
                        staged,
                        digests);
            }
            job.requireWanted();
            return folder.install(job.id(), ModelFiles.sourceUrl(job.entry(), bases), staged, digests);
        } finally {
            job.release();
            ModelFolder.remove(staged);
        }
    }

    /** Until all are here, or the first one fails. */
    private static void awaitAll(Collection<Transfers.Claim> claims) throws InterruptedException {
        CompletableFuture<@Nullable Void> all = new CompletableFuture<>();
        List<CompletableFuture<?>> results = new ArrayList<>();
        for (Transfers.Claim claim : claims) {
            results.add(claim.result());
            var unused = claim.result().whenComplete((received, failure) -> {
                if (failure != null) {
                    all.completeExceptionally(failure);
                }
            });
        }
        var unused = CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
                .thenRun(() -> all.complete(null));
        try {
            all.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private void place(
            ModelFiles.Item item,
            Optional<Transfer.Received> received,
            DownloadJob job,
            Path staged,
            Map<String, String> digests)
            throws IOException {
        Path target = staged.resolve(item.path());
        Files.createDirectories(Objects.requireNonNull(target.getParent()));
        String digest;
        Path from;
        if (received.isPresent()) {
            from = received.get().file();
            digest = received.get().sha256();
            if (!item.isArchive()) {
                linkOrCopy(from, target);
            }
        } else {
            from = target;
            digest = copy(item, job, target);
        }
        if (item.isArchive()) {
            digests.putAll(Archives.unpack(from, item.path(), staged, disk.room(), MOST_ENTRIES_OF_AN_ARCHIVE));
            Files.deleteIfExists(target);
        } else {
            digests.put(item.path(), digest);
        }
    }

    private static void linkOrCopy(Path from, Path target) throws IOException {
        try {
            Files.createLink(target, from);
        } catch (UnsupportedOperationException | FileSystemException e) {
            Files.copy(from, target); // not every file system has hard links
        }
    }

    /** From this machine; the digest that the entry states is checked. */
    private String copy(ModelFiles.Item item, DownloadJob job, Path target) throws IOException {
        String is;
        try (InputStream in = open(item, job.id());
                OutputStream out =
                        Files.newOutputStream(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            is = FileCopy.pass(in, (bytes, count) -> {
                job.requireWanted();
                disk.require(count, item.path());
                out.write(bytes, 0, count);
            });
        }
        String should = job.entry().sha256().getOrDefault(item.path(), is);
        if (!should.equals(is)) {
            throw new ModelFileException(
                    "FILE_REFUSED", "%s has the SHA-256 %s instead of %s".formatted(item.path(), is, should));
        }
        return is;
    }

    private InputStream open(ModelFiles.Item item, String id) throws IOException {
        if (item instanceof ModelFiles.Copied copied) {
            if (!Files.isRegularFile(copied.from())) {
                throw new ModelFileException(
                        "MODEL_NOT_FOUND", "there is no file %s for model '%s'".formatted(copied.from(), id));
            }
            return Files.newInputStream(copied.from());
        }
        InputStream resource = resources.getResourceAsStream(item.path());
        if (resource == null) {
            throw new ModelFileException(
                    "MODEL_NOT_FOUND",
                    "there is no resource %s on the class path for model '%s': add the library that has it"
                            .formatted(item.path(), id));
        }
        return resource;
    }
}
