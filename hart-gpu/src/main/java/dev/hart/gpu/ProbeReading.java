package dev.hart.gpu;

import java.util.List;

/** What a probe gave. */
public sealed interface ProbeReading {

    /**
     * The driver answered, or there is none.
     *
     * @param devices every device that it lists
     * @param warnings what is wrong with devices or rows that are left out, for the log
     */
    record Found(List<Device> devices, List<String> warnings) implements ProbeReading {
        public Found {
            devices = List.copyOf(devices);
            warnings = List.copyOf(warnings);
        }

        public static Found of(List<Device> devices) {
            return new Found(devices, List.of());
        }

        public static Found nothing() {
            return of(List.of());
        }
    }

    /** There is a driver, but it did not answer; the reason is for the log. */
    record Failed(String reason) implements ProbeReading {}
}
