package dev.hart.security.node;

import dev.hart.error.InvalidConfigurationException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a node's hardware may run. Each tier has the features of the tiers below it and some of its own. */
public enum NodeTierLevel {
    EMBEDDED(0, 0, 0, 0, "gossip", "sensor_bridge", "sensor_fusion", "protocol_adapter"),
    OBSERVER(1, 2, 0, 0, "http_server"),
    LITE(2, 4, 1, 0, "vision_lightweight", "crawl4ai"),
    STANDARD(4, 8, 2, 0, "agent_engine", "coding_agent", "coding_aggregator", "vlm_computer_use", "tts", "whisper"),
    FULL(
            8,
            16,
            20,
            8,
            "video_gen",
            "media_agent",
            "speculative_dispatch",
            "local_llm",
            "vlm_omniparser",
            "minicpm_vision",
            "video_captioning"),
    COMPUTE_HOST(16, 32, 100, 12, "local_llm_large", "regional_host");

    private final int processors;
    private final int memoryGb;
    private final int diskGb;
    private final int videoMemoryGb;
    private final List<String> added;

    NodeTierLevel(int processors, int memoryGb, int diskGb, int videoMemoryGb, String... added) {
        this.processors = processors;
        this.memoryGb = memoryGb;
        this.diskGb = diskGb;
        this.videoMemoryGb = videoMemoryGb;
        this.added = List.of(added);
    }

    int processors() {
        return processors;
    }

    int memoryGb() {
        return memoryGb;
    }

    int diskGb() {
        return diskGb;
    }

    int videoMemoryGb() {
        return videoMemoryGb;
    }

    /** Every feature that the tier may run, those of lower tiers first. */
    public List<String> features() {
        List<String> all = new ArrayList<>();
        for (NodeTierLevel tier : values()) {
            if (tier.compareTo(this) <= 0) {
                all.addAll(tier.added);
            }
        }
        return List.copyOf(all);
    }

    /** Such as {@code compute_host}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The tier of a name, in any case.
     *
     * @throws InvalidConfigurationException for another name
     */
    public static NodeTierLevel named(String name) {
        for (NodeTierLevel tier : values()) {
            if (tier.name().equalsIgnoreCase(name.strip())) {
                return tier;
            }
        }
        throw new InvalidConfigurationException("there is no tier '" + name + "'; the tiers are "
                + Arrays.stream(values()).map(NodeTierLevel::wireName).collect(Collectors.joining(", ")));
    }

    /** The highest tier whose needs the figures reach; never above lite when one is unknown. */
    static NodeTierLevel of(HardwareProfile hardware) {
        NodeTierLevel best = EMBEDDED;
        for (NodeTierLevel tier : values()) {
            if (hardware.reaches(tier, 1)) {
                best = tier;
            }
        }
        return hardware.isIncomplete() && best.compareTo(LITE) > 0 ? LITE : best;
    }
}
