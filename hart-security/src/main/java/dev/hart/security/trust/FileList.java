package dev.hart.security.trust;

import dev.hart.security.canonical.SignedBytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The SHA-256 of every class and resource of some jars, one line each: {@code <64 hex digits>  <jar>!/<path>}, sorted by
 * place. A release signs the list's own SHA-256.
 *
 * @param digests by {@code <jar>!/<path>}
 */
public record FileList(SortedMap<String, String> digests) {
    private static final int MAX_BYTES = 16_777_216;
    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64})  ([^\\x00-\\x1f]{1,4096})");

    public FileList {
        digests = Collections.unmodifiableSortedMap(new TreeMap<>(digests));
    }

    /**
     * Reads jars, or folders in their place.
     *
     * @param artifacts where each is, by its name in the list
     * @throws IOException when anything cannot be read, or a jar holds a path twice
     */
    public static FileList of(Map<String, Path> artifacts) throws IOException {
        SortedMap<String, String> digests = new TreeMap<>();
        for (Map.Entry<String, Path> artifact : artifacts.entrySet()) {
            if (Files.isDirectory(artifact.getValue())) {
                addFolder(artifact.getKey(), artifact.getValue(), digests);
            } else {
                addJar(artifact.getKey(), artifact.getValue(), digests);
            }
        }
        return new FileList(digests);
    }

    private static void addJar(String name, Path jar, Map<String, String> digests) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            Enumeration<? extends ZipEntry> entries = zip.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                if (!entry.isDirectory()) {
                    try (InputStream in = zip.getInputStream(entry)) {
                        add(name + "!/" + entry.getName(), in, digests);
                    }
                }
            }
        }
    }

    private static void addFolder(String name, Path folder, Map<String, String> digests) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String path = folder.relativize(file)
                        .toString()
                        .replace(file.getFileSystem().getSeparator(), "/");
                try (InputStream in = Files.newInputStream(file)) {
                    add(name + "!/" + path, in, digests);
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void add(String place, InputStream in, Map<String, String> digests) throws IOException {
        if (digests.put(place, sha256(in)) != null) {
            throw new IOException(place + " is there twice");
        }
    }

    /** The SHA-256 of a whole file, in hex. */
    static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return sha256(in);
        }
    }

    private static String sha256(InputStream in) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (DigestInputStream digesting = new DigestInputStream(in, digest)) {
                digesting.transferTo(java.io.OutputStream.nullOutputStream());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The list's lines. */
    public byte[] toBytes() {
        StringBuilder lines = new StringBuilder();
        digests.forEach((place, digest) ->
                lines.append(digest).append("  ").append(place).append('\n'));
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** What a release signs. */
    public String hash() {
        return SignedBytes.sha256(toBytes());
    }

    /**
     * Reads what {@link #toBytes} writes.
     *
     * @throws MalformedException when it is anything else, or over 16 MiB
     */
    public static FileList parse(byte[] bytes) throws MalformedException {
        if (bytes.length > MAX_BYTES) {
            throw new MalformedException("a file list has at most " + MAX_BYTES + " bytes");
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException("a file list is UTF-8", e);
        }
        SortedMap<String, String> digests = new TreeMap<>();
        for (String line : text.split("\n")) {
            Matcher parts = LINE.matcher(line);
            if (!parts.matches() || digests.put(parts.group(2), parts.group(1)) != null) {
                throw new MalformedException("a file list has one line with digest and place for each file");
            }
        }
        FileList list = new FileList(digests);
        if (!list.hash().equals(SignedBytes.sha256(bytes))) {
            throw new MalformedException("a file list is sorted, and every line ends in a line feed");
        }
        return list;
    }

    /** What is different in {@code found}: changed, missing and new places, at most 100. */
    public List<String> differences(FileList found) {
        List<String> differences = new ArrayList<>();
        digests.forEach((place, digest) -> {
            String other = found.digests.get(place);
            if (other == null) {
                differences.add("missing " + place);
            } else if (!other.equals(digest)) {
                differences.add("changed " + place);
            }
        });
        found.digests.keySet().stream()
                .filter(place -> !digests.containsKey(place))
                .forEach(place -> differences.add("new " + place));
        return differences.size() > 100 ? List.copyOf(differences.subList(0, 100)) : differences;
    }
}
