package dev.hart.gpu.catalogue;

import dev.hart.error.ModelFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models whose files are on this machine, and what brings more of them here. A file that comes over the network is resumed after
 * a broken connection and after the end of the process, is checked before it counts, and is never run. Thread-safe; several
 * processes may use one folder, but should not fetch or delete the same model at once.
 */
public final class ModelStore implements AutoCloseable {
    private static final Duration CLOSE_WAITS = Duration.ofSeconds(10);
    private static final Logger log = LoggerFactory.getLogger(ModelStore.class);

    private final ModelFolder folder;
    private final Map<ModelSource, URI> bases;
    private final Repositories repositories;
    private final ModelFetch fetching;
    private final @Nullable ModelCatalogue catalogue;
    private final Transfers transfers;
    private final Object lock = new Object();
    private final Map<String, DownloadJob> jobs = new HashMap<>();
    /** Models that are being removed. */
    private final Set<String> leaving = new HashSet<>();

    private boolean closed;

    private ModelStore(Builder builder) {
        try {
            this.folder = new ModelFolder(builder.root, builder.clock);
        } catch (IOException e) {
            throw new UncheckedIOException("the model store %s cannot be opened".formatted(builder.root), e);
        }
        this.bases = new EnumMap<>(builder.bases);
        this.catalogue = builder.catalogue;
        DiskSpace disk = new DiskSpace(folder.root(), builder.keepFree, builder.usable);
        HttpSource source = new HttpSource(
                builder.client(), builder.allowHttp, builder.token, Origin.of(builder.base(ModelSource.HUGGINGFACE)));
        TransferLimits limits = builder.limits;
        Transfer.Pause pause = builder.pause;
        this.repositories = new Repositories(source, bases, limits.answer());
        this.transfers = new Transfers(
                folder.partials(),
                (request, file, watch) -> new Transfer(request, file, source, disk, limits, pause, watch));
        this.fetching = new ModelFetch(folder, disk, bases, repositories, transfers, builder.resources);
        if (catalogue != null) {
            for (StoredModel model : models()) {
                mark(model.id(), true);
            }
        }
    }

    /** With everything at its default. The folder is made when there is none. */
    public static ModelStore open(Path folder) {
        return configure(folder).open();
    }

    /** Says what differs from the defaults. */
    public static Builder configure(Path folder) {
        return new Builder(folder);
    }

    /** Used by one thread, once. */
    public static final class Builder {
        private static final long KEEP_FREE = 2 * Gib.ONE;

        private final Path root;
        private final Map<ModelSource, URI> bases = new EnumMap<>(Map.of(
                ModelSource.HUGGINGFACE, URI.create("https://huggingface.co"),
                ModelSource.GITHUB, URI.create("https://github.com")));
        private @Nullable String token;
        private boolean allowHttp;
        private long keepFree = KEEP_FREE;
        private @Nullable HttpClient client;
        private @Nullable ModelCatalogue catalogue;
        private InstantSource clock = InstantSource.system();
        private ClassLoader resources = defaultLoader();
        private TransferLimits limits = TransferLimits.USUAL;
        private Transfer.Pause pause = Builder::pause;
        private ToLongFunction<Path> usable = DiskSpace::usable;

        private Builder(Path root) {
            this.root = root;
        }

        private HttpClient client() {
            return client != null
                    ? client
                    : HttpClient.newBuilder()
                            .version(HttpClient.Version.HTTP_1_1)
                            .followRedirects(HttpClient.Redirect.NEVER)
                            .connectTimeout(limits.connect())
                            .build();
        }

        private URI base(ModelSource source) {
            return Objects.requireNonNull(bases.get(source));
        }

        private static ClassLoader defaultLoader() {
            ClassLoader context = Thread.currentThread().getContextClassLoader();
            return context != null ? context : ClassLoader.getSystemClassLoader();
        }

        private static void pause(Duration duration, CompletableFuture<?> until) throws InterruptedException {
            try {
                until.get(duration.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                // the usual end
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }

        /**
         * Where a source is asked instead of at its own address: a mirror.
         *
         * @param source HUGGINGFACE or GITHUB
         */
        public Builder mirror(ModelSource source, URI base) {
            if (!bases.containsKey(source)) {
                throw new IllegalArgumentException(
                        "only huggingface and github have mirrors, not " + source.wireName());
            }
            Origin.of(base);
            String text = base.toString();
            bases.put(source, URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text));
            return this;
        }

        /** Shown to Hugging Face, or its mirror, and to nobody else; none unless set. */
        public Builder token(String token) {
            if (token.isBlank() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
                throw new IllegalArgumentException(
                        "token must be printable ASCII without spaces; its text is not shown here");
            }
            this.token = token;
            return this;
        }

        /** Fetches also over plain http, which anyone on the way can change; only https, and http of this machine, unless set. */
        public Builder allowHttp() {
            this.allowHttp = true;
            return this;
        }

        /** How much of the disk no download takes, in bytes; 2 GiB unless set. */
        public Builder keepFree(long bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("keepFree must be 0 or more, was " + bytes);
            }
            this.keepFree = bytes;
            return this;
        }

