package dev.hart.gpu.probe;

import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceHealth;
import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.DeviceMemory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/** The output of {@code rocm-smi --csv}: a header that names the columns, then a row for each card. Memory is in bytes. */
final class RocmSmi {
    static final List<String> QUERY = List.of(
            "rocm-smi",
            "--showmeminfo",
            "vram",
            "--showuniqueid",
            "--showbus",
            "--showproductname",
            "--showuse",
            "--csv");
    static final List<String> QUERY_OF_OLD_VERSIONS = List.of("rocm-smi", "--showmeminfo", "vram", "--csv");

    private static final String CARD = "card";
    /** What a table without a header has. */
    private static final List<String> COLUMNS =
            List.of("device", "vram total memory (b)", "vram total used memory (b)");

    private RocmSmi() {}

    /** The rows that name a card. */
    static List<Device> parse(String output, Instant now) {
        List<Device> devices = new ArrayList<>();
        List<String> columns = COLUMNS;
        for (String line : output.lines().toList()) {
            List<String> fields = fields(line);
            if (fields.get(0).equalsIgnoreCase("device")) {
                columns = fields.stream()
                        .map(name -> name.toLowerCase(Locale.ROOT))
                        .toList();
            } else if (fields.get(0).matches(CARD + "[0-9]{1,4}")) {
                devices.add(device(columns, fields, now));
            }
        }
        return devices;
    }

    /** Splits at commas; those inside of double quotes belong to a field. */
    private static List<String> fields(String line) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                fields.add(field.toString().strip());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString().strip());
        return fields;
    }

    private static Device device(List<String> columns, List<String> fields, Instant now) {
        int index = Integer.parseInt(fields.get(0).substring(CARD.length()));
        String id = "rocm:" + index;
        Optional<String> bus = field(columns, fields, "pci bus");
        Optional<DeviceMemory> memory = memory(
                field(columns, fields, "vram total memory (b)"), field(columns, fields, "vram total used memory (b)"));
        return new Device(
                id,
                DeviceKind.ROCM,
                index,
                field(columns, fields, "unique id").or(() -> bus).orElse(id),
                bus,
                field(columns, fields, "card series")
                        .or(() -> field(columns, fields, "card model"))
                        .orElse("AMD"),
                memory,
                percent(field(columns, fields, "gpu use (%)")),
                Optional.empty(),
                memory.isPresent() ? DeviceHealth.OK : DeviceHealth.DEGRADED,
                now);
    }

    static Optional<DeviceMemory> memory(Optional<String> total, Optional<String> used) {
        if (total.isEmpty() || used.isEmpty() || !isBytes(total.get()) || !isBytes(used.get())) {
            return Optional.empty();
        }
        long totalBytes = Long.parseLong(total.get());
        long usedBytes = Long.parseLong(used.get());
        return totalBytes == 0 || usedBytes > totalBytes
                ? Optional.empty()
                : Optional.of(new DeviceMemory(totalBytes, totalBytes - usedBytes));
    }

    static OptionalInt percent(Optional<String> text) {
        return text.isPresent() && text.get().matches("100|[0-9]{1,2}")
                ? OptionalInt.of(Integer.parseInt(text.get()))
                : OptionalInt.empty();
    }

    private static boolean isBytes(String text) {
        return text.matches("[0-9]{1,18}");
    }

    private static Optional<String> field(List<String> columns, List<String> fields, String column) {
        int at = columns.indexOf(column);
        if (at < 0 || at >= fields.size()) {
            return Optional.empty();
        }
        String value = fields.get(at);
        return value.isEmpty() || value.equals("N/A") ? Optional.empty() : Optional.of(value);
    }
}
