package dev.hart.gpu.probe;

import dev.hart.gpu.DeviceMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The output of {@code nvidia-smi} as a table without header and units. A name may hold commas: columns before it are counted
 * from the left, those after it from the right.
 */
final class NvidiaSmi {
    private static final String NAME = "name";

    /** What is asked first. */
    static final List<String> COLUMNS = List.of(
            "index",
            "uuid",
            "pci.bus_id",
            "driver_version",
            "mig.mode.current",
            "utilization.gpu",
            "temperature.gpu",
            NAME,
            "memory.total",
            "memory.free");

    /** What is asked of a driver that does not know one of {@link #COLUMNS}: it then refuses the whole question. */
    static final List<String> COLUMNS_OF_OLD_DRIVERS = List.of("index", "uuid", NAME, "memory.total", "memory.free");

    static final List<String> PROCESS_COLUMNS = List.of("gpu_uuid", "pid", "process_name", "used_memory");

    private static final String FORMAT = "--format=csv,noheader,nounits";
    private static final long MIB = 1L << 20;

    private NvidiaSmi() {}

    static List<String> queryGpus(List<String> columns) {
        return List.of("nvidia-smi", "--query-gpu=" + String.join(",", columns), FORMAT);
    }

    static List<String> queryProcesses() {
        return List.of("nvidia-smi", "--query-compute-apps=" + String.join(",", PROCESS_COLUMNS), FORMAT);
    }

    /** The rows that name a GPU; others (a message about a GPU that the driver lost, say) are left out. */
    static List<NvidiaSmiRow> parse(List<String> columns, String output) {
        List<NvidiaSmiRow> rows = new ArrayList<>();
        output.lines().forEach(line -> parseLine(columns, line).ifPresent(rows::add));
        return rows;
    }

    private static Optional<NvidiaSmiRow> parseLine(List<String> columns, String line) {
        String[] fields = line.split(",", -1);
        if (fields.length < columns.size()) {
            return Optional.empty();
        }
        OptionalInt index = number(field(columns, fields, "index"));
        String uuid = field(columns, fields, "uuid");
        if (index.isEmpty() || uuid.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new NvidiaSmiRow(
                index.getAsInt(),
                uuid,
                field(columns, fields, NAME),
                memory(field(columns, fields, "memory.total"), field(columns, fields, "memory.free")),
                text(field(columns, fields, "pci.bus_id")),
                text(field(columns, fields, "driver_version")),
                field(columns, fields, "mig.mode.current").equals("Enabled"),
                number(field(columns, fields, "utilization.gpu")),
                number(field(columns, fields, "temperature.gpu"))));
    }

    /** The field of {@code column}, {@code ""} when it was not asked for. */
    private static String field(List<String> columns, String[] fields, String column) {
        int at = columns.indexOf(column);
        if (at < 0) {
            return "";
        }
        int name = columns.indexOf(NAME);
        int extra = fields.length - columns.size();
        if (at < name) {
            return fields[at].strip();
        }
        if (at > name) {
            return fields[at + extra].strip();
        }
        return String.join(",", List.of(fields).subList(name, name + extra + 1)).strip();
    }

    private static Optional<DeviceMemory> memory(String totalMib, String freeMib) {
        OptionalInt total = number(totalMib);
        OptionalInt free = number(freeMib);
        if (total.isEmpty() || free.isEmpty() || total.getAsInt() == 0 || free.getAsInt() > total.getAsInt()) {
            return Optional.empty();
        }
        return Optional.of(new DeviceMemory(total.getAsInt() * MIB, free.getAsInt() * MIB));
    }

    private static Optional<String> text(String field) {
        return field.isEmpty() || field.startsWith("[") || field.equals("N/A") ? Optional.empty() : Optional.of(field);
    }

    /** A whole number from 0 of at most nine digits. */
    private static OptionalInt number(String field) {
        return field.matches("[0-9]{1,9}") ? OptionalInt.of(Integer.parseInt(field)) : OptionalInt.empty();
    }
}
