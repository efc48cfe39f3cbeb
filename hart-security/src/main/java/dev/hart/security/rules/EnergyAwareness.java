package dev.hart.security.rules;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/** What computing costs in energy, and which provider comes first (C08, C09). Pure. */
public final class EnergyAwareness {
    /** What a computer at work is taken to draw when nobody measured it. */
    public static final double PLAIN_WATTS = 170;
    /** What a call to a model elsewhere is taken to need, in kWh. */
    public static final BigDecimal REMOTE_CALL = new BigDecimal("0.001");

    private static final BigDecimal MS_PER_WATT_KWH = new BigDecimal("3600000000");
    private static final int DIGITS = 10;

    private EnergyAwareness() {}

    /** Where power comes from. */
    public enum Source {
        SOLAR,
        WIND,
        HYDRO,
        NUCLEAR,
        GRID,
        UNKNOWN;

        public boolean isGreen() {
            return this == SOLAR || this == WIND || this == HYDRO;
        }
    }

    /** What counts when providers are ordered. */
    public enum Strategy {
        BALANCED,
        GREEN,
        SPEED
    }

    /** One that could do the work. */
    public record Provider(String id, Source source) {}

    /**
     * Energy of local work in kWh, with 10 decimals.
     *
     * @param watts not negative, finite
     * @param worked not negative; whole milliseconds count
     */
    public static BigDecimal local(double watts, Duration worked) {
        if (!(watts >= 0) || Double.isInfinite(watts)) {
            throw new IllegalArgumentException("watts are 0 or more, were " + watts);
        }
        if (worked.isNegative()) {
            throw new IllegalArgumentException("work takes no negative time, was " + worked);
        }
        return BigDecimal.valueOf(watts)
                .multiply(BigDecimal.valueOf(worked.toMillis()))
                .divide(MS_PER_WATT_KWH, DIGITS, RoundingMode.HALF_EVEN);
    }

    /** Green providers first, else as given; with {@link Strategy#SPEED} as given. */
    public static List<Provider> order(List<Provider> providers, Strategy strategy) {
        if (strategy == Strategy.SPEED) {
            return List.copyOf(providers);
        }
        return providers.stream()
                .sorted(Comparator.comparing(provider -> !provider.source().isGreen()))
                .toList();
    }
}
