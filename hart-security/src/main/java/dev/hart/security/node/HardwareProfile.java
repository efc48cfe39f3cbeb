package dev.hart.security.node;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the hardware has, as far as this process may use it. GB are 1024^3 bytes.
 *
 * @param processors that may be used at once; a container's quota may leave a part of one
 * @param memoryGb main memory
 * @param diskGb free on the disk of the data directory
 * @param videoMemoryGb all usable devices of one kind together
 */
public record HardwareProfile(
        Figure processors, Figure memoryGb, Figure diskGb, Figure videoMemoryGb, Instant detectedAt) {

    /** Whether some figure is unknown. */
    public boolean isIncomplete() {
        return all().anyMatch(figure -> figure instanceof Figure.Unknown);
    }

    private Stream<Figure> all() {
        return Stream.of(processors, memoryGb, diskGb, videoMemoryGb);
    }

    /** Whether every figure that is known reaches a share of what a tier needs. */
    boolean reaches(NodeTierLevel tier, double share) {
        return processors.mayReach(tier.processors() * share)
                && memoryGb.mayReach(tier.memoryGb() * share)
                && diskGb.mayReach(tier.diskGb() * share)
                && videoMemoryGb.mayReach(tier.videoMemoryGb() * share);
    }

    /** What a tier needs and these figures do not reach, such as {@code needs 8 GB of video memory, has 0}. */
    String shortfall(NodeTierLevel tier) {
        Map<String, Boolean> missing = new LinkedHashMap<>();
        missing.put(
                "needs " + tier.processors() + " processors, has " + processors,
                !processors.mayReach(tier.processors()));
        missing.put("needs " + tier.memoryGb() + " GB of memory, has " + memoryGb, !memoryGb.mayReach(tier.memoryGb()));
        missing.put("needs " + tier.diskGb() + " GB of free disk, has " + diskGb, !diskGb.mayReach(tier.diskGb()));
        missing.put(
                "needs " + tier.videoMemoryGb() + " GB of video memory, has " + videoMemoryGb,
                !videoMemoryGb.mayReach(tier.videoMemoryGb()));
        return String.join(
                "; ",
                missing.entrySet().stream()
                        .filter(Map.Entry::getValue)
                        .map(Map.Entry::getKey)
                        .toList());
    }
}