        /** What asks over HTTP, for a proxy or certificates of your own. It must not follow redirects: the store checks each. */
        public Builder httpClient(HttpClient client) {
            if (client.followRedirects() != HttpClient.Redirect.NEVER) {
                throw new IllegalArgumentException(
                        "httpClient must have followRedirects(Redirect.NEVER), had " + client.followRedirects());
            }
            this.client = client;
            return this;
        }

        /** Is told which of its models are here; none unless set. A model that it knows as loaded is not deleted. */
        public Builder catalogue(ModelCatalogue catalogue) {
            this.catalogue = catalogue;
            return this;
        }

        /** Where time comes from; the system's clock unless set. */
        public Builder clock(InstantSource clock) {
            this.clock = clock;
            return this;
        }

        /** What has the files of sources CLASSPATH and MAVEN; the thread's context class loader unless set. */
        public Builder resources(ClassLoader loader) {
            this.resources = loader;
            return this;
        }

        Builder limits(TransferLimits limits) {
            this.limits = limits;
            return this;
        }

        Builder pause(Transfer.Pause pause) {
            this.pause = pause;
            return this;
        }

        Builder usable(ToLongFunction<Path> usable) {
            this.usable = usable;
            return this;
        }

        /** @throws UncheckedIOException when the folder cannot be made or read */
        public ModelStore open() {
            return new ModelStore(this);
        }
    }

    // What is here

    /** The model of that id, when its files are here. */
    public Optional<StoredModel> find(String id) {
        SafeNames.requireId(id);
        return io("read", () -> folder.find(id));
    }

    /** All whose files are here, by id. */
    public Collection<StoredModel> models() {
        return io("read", folder::all).values();
    }

    /** Of all models that are here, in bytes; what is here in part is not counted. */
    public long sizeBytes() {
        return models().stream().mapToLong(StoredModel::sizeBytes).sum();
    }

    /** Of all that is here in part, in bytes. */
    public long unfinishedBytes() {
        return io("read", folder::partialBytes);
    }

    /**
     * The files of a model that are not any more what they were when they came; empty when all are. Reads all of them.
     *
     * @throws ModelFileException MODEL_NOT_FOUND when it is not here
     */
    public List<String> damaged(String id) {
        StoredModel model = find(id).orElseThrow(() -> notHere(id));
        List<String> damaged = new ArrayList<>();
        new TreeMap<>(model.sha256()).forEach((file, digest) -> {
            Path path = model.folder().resolve(file);
            boolean same = io("read", () -> Files.isRegularFile(path) && digest.equals(FileCopy.digest(path)));
            if (!same) {
                damaged.add(file);
            }
        });
        return List.copyOf(damaged);
    }

    private static ModelFileException notHere(String id) {
        return new ModelFileException(
                "MODEL_NOT_FOUND", "the files of model '%s' are not here: download it".formatted(SafeNames.shown(id)));
    }

    /**
     * Removes the files of a model.
     *
     * @throws ModelFileException MODEL_NOT_FOUND when they are not here; MODEL_BUSY while it is being fetched, or is loaded
     */
    public void delete(String id) {
        SafeNames.requireId(id);
        synchronized (lock) {
            if (jobs.containsKey(id)) {
                throw new ModelFileException(
                        "MODEL_BUSY", "model '%s' is being fetched: cancel that first".formatted(id));
            }
            if (catalogue != null && catalogue.standing(id).loaded().isPresent()) {
                throw new ModelFileException("MODEL_BUSY", "model '%s' is loaded: unload it first".formatted(id));
            }
            if (!leaving.add(id)) {
                throw new ModelFileException("MODEL_BUSY", "model '%s' is being removed already".formatted(id));
            }
        }
        boolean was;
        try {
            was = io("delete from", () -> folder.delete(id));
        } finally {
            synchronized (lock) {
                leaving.remove(id);
            }
        }
        mark(id, false);
        if (!was) {
            throw notHere(id);
        }
    }

    /** Removes what is here in part and is not being fetched now. */
    public void deleteUnfinished() {
        synchronized (lock) {
            if (!jobs.isEmpty()) {
                throw new ModelFileException("MODEL_BUSY", "models are being fetched: " + jobs.keySet());
            }
            io("delete from", () -> {
                for (Path part : folder.parts()) {
                    Files.deleteIfExists(part);
                    Files.deleteIfExists(PartialFile.noteOf(part));
                }
                return true;
            });
        }
    }

    private void mark(String id, boolean downloaded) {
        if (catalogue != null && catalogue.find(id).isPresent()) {
            catalogue.markDownloaded(id, downloaded);
        }
    }

    // What there is elsewhere

    /**
     * The files that a repository of Hugging Face offers.
     *
     * @param repoId {@code owner/name}
     * @throws IllegalArgumentException when that is no such name
     * @throws ModelFileException MODEL_NOT_FOUND, DOWNLOAD_REFUSED, DOWNLOAD_FAILED
     */
    public List<RemoteFile> available(String repoId) throws InterruptedException {
        SafeNames.requireRepository("model", repoId);
        return repositories.files(repoId);
    }

