package dev.hart.gpu.catalogue;

import dev.hart.error.ModelFileException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Where each file of an entry comes from. */
final class ModelFiles {
    /** What a file is for, when it is to be unpacked: this, or this and more. */
    private static final String ARCHIVE = "archive";

    /** One file of a model. */
    sealed interface Item {
        /** Where it lies in the model's folder. */
        String path();

        /** Whether what is in it is wanted, not itself. */
        boolean isArchive();
    }

    record Fetched(String path, boolean isArchive, FileRequest request) implements Item {}

    record Copied(String path, boolean isArchive, Path from) implements Item {}

    record Resource(String path, boolean isArchive) implements Item {}

    /** Lists a repository. */
    interface Listing {
        List<RemoteFile> files(String repoId) throws InterruptedException;
    }

    private final ModelEntry entry;
    private final Map<ModelSource, URI> bases;
    private final Listing listing;

    private ModelFiles(ModelEntry entry, Map<ModelSource, URI> bases, Listing listing) {
        this.entry = entry;
        this.bases = bases;
        this.listing = listing;
    }

    /** @throws ModelFileException NOT_DOWNLOADABLE, with what the entry lacks or who fetches it */
    static List<Item> of(ModelEntry entry, Map<ModelSource, URI> bases, Listing listing) throws InterruptedException {
        return new ModelFiles(entry, bases, listing).all();
    }

    /** Where they come from, for people. */
    static String sourceUrl(ModelEntry entry, Map<ModelSource, URI> bases) {
        URI base = bases.get(entry.source());
        if (base != null) {
            return base + "/" + entry.repoId();
        }
        String url = entry.downloadUrl().isEmpty() ? entry.repoId() : entry.downloadUrl();
        int query = url.indexOf('?');
        return query < 0 ? url : url.substring(0, query);
    }

    private List<Item> all() throws InterruptedException {
        return switch (entry.source()) {
            case HUGGINGFACE -> entry.files().isEmpty() ? wholeRepository() : named("resolve/main/");
            case GITHUB -> named("releases/download/" + entry.version() + "/");
            case CUSTOM_URL -> atUrl();
            case LOCAL -> local();
            case MAVEN, CLASSPATH -> resources();
            case OLLAMA -> throw notDownloadable("is fetched by Ollama: 'ollama pull " + entry.repoId() + "'");
            case PIP -> throw notDownloadable("is fetched by pip: install its package where its server runs");
            case API -> throw notDownloadable("is a service elsewhere: there is nothing to fetch");
        };
    }

    private ModelFileException notDownloadable(String why) {
        return new ModelFileException("NOT_DOWNLOADABLE", "model '%s' %s".formatted(entry.id(), why));
    }

    private List<Item> wholeRepository() throws InterruptedException {
        requireRepository();
        List<Item> all = new ArrayList<>();
        for (RemoteFile file : listing.files(entry.repoId())) {
            FileRequest request = new FileRequest(
                    url("resolve/main/", file.path()),
                    file.path(),
                    file.sizeBytes(),
                    pinned(file.path()).or(file::sha256));
            all.add(new Fetched(file.path(), false, request));
        }
        if (all.isEmpty()) {
            throw new ModelFileException("MODEL_NOT_FOUND", "the repository %s has no files".formatted(entry.repoId()));
        }
        return all;
    }

    private void requireRepository() {
        if (!entry.repoId().contains("/")) {
            throw notDownloadable("has no repo_id such as 'owner/name': set it");
        }
    }

    private List<Item> named(String between) {
        requireRepository();
        requireFiles();
        List<Item> all = new ArrayList<>();
        new TreeMap<>(entry.files()).forEach((use, path) -> all.add(fetched(use, path, url(between, path))));
        return all;
    }

    private void requireFiles() {
        if (entry.files().isEmpty()) {
            throw notDownloadable("names no files: set them, such as {\"model\": \"model.gguf\"}");
        }
    }

