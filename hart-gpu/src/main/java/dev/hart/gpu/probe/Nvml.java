package dev.hart.gpu.probe;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.probe.NvmlAnswer.Refused;
import dev.hart.gpu.probe.NvmlAnswer.Value;
import dev.hart.gpu.probe.NvmlDevice.MemoryV2;
import dev.hart.gpu.probe.NvmlDevice.MigMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * Reads all devices through NVML. Structures are read at their offsets, as {@code nvml.h} lays them out on 64-bit systems.
 *
 * <p>Each reading initialises the library and shuts it down again: a library that stays open sees no device that came later, and
 * keeps the driver from being updated. Thread-safe. A call may block for as long as the driver does: give it a thread of its own.
 */
final class Nvml {
    private static final int NAME_LENGTH = 96;
    private static final int VERSION_LENGTH = 80;
    private static final int PCI_INFO_SIZE = 68;
    private static final int PCI_INFO_BUS_ID = 36;
    private static final int MEMORY_V2_SIZE = 40;
    private static final int PROCESS_SIZE = 24;
    /** Of {@code usedGpuMemory}: the driver cannot tell. */
    private static final long NOT_AVAILABLE = -1;

    private static final int INSUFFICIENT_SIZE = 7;
    private static final int MAX_DEVICES = 256;
    private static final int MAX_SLICES = 16;
    private static final int MAX_PROCESSES = 4096;

    private final NvmlLibrary library;

    Nvml(NvmlLibrary library) {
        this.library = library;
    }

    /** What the driver says now; refused when it does not answer to {@code nvmlInit_v2}. */
    NvmlAnswer<NvmlSystem> read() {
        int code = library.call("nvmlInit_v2");
        if (code != NvmlLibrary.SUCCESS) {
            return new Refused<>("nvmlInit_v2", code);
        }
        try {
            NvmlAnswer<Integer> count = number("nvmlDeviceGetCount_v2");
            List<NvmlAnswer<NvmlDevice>> devices = new ArrayList<>();
            for (int i = 0; i < Math.min(count.toOptional().orElse(0), MAX_DEVICES); i++) {
                devices.add(device(i));
            }
            return new Value<>(new NvmlSystem(
                    text("nvmlSystemGetDriverVersion", VERSION_LENGTH),
                    text("nvmlSystemGetNVMLVersion", VERSION_LENGTH),
                    number("nvmlSystemGetCudaDriverVersion_v2"),
                    count,
                    devices));
        } finally {
            library.call("nvmlShutdown");
        }
    }

    private NvmlAnswer<NvmlDevice> device(int index) {
        Memory handle = new Memory(Native.POINTER_SIZE);
        int code = library.call("nvmlDeviceGetHandleByIndex_v2", index, handle);
        if (code != NvmlLibrary.SUCCESS) {
            return new Refused<>("nvmlDeviceGetHandleByIndex_v2", code);
        }
        Pointer device = handle.getPointer(0);
        NvmlAnswer<MigMode> mig = migMode(device);
        boolean sliced = mig.toOptional().map(MigMode::enabled).orElse(false);
        return new Value<>(read(index, device, mig, sliced ? slices(device) : List.of()));
    }

    private List<NvmlDevice> slices(Pointer device) {
        int most = number("nvmlDeviceGetMaxMigDeviceCount", device).toOptional().orElse(0);
        List<NvmlDevice> slices = new ArrayList<>();
        for (int i = 0; i < Math.min(most, MAX_SLICES); i++) {
            Memory handle = new Memory(Native.POINTER_SIZE);
            if (library.call("nvmlDeviceGetMigDeviceHandleByIndex", device, i, handle) == NvmlLibrary.SUCCESS) {
                Pointer slice = handle.getPointer(0);
                slices.add(read(i, slice, migMode(slice), List.of()));
            }
        }
        return slices;
    }

    private NvmlDevice read(int index, Pointer device, NvmlAnswer<MigMode> mig, List<NvmlDevice> slices) {
        return new NvmlDevice(
                index,
                text("nvmlDeviceGetName", NAME_LENGTH, device),
                text("nvmlDeviceGetUUID", NAME_LENGTH, device),
                pciBusId(device),
                memoryV1(device),
                memoryV2(device),
                utilisation(device),
                temperature(device),
                number("nvmlDeviceGetPowerUsage", device),
                number("nvmlDeviceGetComputeMode", device),
                mig,
                processes("nvmlDeviceGetComputeRunningProcesses_v3", device),
                processes("nvmlDeviceGetGraphicsRunningProcesses_v3", device),
                slices);
    }

