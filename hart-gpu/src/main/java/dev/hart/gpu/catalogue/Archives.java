package dev.hart.gpu.catalogue;

import dev.hart.error.ModelFileException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.ArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * Unpacks zip and tar files that nobody vouches for: ordinary files and folders below one folder, no more of them and no more bytes
 * than said. The first thing else ends it with FILE_REFUSED, and the caller removes what is there.
 */
final class Archives {
    private static final int CHUNK = 1 << 16;

    private final String name;
    private final Path folder;
    private final long mostBytes;
    private final int mostEntries;
    private final Map<String, String> digests = new TreeMap<>();
    private long bytes;
    private int entries;

    private Archives(String name, Path folder, long mostBytes, int mostEntries) {
        this.name = name;
        this.folder = folder;
        this.mostBytes = mostBytes;
        this.mostEntries = mostEntries;
    }

    /**
     * SHA-256 of each file that it unpacked, by its path.
     *
     * @param name of the archive, which tells its kind
     * @throws ModelFileException FILE_REFUSED
     */
    static Map<String, String> unpack(Path archive, String name, Path folder, long mostBytes, int mostEntries)
            throws IOException {
        Archives unpacked = new Archives(name, folder, mostBytes, mostEntries);
        String lower = name.toLowerCase(Locale.ROOT);
        try {
            if (lower.endsWith(".zip")) {
                unpacked.zip(archive);
            } else {
                try (InputStream file = new BufferedInputStream(Files.newInputStream(archive), CHUNK);
                        InputStream tar = uncompressed(lower, name, file)) {
                    unpacked.tar(tar);
                }
            }
        } catch (ModelFileException e) {
            throw e;
        } catch (FileAlreadyExistsException e) {
            throw unpacked.refused("has two entries of one name: " + folder.relativize(Path.of(e.getFile())), e);
        } catch (IOException | RuntimeException e) { // the readers also throw unchecked ones for damaged archives
            throw unpacked.refused("cannot be unpacked (" + SafeNames.shown(String.valueOf(e.getMessage())) + ")", e);
        }
        return Collections.unmodifiableMap(unpacked.digests);
    }

    private static InputStream uncompressed(String lower, String name, InputStream file) throws IOException {
        if (lower.endsWith(".tar.gz") || lower.endsWith(".tgz")) {
            return GzipCompressorInputStream.builder()
                    .setInputStream(file)
                    .setDecompressConcatenated(true)
                    .get();
        }
        if (lower.endsWith(".tar.bz2")) {
            return new BZip2CompressorInputStream(file, true);
        }
        if (lower.endsWith(".tar")) {
            return file;
        }
        throw new ModelFileException(
                "NOT_DOWNLOADABLE",
                "%s is no archive that can be unpacked: zip, tar, tar.gz, tgz and tar.bz2 are".formatted(name));
    }

    private ModelFileException refused(String why, Exception cause) {
        return new ModelFileException("FILE_REFUSED", "the archive %s %s".formatted(name, why), cause);
    }

    private ModelFileException refused(String why) {
        return new ModelFileException("FILE_REFUSED", "the archive %s %s".formatted(name, why));
    }

    private void zip(Path archive) throws IOException {
        try (ZipFile zip = ZipFile.builder().setPath(archive).get()) {
            for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
                requireOrdinary(entry, !entry.isUnixSymlink());
                if (!zip.canReadEntryData(entry)) {
                    throw refused("has an entry that is encrypted or packed in an unusual way: "
                            + SafeNames.shown(entry.getName()));
                }
                try (InputStream content = zip.getInputStream(entry)) {
                    take(entry, content);
                }
            }
        }
    }

    private void tar(InputStream stream) throws IOException {
        TarArchiveInputStream tar = new TarArchiveInputStream(stream);
        for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            requireOrdinary(
                    entry,
                    !entry.isSymbolicLink()
                            && !entry.isLink()
                            && !entry.isCharacterDevice()
                            && !entry.isBlockDevice()
                            && !entry.isFIFO());
            take(entry, tar);
        }
    }

    private void requireOrdinary(ArchiveEntry entry, boolean ordinary) {
        if (!ordinary) {
            throw refused("has an entry that is a link or a device: " + SafeNames.shown(entry.getName()));
        }
    }

    private void take(ArchiveEntry entry, InputStream content) throws IOException {
        entries++;
        if (entries > mostEntries) {
            throw refused("has more than " + mostEntries + " entries");
        }
        String path = entry.getName();
        while (path.startsWith("./")) {
            path = path.substring(2);
        }
        if (entry.isDirectory() && path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        if (entry.isDirectory() && path.isEmpty()) {
            return;
        }
        try {
            SafeNames.requireRelativePath("an entry", path);
        } catch (IllegalArgumentException e) {
            throw refused("is not safe to unpack: " + e.getMessage(), e);
        }
        Path target = folder.resolve(path);
        if (entry.isDirectory()) {
            Files.createDirectories(target);
        } else {
            Files.createDirectories(java.util.Objects.requireNonNull(target.getParent()));
            digests.put(path, write(content, target));
        }
    }

    private String write(InputStream content, Path target) throws IOException {
        try (OutputStream out =
                Files.newOutputStream(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            return FileCopy.pass(content, (chunk, count) -> {
                bytes += count;
                if (bytes > mostBytes) {
                    throw refused("is larger than " + Gib.text(mostBytes) + " when unpacked");
                }
                out.write(chunk, 0, count);
            });
        }
    }
}
