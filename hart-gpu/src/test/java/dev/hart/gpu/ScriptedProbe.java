package dev.hart.gpu;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Devices that a test sets up and changes. */
public final class ScriptedProbe implements DeviceProbe {
    private record Card(DeviceKind kind, int index, long total, long free) {}

    private final Map<String, Card> cards = new LinkedHashMap<>();
    private ProbeReading.Failed failure;
    int readings;

    public static long gib(double amount) {
        return Math.round(amount * (1L << 30));
    }

    /** {@code cuda:1} and the like; of which so much is free, in GiB. */
    public synchronized ScriptedProbe with(String id, double total, double free) {
        DeviceKind kind = DeviceKind.valueOf(id.substring(0, id.indexOf(':')).toUpperCase(java.util.Locale.ROOT));
        cards.put(id, new Card(kind, Integer.parseInt(id.substring(id.indexOf(':') + 1)), gib(total), gib(free)));
        failure = null;
        return this;
    }

    /** The driver cannot tell this device's memory. */
    public synchronized ScriptedProbe withUnknownMemory(String id) {
        with(id, 0, 0);
        return this;
    }

    public synchronized ScriptedProbe without(String id) {
        cards.remove(id);
        return this;
    }

    /** Until a card is set again. */
    public synchronized ScriptedProbe failing(String reason) {
        failure = new ProbeReading.Failed(reason);
        return this;
    }

    @Override
    public synchronized ProbeReading read(Instant now) {
        readings++;
        if (failure != null) {
            return failure;
        }
        List<Device> devices = new ArrayList<>();
        cards.forEach((id, card) -> devices.add(new Device(
                id,
                card.kind(),
                card.index(),
                "uuid-of-" + id,
                Optional.empty(),
                "Card",
                card.total() == 0 ? Optional.empty() : Optional.of(new DeviceMemory(card.total(), card.free())),
                OptionalInt.empty(),
                Optional.empty(),
                card.total() == 0 ? DeviceHealth.DEGRADED : DeviceHealth.OK,
                now)));
        return ProbeReading.Found.of(devices);
    }
}
