package dev.hart.bench.gpu;

import java.util.List;

/** The most memory that any choice and placement of requests can take of some devices: an exact search over all of them. */
final class Optimum {
    private static final int MAX_STATES = 1 << 24;

    private Optimum() {}

    /**
     * @param devices how much each has, in whole units; the product of all, each plus one, at most 16,777,216
     * @param sizes what each request takes of one device
     */
    static int of(List<Integer> devices, List<Integer> sizes) {
        int states = 1;
        for (int size : devices) {
            states = Math.multiplyExact(states, size + 1);
        }
        if (states > MAX_STATES) {
            throw new IllegalArgumentException("devices of " + devices + " units are too many states: " + states);
        }
        // Whether each device can be filled to exactly so much: a number to the base of the sizes.
        boolean[] reachable = new boolean[states];
        reachable[0] = true;
        for (int size : sizes) {
            for (int state = states - 1; state >= 0; state--) {
                if (reachable[state]) {
                    place(devices, size, state, reachable);
                }
            }
        }
        int most = 0;
        for (int state = 0; state < states; state++) {
            if (reachable[state]) {
                most = Math.max(most, sum(devices, state));
            }
        }
        return most;
    }

    /** A placement leads to a larger number, so none is used twice for one request. */
    private static void place(List<Integer> devices, int size, int state, boolean[] reachable) {
        int step = 1;
        int rest = state;
        for (int device : devices) {
            int filled = rest % (device + 1);
            if (filled + size <= device) {
                reachable[state + step * size] = true;
            }
            rest /= device + 1;
            step *= device + 1;
        }
    }

    private static int sum(List<Integer> devices, int state) {
        int sum = 0;
        int rest = state;
        for (int device : devices) {
            sum += rest % (device + 1);
            rest /= device + 1;
        }
        return sum;
    }
}
