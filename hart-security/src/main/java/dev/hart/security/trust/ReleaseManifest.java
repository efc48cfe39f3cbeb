package dev.hart.security.trust;

import dev.hart.security.canonical.CanonicalText;
import dev.hart.security.canonical.SignedBytes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a release of HART consists of; the trust anchors sign it. Expiry and a number that only rises keep an old release with
 * a known hole from being passed off as the current one.
 *
 * @param version such as {@code 1.4.0}
 * @param gitSha the commit, 40 hex digits
 * @param fileManifestHash of the {@link FileList}
 * @param guardrailHash of the rules, 64 hex digits
 * @param manifestVersion 1 or more, higher with each release
 * @param artifacts the SHA-256 of each jar by its file name, 1 to 1,000
 */
public record ReleaseManifest(
        String version,
        String gitSha,
        String fileManifestHash,
        String guardrailHash,
        Instant builtAt,
        Instant expiresAt,
        long manifestVersion,
        SortedMap<String, String> artifacts) {
    private static final Pattern VERSION = Pattern.compile("[0-9A-Za-z][0-9A-Za-z.+-]{0,63}");
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    private static final Pattern FILE = Pattern.compile("[0-9A-Za-z][0-9A-Za-z._+-]{0,199}");
    private static final int MOST_ARTIFACTS = 1_000;
    private static final Set<String> FIELDS = Set.of(
            "artifacts",
            "built_at",
            "code_hash",
            "expires_at",
            "file_manifest_hash",
            "git_sha",
            "guardrail_hash",
            "manifest_version",
            "version");

    public ReleaseManifest {
        artifacts = Collections.unmodifiableSortedMap(new TreeMap<>(artifacts));
        require(VERSION.matcher(version).matches(), "version is 1 to 64 letters, digits and . + -");
        require(COMMIT.matcher(gitSha).matches(), "git_sha is 40 hex digits");
        require(HASH.matcher(fileManifestHash).matches(), "file_manifest_hash is 64 hex digits");
        require(HASH.matcher(guardrailHash).matches(), "guardrail_hash is 64 hex digits");
        require(expiresAt.isAfter(builtAt), "expires_at is after built_at");
        require(manifestVersion >= 1 && manifestVersion <= 1L << 53, "manifest_version is 1 to 2^53");
        require(!artifacts.isEmpty() && artifacts.size() <= MOST_ARTIFACTS, "artifacts are 1 to 1000");
        artifacts.forEach((name, hash) -> require(
                FILE.matcher(name).matches() && HASH.matcher(hash).matches(), "artifacts are file name to SHA-256"));
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    /** One number for all the artifacts: SHA-256 over lines {@code <name>:<sha256>}. */
    public String codeHash() {
        StringBuilder lines = new StringBuilder();
        artifacts.forEach(
                (name, hash) -> lines.append(name).append(':').append(hash).append('\n'));
        return SignedBytes.sha256(lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The manifest in an envelope that nobody has signed yet. */
    public Envelope toEnvelope() {
        return Envelope.of(
                PayloadType.RELEASE,
                CanonicalText.bytes(Map.of(
                        "artifacts", artifacts,
                        "built_at", builtAt.toString(),
                        "code_hash", codeHash(),
                        "expires_at", expiresAt.toString(),
                        "file_manifest_hash", fileManifestHash,
                        "git_sha", gitSha,
                        "guardrail_hash", guardrailHash,
                        "manifest_version", manifestVersion,
                        "version", version)));
    }

    /**
     * Reads the manifest of an envelope that the threshold of the anchors has signed.
     *
     * @throws MalformedException when too few have, it has expired, or it is no manifest
     */
    public static ReleaseManifest verified(byte[] envelope, TrustAnchors anchors, Instant now)
            throws MalformedException {
        Envelope signed = Envelope.parse(envelope);
        if (signed.type() != PayloadType.RELEASE) {
            throw new MalformedException("the envelope holds no release manifest");
        }
        int signers = anchors.signers(signed);
        if (signers < anchors.threshold()) {
            throw new MalformedException("the release manifest is signed by " + signers + " of the trust anchors, and "
                    + anchors.threshold() + " are needed");
        }
        ReleaseManifest manifest = parse(signed.payload());
        if (now.isAfter(manifest.expiresAt)) {
            throw new MalformedException("the release manifest expired at " + manifest.expiresAt);
        }
        return manifest;
    }

    private static ReleaseManifest parse(byte[] payload) throws MalformedException {
        StrictJson.Fields fields = StrictJson.object(payload).only(FIELDS);
        SortedMap<String, String> artifacts = new TreeMap<>();
        for (String name : fields.object("artifacts").values().keySet()) {
            artifacts.put(name, fields.object("artifacts").text(name));
        }
        try {
            ReleaseManifest manifest = new ReleaseManifest(
                    fields.text("version"),
                    fields.text("git_sha"),
                    fields.text("file_manifest_hash"),
                    fields.text("guardrail_hash"),
                    fields.instant("built_at"),
                    fields.instant("expires_at"),
                    fields.number("manifest_version"),
                    artifacts);
            if (!manifest.codeHash().equals(fields.text("code_hash"))) {
                throw new MalformedException("code_hash does not fit the artifacts");
            }
            return manifest;
        } catch (IllegalArgumentException e) {
            throw new MalformedException(String.valueOf(e.getMessage()), e);
        }
    }
}