    /**
     * The head of a GGUF file of a repository of Hugging Face, without the rest of it.
     *
     * @param repoId {@code owner/name}
     * @param path of the file in it
     * @throws IllegalArgumentException when these are no such names
     * @throws ModelFileException MODEL_NOT_FOUND, DOWNLOAD_REFUSED, DOWNLOAD_FAILED, FILE_REFUSED
     */
    public GgufHeader ggufHeader(String repoId, String path) throws InterruptedException {
        SafeNames.requireRepository("model", repoId);
        SafeNames.requireRelativePath("path", path);
        return repositories.ggufHeader(repoId, path);
    }

    // Download

    /** Brings the files of a model here, without telling how far it is. */
    public Download download(ModelEntry entry) {
        return download(entry, progress -> {});
    }

    /**
     * Brings the files of a model here. Who asks for a model that is being fetched joins in; who asks for one that is here gets it
     * at once. A file of which a part is here is gone on with. A file that the entry names as {@code archive…} is unpacked, and not
     * kept.
     *
     * @param listener is told of progress, on threads of the store's; what it throws is logged
     * @return a share in the download, which fails with a {@link ModelFileException}
     * @throws ModelFileException MODEL_BUSY when another entry of that id is being fetched
     */
    public Download download(ModelEntry entry, Consumer<DownloadProgress> listener) {
        Optional<StoredModel> here = here(entry);
        synchronized (lock) {
            if (closed) {
                throw new IllegalStateException("the model store is closed");
            }
            if (leaving.contains(entry.id())) {
                throw new ModelFileException(
                        "MODEL_BUSY", "model '%s' is being removed: try again".formatted(entry.id()));
            }
            DownloadJob running = jobs.get(entry.id());
            if (running != null) {
                if (!running.entry().equals(entry)) {
                    throw new ModelFileException(
                            "MODEL_BUSY",
                            "another version of model '%s' is being fetched: wait for it".formatted(entry.id()));
                }
                return running.join(listener);
            }
            DownloadJob job = new DownloadJob(entry);
            Download share = job.join(listener);
            if (here.isPresent()) {
                job.result().complete(here.get());
            } else {
                jobs.put(entry.id(), job);
                Transfers.daemon(() -> run(job), "hart-model-download").start();
            }
            return share;
        }
    }

    private Optional<StoredModel> here(ModelEntry entry) {
        return find(entry.id()).filter(model -> isOf(model, entry));
    }

    /** Whether it is what the entry is about, as far as the entry says. */
    private boolean isOf(StoredModel model, ModelEntry entry) {
        boolean allThere = model.sourceUrl().equals(ModelFiles.sourceUrl(entry, bases))
                && model.sha256().keySet().stream()
                        .allMatch(file -> Files.isRegularFile(model.folder().resolve(file)));
        return allThere
                && entry.files().entrySet().stream()
                        .filter(file -> !ModelFiles.isArchive(file.getKey()))
                        .allMatch(file -> model.sha256().containsKey(file.getValue()))
                && entry.sha256().entrySet().stream()
                        .allMatch(pin -> !model.sha256().containsKey(pin.getKey())
                                || pin.getValue().equals(model.sha256().get(pin.getKey())));
    }

    private void run(DownloadJob job) {
        StoredModel model = null;
        Throwable failure = null;
        try {
            // Another download of it may have ended just before this one began.
            Optional<StoredModel> here = here(job.entry());
            model = here.isPresent() ? here.get() : fetching.fetch(job);
        } catch (IOException e) {
            failure = new ModelFileException(
                    "DOWNLOAD_FAILED",
                    "model '%s' cannot be written to %s (%s)".formatted(job.id(), folder.root(), e),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = e;
        } catch (RuntimeException e) {
            failure = e;
        }
        synchronized (lock) {
            jobs.remove(job.id(), job);
        }
        if (model != null) {
            mark(job.id(), true);
            job.result().complete(model);
        } else if (failure != null) {
            job.result().completeExceptionally(failure);
        }
    }

    /**
     * Stops all downloads, and waits until they have let go of their files, ten seconds at most; what is here of them is gone on
     * with another time. Idempotent.
     */
    @Override
    public void close() {
        List<CompletableFuture<StoredModel>> running;
        synchronized (lock) {
            closed = true;
            running = jobs.values().stream().map(DownloadJob::result).toList();
        }
        transfers.close();
        try {
            CompletableFuture.allOf(running.toArray(CompletableFuture[]::new))
                    .exceptionally(e -> null)
                    .get(CLOSE_WAITS.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warn("downloads into {} have not stopped within {}", folder.root(), CLOSE_WAITS, e);
        }
    }

    private interface Io<T> {
        T run() throws IOException;
    }

    private <T> T io(String verb, Io<T> work) {
        try {
            return work.run();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot %s the model store %s".formatted(verb, folder.root()), e);
        }
    }
}
