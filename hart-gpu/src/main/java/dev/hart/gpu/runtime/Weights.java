package dev.hart.gpu.runtime;

import dev.hart.error.GpuException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;

/** Where a model's numbers are. */
public sealed interface Weights {
    /** A file, or a folder for formats of several files. */
    record InFile(Path path) implements Weights {
        public InFile {
            Objects.requireNonNull(path, "path");
        }

        @Override
        public String toString() {
            return path.toString();
        }
    }

    /** A resource of a jar; engines that read files only copy it to a temporary one. */
    record InResource(URL url) implements Weights {
        public InResource {
            Objects.requireNonNull(url, "url");
        }

        @Override
        public String toString() {
            return url.toString();
        }
    }

    static Weights file(Path path) {
        return new InFile(path);
    }

    static Weights resource(URL url) {
        return new InResource(url);
    }

    /**
     * Lends the weights as one file: the file itself, or a private copy of the resource that is deleted after {@code use}.
     *
     * @throws GpuException {@code MODEL_UNREADABLE} when there is no such file or resource
     */
    default <T> T withFile(FileUse<T> use) {
        if (this instanceof InFile file) {
            if (!Files.isRegularFile(file.path())) {
                throw new GpuException(
                        "MODEL_UNREADABLE",
                        "there is no model file %s; check the path, or download the model first"
                                .formatted(file.path().toAbsolutePath()));
            }
            return use.apply(file.path());
        }
        try {
            // Only the owner can read what createTempFile makes.
            Path copy = Files.createTempFile("hart-model-", ".bin");
            try {
                try (InputStream in = ((InResource) this).url().openStream()) {
                    Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
                }
                return use.apply(copy);
            } finally {
                Files.deleteIfExists(copy);
            }
        } catch (IOException e) {
            throw new GpuException("MODEL_UNREADABLE", "the model %s cannot be read: %s".formatted(this, e), e);
        }
    }

    /** Reads a model's file. */
    @FunctionalInterface
    interface FileUse<T> {
        T apply(Path file);
    }
}
