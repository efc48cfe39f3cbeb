package dev.hart.security.node;

import dev.hart.error.InvalidConfigurationException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which features a node runs, and why the others not. Immutable: {@link #afterProbe} gives the gates of a node that was looked at
 * again.
 */
public final class FeatureGates {
    /** Sets the tier, whatever the hardware has. */
    public static final String FORCE_TIER = "HART_FORCE_TIER";

    private static final Logger LOG = LoggerFactory.getLogger(FeatureGates.class);
    private static final double HOLDS = 0.9;
    private static final List<String> ALL = NodeTierLevel.COMPUTE_HOST.features();

    private final HardwareProfile hardware;
    private final NodeTierLevel tier;
    private final boolean forced;
    private final Map<String, Boolean> chosen;
    private final Map<String, String> disabled;

    private FeatureGates(HardwareProfile hardware, NodeTierLevel tier, boolean forced, Map<String, Boolean> chosen) {
        this.hardware = hardware;
        this.tier = tier;
        this.forced = forced;
        this.chosen = chosen;
        this.disabled = disabled(hardware, tier, forced, chosen);
    }

    /**
     * The gates of a node that starts.
     *
     * @param environment {@value #FORCE_TIER} names a tier; {@code HART_<FEATURE>_ENABLED} is {@code true} or {@code false} and wins
     *     over the tier. Other names do not count
     * @throws InvalidConfigurationException for another tier, or another value of a feature
     */
    public static FeatureGates of(HardwareProfile hardware, Map<String, String> environment) {
        Map<String, Boolean> chosen = chosen(environment);
        String forced = environment.getOrDefault(FORCE_TIER, "").strip();
        NodeTierLevel tier = forced.isEmpty() ? NodeTierLevel.of(hardware) : NodeTierLevel.named(forced);
        FeatureGates gates = new FeatureGates(hardware, tier, !forced.isEmpty(), Map.copyOf(chosen));
        chosen.forEach((feature, on) -> {
            if (on && !tier.features().contains(feature)) {
                LOG.warn("{} is switched on although it is above this node's tier {}", feature, tier.wireName());
            }
        });
        return gates;
    }

    /**
     * Reads the environment as {@link #of} does, before anything is probed.
     *
     * @throws InvalidConfigurationException for another tier, or another value of a feature
     */
    public static void check(Map<String, String> environment) {
        chosen(environment);
        String forced = environment.getOrDefault(FORCE_TIER, "").strip();
        if (!forced.isEmpty()) {
            NodeTierLevel.named(forced);
        }
    }

    private static Map<String, Boolean> chosen(Map<String, String> environment) {
        Map<String, Boolean> chosen = new LinkedHashMap<>();
        for (String feature : ALL) {
            String name = "HART_" + feature.toUpperCase(Locale.ROOT) + "_ENABLED";
            String value = environment.getOrDefault(name, "").strip();
            if (value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false")) {
                chosen.put(feature, Boolean.valueOf(value));
            } else if (!value.isEmpty()) {
                throw new InvalidConfigurationException(name + " must be true or false, was '" + value + "'");
            }
        }
        return chosen;
    }

    /**
     * The gates once the node was looked at again. It rises at once; it falls only when a figure is below 90 % of what the tier it
     * held needs, so that a disk filling and emptying does not switch features on and off.
     */
    public FeatureGates afterProbe(HardwareProfile now) {
        if (forced) {
            return new FeatureGates(now, tier, true, chosen);
        }
        NodeTierLevel measured = NodeTierLevel.of(now);
        boolean holds = measured.compareTo(tier) < 0 && now.reaches(tier, HOLDS);
        return new FeatureGates(now, holds ? tier : measured, false, chosen);
    }

    private static Map<String, String> disabled(
            HardwareProfile hardware, NodeTierLevel tier, boolean forced, Map<String, Boolean> chosen) {
        List<String> allowed = tier.features();
        Map<String, String> disabled = new LinkedHashMap<>();
        for (NodeTierLevel level : NodeTierLevel.values()) {
            for (String feature : level.features()) {
                Boolean choice = chosen.get(feature);
                if (Boolean.FALSE.equals(choice)) {
                    disabled.putIfAbsent(feature, "switched off");
                } else if (choice == null && !allowed.contains(feature)) {
                    disabled.putIfAbsent(
                            feature, "tier " + level.wireName() + " " + why(hardware, level, tier, forced));
                }
            }
        }
        return disabled;
    }

    private static String why(HardwareProfile hardware, NodeTierLevel level, NodeTierLevel tier, boolean forced) {
        if (forced) {
            return "is above " + tier.wireName() + ", which " + FORCE_TIER + " asks for";
        }
        String shortfall = hardware.shortfall(level);
        return shortfall.isEmpty() ? "is not reached while a figure is unknown" : shortfall;
    }

    public NodeTierLevel tier() {
        return tier;
    }

    /** Whether the tier was asked for, not measured. */
    public boolean isForced() {
        return forced;
    }

    public HardwareProfile hardware() {
        return hardware;
    }

    /** @throws InvalidConfigurationException for a feature that no tier has */
    public boolean isEnabled(String feature) {
        requireKnown(feature);
        return !disabled.containsKey(feature);
    }

    /**
     * Why a feature is on or off, in a few words.
     *
     * @throws InvalidConfigurationException for a feature that no tier has
     */
    public String why(String feature) {
        requireKnown(feature);
        String reason = disabled.get(feature);
        if (reason != null) {
            return reason;
        }
        return chosen.containsKey(feature) ? "switched on" : "tier " + tier.wireName() + " has it";
    }

    private static void requireKnown(String feature) {
        if (!ALL.contains(feature)) {
            throw new InvalidConfigurationException(
                    "there is no feature '" + feature + "'; the features are " + String.join(", ", ALL));
        }
    }

    /** The features that run, those of lower tiers first. */
    public List<String> enabled() {
        List<String> enabled = new ArrayList<>(ALL);
        enabled.removeAll(disabled.keySet());
        return enabled;
    }

    /** The features that do not run, with the reason; those of lower tiers first. */
    public Map<String, String> disabled() {
        return Collections.unmodifiableMap(disabled);
    }
}
