package dev.hart.gpu.probe;

import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceHealth;
import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.DeviceMemory;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * AMD's cards in the files of the {@code amdgpu} driver, below {@code class/drm}. Only where its compute part, {@code class/kfd},
 * is there too: without it nothing can compute on them. Cards are numbered in the order of their PCI addresses.
 */
final class AmdKernelFiles {
    private static final String AMD = "0x1002";

    private AmdKernelFiles() {}

    static List<Device> read(Path sys, Instant now) {
        if (!Files.isDirectory(sys.resolve("class/kfd"))) {
            return List.of();
        }
        record Card(String bus, Path device) {}
        List<Card> cards = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(sys.resolve("class/drm"), "card[0-9]*")) {
            for (Path entry : entries) {
                Path device = entry.resolve("device");
                if (!entry.getFileName().toString().contains("-")
                        && text(device.resolve("vendor")).filter(AMD::equals).isPresent()
                        && Files.exists(device.resolve("mem_info_vram_total"))) {
                    cards.add(new Card(bus(device).orElse(entry.getFileName().toString()), device));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return List.of(); // no such directory: the kernel shows no cards
        }
        cards.sort(Comparator.comparing(Card::bus));
        List<Device> devices = new ArrayList<>();
        for (Card card : cards) {
            devices.add(device(devices.size(), card.bus(), card.device(), now));
        }
        return devices;
    }

    private static Device device(int index, String bus, Path files, Instant now) {
        Optional<DeviceMemory> memory =
                RocmSmi.memory(text(files.resolve("mem_info_vram_total")), text(files.resolve("mem_info_vram_used")));
        return new Device(
                "rocm:" + index,
                DeviceKind.ROCM,
                index,
                text(files.resolve("unique_id")).map(id -> "0x" + id).orElse(bus),
                Optional.of(bus),
                text(files.resolve("product_name")).orElse("AMD"),
                memory,
                RocmSmi.percent(text(files.resolve("gpu_busy_percent"))),
                Optional.empty(),
                memory.isPresent() ? DeviceHealth.OK : DeviceHealth.DEGRADED,
                now);
    }

    private static Optional<String> bus(Path device) {
        return text(device.resolve("uevent"))
                .flatMap(lines -> lines.lines()
                        .filter(line -> line.startsWith("PCI_SLOT_NAME="))
                        .map(line -> line.substring(line.indexOf('=') + 1))
                        .findFirst());
    }

    /** Empty for a file that is missing, empty or not readable: not every card has every file. */
    private static Optional<String> text(Path file) {
        try {
            String text = Files.readString(file).strip();
            return text.isEmpty() ? Optional.empty() : Optional.of(text);
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
