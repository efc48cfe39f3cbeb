package dev.hart.signing;

import dev.hart.security.trust.FileList;
import dev.hart.security.trust.ReleaseManifest;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes and signs what a release consists of. */
@Command(
        name = "release",
        description =
                "Writes release_manifest.json and release_files.txt for the jars of a folder, and signs the manifest.",
        mixinStandardHelpOptions = true)
final class ReleaseCommand implements Callable<Integer> {
    private final PrintWriter out;
    private final InstantSource clock;

    @Mixin
    private KeyOptions key;

    @Option(names = "--jars", required = true, paramLabel = "FOLDER", description = "every jar in it is released")
    private Path jars;

    @Option(names = "--release", required = true, description = "such as 1.4.0")
    private String version;

    @Option(names = "--git-sha", required = true, description = "the commit, 40 hex digits")
    private String gitSha;

    @Option(names = "--guardrail-hash", required = true, description = "of the rules, 64 hex digits")
    private String guardrailHash;

    @Option(names = "--number", required = true, description = "above that of every release before")
    private long number;

    @Option(names = "--days", defaultValue = "180", description = "how long it is valid (${DEFAULT-VALUE})")
    private int days;

    @Option(names = "--out", required = true, paramLabel = "FOLDER", description = "made when it is missing")
    private Path folder;

    ReleaseCommand(PrintWriter out, InstantSource clock) {
        this.out = out;
        this.clock = clock;
    }

    @Override
    public Integer call() throws IOException {
        Map<String, Path> artifacts = new TreeMap<>();
        try (Stream<Path> files = Files.list(jars)) {
            files.filter(file -> file.toString().endsWith(".jar") && Files.isRegularFile(file))
                    .forEach(file -> artifacts.put(String.valueOf(file.getFileName()), file));
        }
        if (artifacts.isEmpty()) {
            throw new SigningException("there is no jar in " + jars);
        }
        SortedMap<String, String> digests = new TreeMap<>();
        for (Map.Entry<String, Path> artifact : artifacts.entrySet()) {
            digests.put(artifact.getKey(), sha256(artifact.getValue()));
        }
        FileList list = FileList.of(artifacts);
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        ReleaseManifest manifest = new ReleaseManifest(
                version, gitSha, list.hash(), guardrailHash, now, now.plus(Duration.ofDays(days)), number, digests);
        SecretKey signer = key.read();
        Files.createDirectories(folder);
        NewFile.write(folder.resolve("release_files.txt"), list.toBytes());
        NewFile.write(
                folder.resolve("release_manifest.json"),
                manifest.toEnvelope().signedBy(signer).toBytes());
        out.println("signed by " + signer.keyId() + ": "
                + new String(manifest.toEnvelope().payload(), StandardCharsets.UTF_8));
        out.println(list.digests().size() + " files in " + artifacts.size() + " jars");
        return 0;
    }

    private static String sha256(Path file) throws IOException {
        try (DigestInputStream in =
                new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