    private NvmlAnswer<MigMode> migMode(Pointer device) {
        Memory now = new Memory(Integer.BYTES);
        Memory pending = new Memory(Integer.BYTES);
        return answer("nvmlDeviceGetMigMode", device, now, pending)
                .map(done -> new MigMode(now.getInt(0) == 1, pending.getInt(0) == 1));
    }

    private NvmlAnswer<String> pciBusId(Pointer device) {
        Memory info = cleared(PCI_INFO_SIZE);
        return answer("nvmlDeviceGetPciInfo_v3", device, info)
                .map(done -> textOf(info, PCI_INFO_BUS_ID, PCI_INFO_SIZE - PCI_INFO_BUS_ID));
    }

    /** Junk (no memory, more free than there is) is refused as the driver's unknown error. */
    private NvmlAnswer<DeviceMemory> memoryV1(Pointer device) {
        Memory memory = cleared(3 * Long.BYTES);
        int code = library.call("nvmlDeviceGetMemoryInfo", device, memory);
        if (code != NvmlLibrary.SUCCESS) {
            return new Refused<>("nvmlDeviceGetMemoryInfo", code);
        }
        long total = memory.getLong(0);
        long free = memory.getLong(Long.BYTES);
        return total > 0 && free >= 0 && free <= total
                ? new Value<>(new DeviceMemory(total, free))
                : new Refused<>("nvmlDeviceGetMemoryInfo", NvmlLibrary.UNKNOWN);
    }

    private NvmlAnswer<MemoryV2> memoryV2(Pointer device) {
        Memory memory = cleared(MEMORY_V2_SIZE);
        memory.setInt(0, MEMORY_V2_SIZE | 2 << 24);
        return answer("nvmlDeviceGetMemoryInfo_v2", device, memory)
                .map(done ->
                        new MemoryV2(memory.getLong(8), memory.getLong(16), memory.getLong(24), memory.getLong(32)));
    }

    private NvmlAnswer<Integer> utilisation(Pointer device) {
        Memory rates = cleared(2 * Integer.BYTES);
        return answer("nvmlDeviceGetUtilizationRates", device, rates).map(done -> rates.getInt(0));
    }

    private NvmlAnswer<Integer> temperature(Pointer device) {
        Memory celsius = cleared(Integer.BYTES);
        return answer("nvmlDeviceGetTemperature", device, 0, celsius).map(done -> celsius.getInt(0));
    }

    /** Asks for the number, then for the list; asks again with more room when processes came in between. */
    private NvmlAnswer<List<NvmlProcess>> processes(String function, Pointer device) {
        Memory count = cleared(Integer.BYTES);
        int code = library.call(function, device, count, Pointer.NULL);
        int room = count.getInt(0);
        while (code == INSUFFICIENT_SIZE && room < MAX_PROCESSES) {
            room = Math.min(2 * Math.max(room, 8), MAX_PROCESSES);
            Memory list = cleared(room * PROCESS_SIZE);
            count.setInt(0, room);
            code = library.call(function, device, count, list);
            if (code == NvmlLibrary.SUCCESS) {
                return new Value<>(processes(list, Math.min(count.getInt(0), room)));
            }
        }
        return code == NvmlLibrary.SUCCESS ? new Value<>(List.of()) : new Refused<>(function, code);
    }

    private static List<NvmlProcess> processes(Memory list, int count) {
        List<NvmlProcess> processes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long at = (long) i * PROCESS_SIZE;
            long used = list.getLong(at + 8);
            processes.add(new NvmlProcess(
                    Integer.toUnsignedLong(list.getInt(at)),
                    used == NOT_AVAILABLE ? OptionalLong.empty() : OptionalLong.of(used)));
        }
        return List.copyOf(processes);
    }

    private NvmlAnswer<Integer> number(String function, Object... before) {
        Memory out = cleared(Integer.BYTES);
        Object[] arguments = Arrays.copyOf(before, before.length + 1);
        arguments[before.length] = out;
        return answer(function, arguments).map(done -> out.getInt(0));
    }

    private NvmlAnswer<String> text(String function, int length, Object... before) {
        Memory out = cleared(length);
        Object[] arguments = Arrays.copyOf(before, before.length + 2);
        arguments[before.length] = out;
        arguments[before.length + 1] = length;
        return answer(function, arguments).map(done -> textOf(out, 0, length));
    }

    private NvmlAnswer<Boolean> answer(String function, Object... arguments) {
        int code = library.call(function, arguments);
        return code == NvmlLibrary.SUCCESS ? new Value<>(true) : new Refused<>(function, code);
    }

    private static Memory cleared(int size) {
        Memory memory = new Memory(size);
        memory.clear();
        return memory;
    }

    private static String textOf(Memory memory, int offset, int length) {
        byte[] bytes = memory.getByteArray(offset, length);
        int end = 0;
        while (end < length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }
}
