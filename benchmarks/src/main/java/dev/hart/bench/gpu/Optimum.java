package dev.hart.bench.gpu;

import java.util.List;

/** The most memory that requests can take of some devices: an exact search over everything that could be done. */
final class Optimum {
    private static final int MAX_STATES = 1 << 24;

    private Optimum() {}

    /**
     * With any choice of requests, in any place.
     *
     * @param devices how much each has, in whole units; the product of all, each plus one, at most 16,777,216
     * @param sizes what each request takes of one device
     */
    static int of(List<Integer> devices, List<Integer> sizes) {
        boolean[] reachable = nothing(devices);
        for (int size : sizes) {
            for (int state = reachable.length - 1; state >= 0; state--) {
                if (reachable[state]) {
                    place(devices, size, state, reachable);
                }
            }
        }
        return most(devices, reachable);
    }

    /** In any place, when each request that fits anywhere as it arrives is served; the arguments are the same. */
    static int inOrder(List<Integer> devices, List<Integer> sizes) {
        boolean[] reachable = nothing(devices);
        for (int size : sizes) {
            boolean[] next = new boolean[reachable.length];
            for (int state = 0; state < reachable.length; state++) {
                if (reachable[state] && !place(devices, size, state, next)) {
                    next[state] = true;
                }
            }
            reachable = next;
        }
        return most(devices, reachable);
    }

    /** Whether each device can be filled to exactly so much: a number to the base of the sizes. Nothing yet. */
    private static boolean[] nothing(List<Integer> devices) {
        int states = 1;
        for (int size : devices) {
            states = Math.multiplyExact(states, size + 1);
        }
        if (states > MAX_STATES) {
            throw new IllegalArgumentException("devices of " + devices + " units are too many states: " + states);
        }
        boolean[] reachable = new boolean[states];
        reachable[0] = true;
        return reachable;
    }

    private static int most(List<Integer> devices, boolean[] reachable) {
        int most = 0;
        for (int state = 0; state < reachable.length; state++) {
            if (reachable[state]) {
                most = Math.max(most, sum(devices, state));
            }
        }
        return most;
    }

    /** False when it fits nowhere. A placement leads to a larger number, so going down none is used twice for one request. */
    private static boolean place(List<Integer> devices, int size, int state, boolean[] reachable) {
        boolean fits = false;
        int step = 1;
        int rest = state;
        for (int device : devices) {
            int filled = rest % (device + 1);
            if (filled + size <= device) {
                reachable[state + step * size] = true;
                fits = true;
            }
            rest /= device + 1;
            step *= device + 1;
        }
        return fits;
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
