package dev.hart.gpu.catalogue;

import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.LeaseRequest;
import dev.hart.gpu.ModelRequirement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A model that there is: what it does, what it takes, where its files are, how good it is. Begin with {@link #of}. Immutable.
 *
 * @param id lower case letters, digits, {@code . _ -}: {@code stt-faster-whisper-small}
 * @param repoId {@code owner/name}, or {@code group:artifact:version} of a Maven artifact; empty when there is none
 * @param downloadUrl a URL, or a path for {@link ModelSource#LOCAL}; empty when there is none
 * @param files what is fetched, by what it is for: {@code {"model": "model.gguf"}}; paths with {@code /}
 * @param sha256 by file, in lower case hexadecimal; a file without one is not checked against one
 * @param vramBytes of a GPU between calls; 0 when it does not use one
 * @param peakVramBytes of a GPU while it works; at least {@code vramBytes}
 * @param offloadVramBytes of the GPU when the rest is in the machine's memory; 0 when it cannot be split
 * @param ramBytes of the machine's memory when it runs there, in part or whole
 * @param diskBytes of its files
 * @param minTier the least machine that it is chosen for
 * @param supportsCpu false also for what is chosen only when it fits a GPU whole
 * @param minBuild of its backend
 * @param capabilities JSON values that a wish may ask for, none null
 * @param quality 0 to 1
 * @param speed 0 to 1
 * @param costPer1kMicros millionths of the price of a thousand tokens
 * @param priority added to 100 times the quality
 * @param languages in lower case; {@code *} and {@code multilingual} are any
 * @param languagePriority 0 is the first choice for a language; 50 for those that are not in it
 * @param enabled whether it may be chosen
 * @param pinned whether it is never evicted
 */
public record ModelEntry(
        String id,
        String name,
        ModelType type,
        String version,
        ModelSource source,
        String repoId,
        String downloadUrl,
        Map<String, String> files,
        Map<String, String> sha256,
        long vramBytes,
        long peakVramBytes,
        long offloadVramBytes,
        long ramBytes,
        long diskBytes,
        MachineTier minTier,
        ModelBackend backend,
        boolean supportsGpu,
        boolean supportsCpu,
        boolean supportsCpuOffload,
        OffloadMethod offloadMethod,
        Duration idleTimeout,
        Optional<String> minBuild,
        Map<String, Object> capabilities,
        double quality,
        double speed,
        long costPer1kMicros,
        int priority,
        List<String> languages,
        Map<String, Integer> languagePriority,
        List<String> tags,
        boolean enabled,
        boolean autoLoad,
        boolean pinned) {
    private static final int UNLISTED = 50;
    private static final int LONGEST_TEXT = 2048;
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    /** @throws IllegalArgumentException naming the field that cannot be so, and its value */
    public ModelEntry {
        SafeNames.requireId(id);
        requireText(id, "name", name);
        requireText(id, "version", version);
        if (name.isBlank()) {
            throw new IllegalArgumentException("name of " + id + " must not be blank");
        }
        if (!repoId.isEmpty()) {
            SafeNames.requireRepository("repo_id of " + id, repoId);
        }
        requireText(id, "download_url", downloadUrl);
        files = Map.copyOf(files);
        sha256 = Map.copyOf(sha256);
        for (Map.Entry<String, String> file : files.entrySet()) {
            SafeNames.requireRelativePath("files." + SafeNames.shown(file.getKey()) + " of " + id, file.getValue());
        }
        sha256.forEach((file, digest) -> {
            if (!DIGEST.matcher(digest).matches()) {
                throw new IllegalArgumentException(
                        "sha256 of %s of %s must be 64 lower case hexadecimal digits, was '%s'"
                                .formatted(SafeNames.shown(file), id, SafeNames.shown(digest)));
            }
        });
        requireSize(id, "vram_gb", vramBytes);
        requireSize(id, "ram_gb", ramBytes);
        requireSize(id, "disk_gb", diskBytes);
        if (peakVramBytes < vramBytes) {
            throw new IllegalArgumentException("peak_vram_gb of %s must be at least its vram_gb %s, was %s"
                    .formatted(id, Gib.of(vramBytes), Gib.of(peakVramBytes)));
        }
        if (offloadVramBytes < 0 || offloadVramBytes > peakVramBytes) {
            throw new IllegalArgumentException("offload_vram_gb of %s must be from 0 to its peak_vram_gb %s, was %s"
                    .formatted(id, Gib.of(peakVramBytes), Gib.of(offloadVramBytes)));
        }
        if (!supportsGpu && !supportsCpu) {
            throw new IllegalArgumentException(
                    id + " must support a GPU or the processor: supports_gpu and supports_cpu" + " are both false");
        }
        if (supportsCpuOffload && !supportsCpu) {
            throw new IllegalArgumentException(
                    id + " must support the processor to be off-loaded to it: set supports_cpu,"
                            + " or clear supports_cpu_offload");
        }
        if (supportsCpu && supportsGpu && vramBytes > 0 && ramBytes == 0) {
            throw new IllegalArgumentException(
                    "ram_gb of %s must be more than 0, because it can leave the GPU".formatted(id));
        }
        if (idleTimeout.isZero() || idleTimeout.isNegative()) {
            throw new IllegalArgumentException(
                    "idle_timeout_s of %s must be more than 0, was %s".formatted(id, idleTimeout.toSeconds()));
        }
        requireShare(id, "quality_score", quality);
        requireShare(id, "speed_score", speed);
        if (costPer1kMicros < 0) {
            throw new IllegalArgumentException("cost_per_1k of %s must be 0 or more".formatted(id));
        }
        capabilities = Capabilities.copyOf(capabilities);
        languages = languages.stream().map(ModelEntry::lowerCase).toList();
        Map<String, Integer> priorities = new LinkedHashMap<>();
        languagePriority.forEach((language, rank) -> priorities.put(lowerCase(language), rank));
        languagePriority = Map.copyOf(priorities);
        tags = List.copyOf(tags);
    }

    private static void requireText(String id, String field, String text) {
        if (text.length() > LONGEST_TEXT || text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "%s of %s must be at most %d characters without control characters, was '%s'"
                            .formatted(field, id, LONGEST_TEXT, SafeNames.shown(text)));
        }
    }

    private static void requireSize(String id, String field, long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException(
                    "%s of %s must be 0 or more, was %s".formatted(field, id, Gib.of(bytes)));
        }
    }

    private static void requireShare(String id, String field, double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("%s of %s must be 0 to 1, was %s".formatted(field, id, share));
        }
    }

    private static String lowerCase(String language) {
        return language.toLowerCase(Locale.ROOT);
    }

    /** Begins an entry; everything else has the default that its method names. */
    public static Builder of(String id, String name, ModelType type) {
        return new Builder(id, name, type);
    }

    /** A builder that begins with all of this. */
    public Builder toBuilder() {
        Builder b = new Builder(id, name, type);
        b.version = version;
        b.source = source;
        b.repoId = repoId;
        b.downloadUrl = downloadUrl;
        b.files = files;
        b.sha256 = sha256;
        b.vramBytes = vramBytes;
        b.peakVramBytes = peakVramBytes;
        b.offloadVramBytes = offloadVramBytes;
        b.ramBytes = ramBytes;
        b.diskBytes = diskBytes;
        b.minTier = minTier;
        b.backend = backend;
        b.supportsGpu = supportsGpu;
        b.supportsCpu = supportsCpu;
        b.supportsCpuOffload = supportsCpuOffload;
        b.offloadMethod = offloadMethod;
        b.idleTimeout = idleTimeout;
        b.minBuild = minBuild;
        b.capabilities.putAll(capabilities);
        b.quality = quality;
        b.speed = speed;
        b.costPer1kMicros = costPer1kMicros;
        b.priority = priority;
        b.languages = languages;
        b.languagePriority = languagePriority;
        b.tags = tags;
        b.enabled = enabled;
        b.autoLoad = autoLoad;
        b.pinned = pinned;
        return b;
    }

    /** Whether it takes memory of a GPU at all: an entry that could but needs none runs on the processor. */
    public boolean usesGpu() {
        return supportsGpu && vramBytes > 0;
    }

    /**
     * The best way it can run in that much memory: on a GPU whole, in part, on the processor. The same that {@link #lease} gets.
     *
     * @return empty when it cannot run
     */
    public Optional<LeaseMode> fit(Headroom room) {
        if (usesGpu() && room.gpuBytes() >= peakVramBytes) {
            return Optional.of(LeaseMode.GPU);
        }
        if (!supportsCpu || room.ramBytes() < ramBytes) {
            return Optional.empty();
        }
        return Optional.of(
                usesGpu() && offloadVramBytes > 0 && room.gpuBytes() >= offloadVramBytes
                        ? LeaseMode.CPU_OFFLOAD
                        : LeaseMode.CPU);
    }

    /** What a lease for it reserves; empty when it uses no GPU. */
    public Optional<ModelRequirement> requirement() {
        return usesGpu()
                ? Optional.of(new ModelRequirement(
                        id, peakVramBytes, vramBytes, offloadVramBytes, supportsCpu ? ramBytes : 0))
                : Optional.empty();
    }

    /** A request for the memory that it takes, on any way it can run; empty when it takes none of this machine. */
    public Optional<LeaseRequest> lease(Gpus gpus) {
        Optional<ModelRequirement> onGpu = requirement();
        if (onGpu.isPresent()) {
            LeaseRequest whole = gpus.request(id).requirement(onGpu.get());
            return Optional.of(supportsCpu ? whole.allowOffload() : whole);
        }
        return ramBytes == 0
                ? Optional.empty()
                : Optional.of(gpus.request(id).bytes(ramBytes).kind(DeviceKind.CPU));
    }

    /** Whether it is for that language; an entry for {@code en} also is for {@code en-gb}. */
    public boolean speaks(String language) {
        String wanted = lowerCase(language);
        return languages.contains(wanted)
                || languages.contains("*")
                || languages.contains("multilingual")
                || languages.contains(primary(wanted));
    }

    /** 0 for the first choice; 50 unless it says otherwise. */
    int priorityFor(String language) {
        String wanted = lowerCase(language);
        Integer rank = languagePriority.get(wanted);
        if (rank == null) {
            rank = languagePriority.get(primary(wanted));
        }
        return rank == null ? UNLISTED : rank;
    }

    private static String primary(String language) {
        int dash = language.indexOf('-');
        return dash < 0 ? language : language.substring(0, dash);
    }

    /** Used by one thread. */
    public static final class Builder {
        private final String id;
        private final String name;
        private final ModelType type;
        private String version = "1.0";
        private ModelSource source = ModelSource.HUGGINGFACE;
        private String repoId = "";
        private String downloadUrl = "";
        private Map<String, String> files = Map.of();
        private Map<String, String> sha256 = Map.of();
        private long vramBytes;
        private long peakVramBytes;
        private long offloadVramBytes = -1;
        private long ramBytes = Gib.ONE;
        private long diskBytes;
        private MachineTier minTier = MachineTier.LITE;
        private ModelBackend backend = ModelBackend.TORCH;
        private boolean supportsGpu = true;
        private boolean supportsCpu = true;
        private boolean supportsCpuOffload;
        private OffloadMethod offloadMethod = OffloadMethod.NONE;
        private Duration idleTimeout = Duration.ofSeconds(600);
        private Optional<String> minBuild = Optional.empty();
        private final Map<String, Object> capabilities = new LinkedHashMap<>();
        private double quality = 0.5;
        private double speed = 0.5;
        private long costPer1kMicros;
        private int priority = 50;
        private List<String> languages = List.of();
        private Map<String, Integer> languagePriority = Map.of();
        private List<String> tags = List.of();
        private boolean enabled = true;
        private boolean autoLoad;
        private boolean pinned;

        private Builder(String id, String name, ModelType type) {
            this.id = id;
            this.name = name;
            this.type = type;
        }

        /** {@code 1.0} unless set. */
        public Builder version(String version) {
            this.version = version;
            return this;
        }

        /** {@link ModelSource#HUGGINGFACE} unless set. */
        public Builder source(ModelSource source) {
            this.source = source;
            return this;
        }

        public Builder repository(String repoId) {
            this.repoId = repoId;
            return this;
        }

        public Builder downloadUrl(String url) {
            this.downloadUrl = url;
            return this;
        }

        /** What is fetched, by what it is for. */
        public Builder files(Map<String, String> files) {
            this.files = files;
            return this;
        }

        /** The one file that it consists of. */
        public Builder file(String path) {
            return files(Map.of("model", path));
        }

        /** The digests that files must have, by file, in lower case hexadecimal. */
        public Builder sha256(Map<String, String> digests) {
            this.sha256 = digests;
            return this;
        }

        /** 0 unless set: it uses no GPU. */
        public Builder vramBytes(long bytes) {
            this.vramBytes = bytes;
            return this;
        }

        /** The same as {@link #vramBytes} unless set higher. */
        public Builder peakVramBytes(long bytes) {
            this.peakVramBytes = bytes;
            return this;
        }

        /** Half of {@link #vramBytes} unless set; counts only for a model that can be off-loaded. */
        public Builder offloadVramBytes(long bytes) {
            this.offloadVramBytes = bytes;
            return this;
        }

        /** 1 GiB unless set. */
        public Builder ramBytes(long bytes) {
            this.ramBytes = bytes;
            return this;
        }

        /** 0 unless set. */
        public Builder diskBytes(long bytes) {
            this.diskBytes = bytes;
            return this;
        }

        /** {@link MachineTier#LITE} unless set. */
        public Builder minTier(MachineTier tier) {
            this.minTier = tier;
            return this;
        }

        /** {@link ModelBackend#TORCH} unless set. */
        public Builder backend(ModelBackend backend) {
            this.backend = backend;
            return this;
        }

        /** True unless set. */
        public Builder supportsGpu(boolean supports) {
            this.supportsGpu = supports;
            return this;
        }

        /** True unless set. */
        public Builder supportsCpu(boolean supports) {
            this.supportsCpu = supports;
            return this;
        }

        /** It can be held in part in the machine's memory; it cannot unless set. */
        public Builder offload(OffloadMethod method) {
            return offload(true, method);
        }

        Builder offload(boolean supports, OffloadMethod method) {
            this.supportsCpuOffload = supports;
            this.offloadMethod = method;
            return this;
        }

        /** How long it stays loaded without use; 600 seconds unless set. */
        public Builder idleTimeout(Duration timeout) {
            this.idleTimeout = timeout;
            return this;
        }

        /** The oldest version of the backend that runs it. */
        public Builder minBuild(String build) {
            this.minBuild = Optional.of(build);
            return this;
        }

        /** Adds one; a value of JSON. */
        public Builder capability(String name, Object value) {
            this.capabilities.put(name, value);
            return this;
        }

        /** 0 to 1; 0.5 unless set. */
        public Builder quality(double score) {
            this.quality = score;
            return this;
        }

        /** 0 to 1; 0.5 unless set. */
        public Builder speed(double score) {
            this.speed = score;
            return this;
        }

        /** Millionths; 0 unless set. */
        public Builder costPer1kMicros(long micros) {
            this.costPer1kMicros = micros;
            return this;
        }

        /** 50 unless set. */
        public Builder priority(int priority) {
            this.priority = priority;
            return this;
        }

        public Builder languages(String... languages) {
            return languages(List.of(languages));
        }

        Builder languages(List<String> languages) {
            this.languages = languages;
            return this;
        }

        /** 0 for the first choice of a language. */
        public Builder languagePriority(Map<String, Integer> ranks) {
            this.languagePriority = ranks;
            return this;
        }

        public Builder tags(List<String> tags) {
            this.tags = tags;
            return this;
        }

        /** True unless set. */
        public Builder enabled(boolean enabled) {
            this.enabled = enabled;
            return this;
        }

        /** Whether it is loaded at start; false unless set. */
        public Builder autoLoad(boolean autoLoad) {
            this.autoLoad = autoLoad;
            return this;
        }

        /** Whether it is never evicted; false unless set. */
        public Builder pinned(boolean pinned) {
            this.pinned = pinned;
            return this;
        }

        /** @throws IllegalArgumentException naming the field that cannot be so, and its value */
        public ModelEntry build() {
            long offload = !supportsCpuOffload ? 0 : offloadVramBytes < 0 ? vramBytes / 2 : offloadVramBytes;
            return new ModelEntry(
                    id,
                    name,
                    type,
                    version,
                    source,
                    repoId,
                    downloadUrl,
                    files,
                    sha256,
                    vramBytes,
                    Math.max(vramBytes, peakVramBytes),
                    offload,
                    ramBytes,
                    diskBytes,
                    minTier,
                    backend,
                    supportsGpu,
                    supportsCpu,
                    supportsCpuOffload,
                    offloadMethod,
                    idleTimeout,
                    minBuild,
                    capabilities,
                    quality,
                    speed,
                    costPer1kMicros,
                    priority,
                    languages,
                    languagePriority,
                    tags,
                    enabled,
                    autoLoad,
                    pinned);
        }
    }
}
