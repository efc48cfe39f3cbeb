package dev.hart.bench.gpu;

import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.ModelRequirement;
import dev.hart.gpu.ModelRequirements;
import dev.hart.gpu.VramLease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * How much of the memory is taken that could be. Requests for known models arrive one after another, until they ask for twice
 * what there is; nobody leaves. Half a GiB is the unit.
 */
final class Packing {
    private static final long UNIT = 1L << 29;
    private static final int[] SMALL_GIB = {8, 12, 16, 24};
    private static final int[] LARGE_GIB = {24, 40, 48, 80};
    private static final double DEMAND = 2;

    /**
     * One set of requests.
     *
     * @param taken by leases, in units
     * @param inOrder what they could take at most if each request that fits as it arrives is served
     * @param optimum what they could take at most
     */
    record Outcome(int taken, int inOrder, int optimum) {}

    private final RandomGenerator random;
    private final List<Integer> models;

    Packing(RandomGenerator random) {
        this.random = random;
        this.models = ModelRequirements.known().all().stream()
                .map(ModelRequirement::peakBytes)
                .map(bytes -> (int) ((bytes + UNIT - 1) / UNIT))
                .toList();
    }

    /** On one to three devices of 8 to 24 GiB, beside the best choice and placement that there is. */
    Outcome onSmallDevices() throws InterruptedException {
        List<Integer> devices = devices(random.nextInt(1, 4), SMALL_GIB);
        List<Integer> sizes = sizes(devices);
        return new Outcome(taken(devices, sizes), Optimum.inOrder(devices, sizes), Optimum.of(devices, sizes));
    }

    /** On one to eight devices of 24 to 80 GiB, beside all their memory: the optimum may be less. */
    Outcome onLargeDevices() throws InterruptedException {
        List<Integer> devices = devices(random.nextInt(1, 9), LARGE_GIB);
        return new Outcome(taken(devices, sizes(devices)), sum(devices), sum(devices));
    }

    private List<Integer> devices(int count, int[] gib) {
        List<Integer> devices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            devices.add(2 * (gib[random.nextInt(gib.length)] - 1)); // HART keeps one GiB of each back
        }
        return devices;
    }

    private List<Integer> sizes(List<Integer> devices) {
        int largest = devices.stream().mapToInt(size -> size).max().orElseThrow();
        List<Integer> sizes = new ArrayList<>();
        for (int asked = 0; asked < DEMAND * sum(devices); ) {
            int size = models.get(random.nextInt(models.size()));
            if (size <= largest) {
                sizes.add(size);
                asked += size;
            }
        }
        return sizes;
    }

    private static int sum(List<Integer> devices) {
        return devices.stream().mapToInt(size -> size).sum();
    }

    private static int taken(List<Integer> devices, List<Integer> sizes) throws InterruptedException {
        List<Optional<DeviceMemory>> memory = devices.stream()
                .map(units -> (units + 2) * UNIT)
                .map(bytes -> Optional.of(new DeviceMemory(bytes, bytes)))
                .toList();
        try (Gpus gpus = SimulatedDevices.open(memory)) {
            gpus.devices();
            for (int size : sizes) {
                CompletableFuture<VramLease> unused = gpus.request("model")
                        .bytes(size * UNIT)
                        .timeout(Duration.ofHours(1))
                        .acquireAsync();
            }
            return (int) (gpus.status().leases().stream()
                            .flatMap(lease -> lease.grants().values().stream())
                            .mapToLong(bytes -> bytes)
                            .sum()
                    / UNIT);
        }
    }
}