    private URI url(String between, String path) {
        URI base = bases.get(entry.source());
        return URI.create(base + "/" + entry.repoId() + "/" + encoded(between) + encoded(path));
    }

    static URI huggingFaceUrl(Map<ModelSource, URI> bases, String repoId, String path) {
        return URI.create(bases.get(ModelSource.HUGGINGFACE) + "/" + repoId + "/resolve/main/" + encoded(path));
    }

    private static String encoded(String path) {
        try {
            return new URI(null, null, "/" + path, null).toASCIIString().substring(1);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("'%s' cannot be part of a URL".formatted(SafeNames.shown(path)), e);
        }
    }

    private Fetched fetched(String use, String path, URI uri) {
        return new Fetched(path, isArchive(use), new FileRequest(uri, path, OptionalLong.empty(), pinned(path)));
    }

    static boolean isArchive(String use) {
        return use.startsWith(ARCHIVE);
    }

    private Optional<String> pinned(String path) {
        return Optional.ofNullable(entry.sha256().get(path));
    }

    private List<Item> atUrl() {
        URI uri;
        try {
            uri = new URI(entry.downloadUrl());
        } catch (URISyntaxException e) {
            throw new ModelFileException(
                    "NOT_DOWNLOADABLE", "the download_url of model '%s' is no URL".formatted(entry.id()), e);
        }
        Origin.of(uri);
        String path = uri.getPath() == null ? "" : uri.getPath();
        if (path.endsWith("/")) {
            requireFiles();
            List<Item> all = new ArrayList<>();
            new TreeMap<>(entry.files())
                    .forEach((use, file) -> all.add(fetched(use, file, uri.resolve(encoded(file)))));
            return all;
        }
        if (entry.files().size() > 1) {
            throw notDownloadable("has several files: let its download_url end with / and be where they lie");
        }
        Map.Entry<String, String> only = entry.files().isEmpty()
                ? Map.entry("model", path.substring(path.lastIndexOf('/') + 1))
                : entry.files().entrySet().iterator().next();
        return List.of(fetched(only.getKey(), safe(only.getValue()), uri));
    }

    /** The last part of a URL must be a name, too. */
    private String safe(String name) {
        try {
            return SafeNames.requireRelativePath("the file of model '" + entry.id() + "'", name);
        } catch (IllegalArgumentException e) {
            throw new ModelFileException("NOT_DOWNLOADABLE", String.valueOf(e.getMessage()), e);
        }
    }

    private List<Item> local() {
        Path from;
        try {
            String url = entry.downloadUrl();
            from = url.startsWith("file:") ? Path.of(URI.create(url)) : Path.of(url);
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(
                    "NOT_DOWNLOADABLE", "the download_url of model '%s' is no path".formatted(entry.id()), e);
        }
        if (entry.downloadUrl().isEmpty() || !from.isAbsolute()) {
            throw notDownloadable("needs an absolute path as download_url");
        }
        if (Files.isDirectory(from)) {
            requireFiles();
            List<Item> all = new ArrayList<>();
            new TreeMap<>(entry.files())
                    .forEach((use, file) -> all.add(new Copied(file, isArchive(use), from.resolve(file))));
            return all;
        }
        if (entry.files().size() > 1) {
            throw notDownloadable("has several files: its download_url must be the folder that they lie in");
        }
        Map.Entry<String, String> only = entry.files().isEmpty()
                ? Map.entry("model", String.valueOf(from.getFileName()))
                : entry.files().entrySet().iterator().next();
        return List.of(new Copied(safe(only.getValue()), isArchive(only.getKey()), from));
    }

    private List<Item> resources() {
        requireFiles();
        List<Item> all = new ArrayList<>();
        new TreeMap<>(entry.files()).forEach((use, file) -> all.add(new Resource(file, isArchive(use))));
        return all;
    }
}
