package dev.hart.gpu;

import dev.hart.gpu.VramBook.Promise;
import dev.hart.spi.LeaseEntry.ProcessIdentity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Device memory that is kept for one model until {@link #close}. Begins {@code RESERVED}: load the model, then {@link #activate}.
 * Thread-safe. Methods other than getters and {@code close} throw IllegalStateException once the lease is over.
 */
public final class VramLease implements AutoCloseable {
    private final Gpus gpus;
    final LeaseRequest request;
    final String id;
    final LeaseMode mode;
    final DeviceAccount[] accounts;
    /** How much of each account; changed under the book's lock. */
    final long[] bytes;

    final long createdAt;
    volatile LeaseState state = LeaseState.RESERVED;
    volatile long fencingToken;
    volatile long expiresAt;
    volatile @Nullable ProcessIdentity child;

    // Guarded by the book's lock.
    int uses;
    long lastUsedAt;
    long revokedUntil;

    @Nullable
    Promise givesWayTo;

    VramLease(Gpus gpus, LeaseRequest request, String id, Placement placement, long now) {
        this.gpus = gpus;
        this.request = request;
        this.id = id;
        this.mode = placement.mode();
        this.accounts = placement.accounts();
        this.bytes = placement.bytes();
        this.createdAt = now;
        this.expiresAt = now + Gpus.TTL.toMillis();
    }

    /** Guarded by the book's lock. */
    long bytesOn(DeviceAccount account) {
        for (int i = 0; i < accounts.length; i++) {
            if (accounts[i] == account) {
                return bytes[i];
            }
        }
        return 0;
    }

    /** A UUID. */
    public String id() {
        return id;
    }

    /** Larger than that of every lease before: give it to whatever the holder changes outside. */
    public long fencingToken() {
        return fencingToken;
    }

    public String tenant() {
        return request.tenant;
    }

    public String tool() {
        return request.tool;
    }

    public LeasePriority priority() {
        return request.priority;
    }

    public LeaseMode mode() {
        return mode;
    }

    public LeaseState state() {
        return state;
    }

    public Instant createdAt() {
        return Instant.ofEpochMilli(createdAt);
    }

    /** When it ends unless its holder is alive then; moved on every 20 seconds. */
    public Instant expiresAt() {
        return Instant.ofEpochMilli(expiresAt);
    }

    /** Its devices, as they were read last; in mode {@code CPU_OFFLOAD} the GPU, then the machine's memory. */
    public List<Device> devices() {
        List<Device> devices = new ArrayList<>();
        for (DeviceAccount account : accounts) {
            devices.add(account.device);
        }
        return devices;
    }

    /** The first of its devices. */
    public Device device() {
        return accounts[0].device;
    }

    /** Bytes by the uuid of the device. */
    public Map<String, Long> grants() {
        Map<String, Long> grants = new LinkedHashMap<>();
        for (int i = 0; i < accounts.length; i++) {
            grants.put(accounts[i].uuid, bytes[i]);
        }
        return Collections.unmodifiableMap(grants);
    }

    /** The variables that let a child process see its CUDA devices only; empty for other kinds. */
    public Map<String, String> environment() {
        List<String> uuids = new ArrayList<>();
        for (DeviceAccount account : accounts) {
            if (account.device.kind() == DeviceKind.CUDA) {
                uuids.add(account.uuid);
            }
        }
        return uuids.isEmpty()
                ? Map.of()
                : Map.of("CUDA_VISIBLE_DEVICES", String.join(",", uuids), "CUDA_DEVICE_ORDER", "PCI_BUS_ID");
    }

    /** The model is loaded. Without this the lease ends ten minutes after it was given. A second call changes nothing. */
    public void activate() {
        gpus.activate(this);
    }

    /**
     * Changes how much it holds of each device. Less is always possible.
     *
     * @param bytesPerDevice more than 0
     * @throws dev.hart.error.GpuException NOT_NOW when one of the devices has no room for more; nothing is changed
     */
    public void resize(long bytesPerDevice) {
        gpus.resize(this, Sizes.requirePositive("bytesPerDevice", bytesPerDevice));
    }

    /**
     * Notes a process that uses the memory. It is stopped when the lease is taken back and not closed in time, and when this JVM
     * was found dead; the lease ends when the process has been dead for a minute.
     */
    public void child(ProcessHandle process) {
        gpus.child(this, process);
    }

    public Optional<ProcessIdentity> child() {
        return Optional.ofNullable(child);
    }

    /** Keeps the lease from being taken back until the result is closed. Wrap each call of the model in one. */
    public Use use() {
        return gpus.use(this);
    }

    /** Gives the memory back. A second call changes nothing. */
    @Override
    public void close() {
        gpus.close(this);
    }

    @Override
    public String toString() {
        return "lease %s of %s, %s, %s".formatted(id, request.tool, mode, state);
    }

    /** One call of the model. */
    public interface Use extends AutoCloseable {
        /** A second call changes nothing. */
        @Override
        void close();
    }
}
