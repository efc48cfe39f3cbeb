package dev.hart.gpu;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hart.error.GpuException;
import dev.hart.spi.LeaseEntry;
import dev.hart.spi.LeaseEntry.ProcessIdentity;
import dev.hart.spi.LeaseJournal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leases of all JVMs of a machine in one file: a line of JSON for each entry, forced to the disk before {@link #append} returns,
 * under the lock of a file beside it. Any number of journals, in any number of processes, may share a file. It must lie on a disk of
 * this machine. Thread-safe.
 *
 * <p>A last line that a crash has cut off is dropped. A file with any other line that cannot be read is set aside as {@code
 * .corrupt-<time>} and begun anew, without leases; numbers go on above all that it can have given. A file of more than 4 MiB is
 * written anew with the leases that live.
 */
public final class FileLeaseJournal implements LeaseJournal {
    private static final Logger log = LoggerFactory.getLogger(FileLeaseJournal.class);
    private static final long LARGEST = 4L << 20;
    private static final int VERSION = 1;
    private static final String KEPT = "kept";
    private static final JsonMapper JSON = new JsonMapper();
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    /** A file's lock is the process's, so threads of one process need another one. */
    private static final Map<Path, Object> IN_THIS_PROCESS = new ConcurrentHashMap<>();

    private final Path file;
    private final InstantSource clock;
    private final Consumer<Path> onCorrupt;
    private final long largest;
    private final Object inThisProcess;

    // Guarded by inThisProcess, and right only while the file is locked.
    private final Map<String, LiveLease> live = new LinkedHashMap<>();
    private String generation = "";
    private long readUpTo;
    private long last;

    private FileLeaseJournal(Path file, InstantSource clock, Consumer<Path> onCorrupt, long largest) {
        this.file = file;
        this.clock = clock;
        this.onCorrupt = onCorrupt;
        this.largest = largest;
        this.inThisProcess = Objects.requireNonNull(IN_THIS_PROCESS.computeIfAbsent(file, path -> new Object()));
    }

    /** Makes the file, and the folder that it is in, if there is none. */
    public static FileLeaseJournal open(Path file) {
        return open(file, InstantSource.system(), aside -> {});
    }

    /**
     * The same, with what it needs from outside.
     *
     * @param onCorrupt is told where a file was set aside that could not be read
     * @throws GpuException {@code LEASE_JOURNAL} when it can be neither made nor read
     */
    public static FileLeaseJournal open(Path file, InstantSource clock, Consumer<Path> onCorrupt) {
        return open(file, clock, onCorrupt, LARGEST);
    }

    static FileLeaseJournal open(Path file, InstantSource clock, Consumer<Path> onCorrupt, long largest) {
        try {
            Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a journal lies in a folder");
            Path real = Files.createDirectories(folder).toRealPath().resolve(String.valueOf(file.getFileName()));
            FileLeaseJournal journal = new FileLeaseJournal(real, clock, onCorrupt, largest);
            journal.live();
            return journal;
        } catch (IOException e) {
            throw failure("opened", file, e);
        }
    }

    private static GpuException failure(String verb, Path file, IOException e) {
        return new GpuException(
                "LEASE_JOURNAL",
                "the journal of leases %s cannot be %s: %s; it must be a file that this process may write"
                        .formatted(file, verb, e),
                e);
    }

    @Override
    public long append(LeaseEntry entry) {
        return locked("written", channel -> {
            long number = last + 1;
            ObjectNode line = JSON.createObjectNode();
            line.put("n", number);
            write(line, entry, entry.fencingToken());
            byte[] bytes = (JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8);
            try {
                writeFully(channel, bytes, readUpTo);
                channel.force(true);
            } catch (IOException e) {
                channel.truncate(readUpTo); // as if it had never been tried
                throw e;
            }
            readUpTo += bytes.length;
            last = number;
            apply(entry, number, false);
            if (readUpTo > largest) {
                begin(last, List.copyOf(live.values()));
            }
            return number;
        });
    }

    @Override
    public List<LiveLease> live() {
        return locked("read", channel -> List.copyOf(live.values()));
    }

    private interface Work<T> {
        T on(FileChannel channel) throws IOException;
    }

    private <T> T locked(String verb, Work<T> work) {
        synchronized (inThisProcess) {
            try (FileChannel gate = FileChannel.open(
                            file.resolveSibling(file.getFileName() + ".lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
                    FileLock unused = gate.lock()) {
                readOn();
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                    return work.on(channel);
                }
            } catch (IOException e) {
                throw failure(verb, file, e);
            }
        }
    }

    // Reading

    private void readOn() throws IOException {
        if (!Files.exists(file) || Files.size(file) == 0) {
            begin(last, List.of());
            return;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            try {
                readOn(channel);
            } catch (JsonProcessingException | IllegalArgumentException e) {
                setAside(e);
            }
        }
    }

    private void readOn(FileChannel channel) throws IOException {
        if (!generation.isEmpty()
                && channel.size() >= readUpTo
                && generation.equals(head(channel).generation())) {
            readLines(channel, readUpTo);
            return;
        }
        live.clear();
        Head head = head(channel);
        generation = head.generation();
        last = Math.max(last, head.last());
        readLines(channel, head.length());
    }

    /** The first line. */
    private record Head(String generation, long last, int length) {}

    private static Head head(FileChannel channel) throws IOException {
        byte[] start = read(channel, 0, (int) Math.min(256, channel.size()));
        int end = indexOfNewline(start, 0);
        if (end < 0) {
            throw new IllegalArgumentException("it has no first line");
        }
        JsonNode head = JSON.readTree(start, 0, end);
        if (head.path("hart_leases").asInt() != VERSION) {
            throw new IllegalArgumentException("its first line is that of no journal of leases");
        }
        return new Head(text(head, "generation"), field(head, "last").asLong(), end + 1);
    }

    private void readLines(FileChannel channel, long from) throws IOException {
        byte[] rest = read(channel, from, Math.toIntExact(channel.size() - from));
        int start = 0;
        for (int end = indexOfNewline(rest, 0); end >= 0; end = indexOfNewline(rest, start)) {
            JsonNode line = JSON.readTree(rest, start, end - start);
            long number = field(line, "n").asLong();
            if (number < 1) {
                throw new IllegalArgumentException("a line has the number " + number);
            }
            apply(entry(line), number, line.path(KEPT).asBoolean());
            last = Math.max(last, number);
            start = end + 1;
        }
        readUpTo = from + start;
        if (start < rest.length) {
            log.warn("the journal of leases {} ends in the middle of a line, which is dropped", file);
            channel.truncate(readUpTo);
        }
    }

    /** @param kept from an earlier file, in which its grant stands */
    private void apply(LeaseEntry entry, long number, boolean kept) {
        if (entry.kind().isEnd()) {
            live.remove(entry.leaseId());
        } else if (kept || entry.kind() == LeaseEntry.Kind.GRANTED || live.containsKey(entry.leaseId())) {
            // What two threads did at once may stand in the other order: nothing comes after an end.
            long fence = entry.fencingToken() == 0 ? number : entry.fencingToken();
            live.put(entry.leaseId(), new LiveLease(withFence(entry, fence), fence));
        }
    }

    private static LeaseEntry withFence(LeaseEntry entry, long fence) {
        return new LeaseEntry(
                entry.kind(),
                entry.leaseId(),
                fence,
                entry.tenant(),
                entry.tool(),
                entry.priority(),
                entry.mode(),
                entry.grants(),
                entry.owner(),
                entry.child(),
                entry.at());
    }

    // Beginning anew

    private void setAside(Exception why) throws IOException {
        long size = Files.size(file);
        Path aside = file.resolveSibling(file.getFileName() + ".corrupt-" + STAMP.format(clock.instant()));
        for (int i = 1; Files.exists(aside); i++) {
            aside = aside.resolveSibling(aside.getFileName() + "-" + i);
        }
        Files.move(file, aside);
        log.error("the journal of leases {} cannot be read; it is kept as {}: {}", file, aside, why.getMessage());
        live.clear();
        // An entry takes many bytes, so the file can have given no more numbers than it has bytes.
        begin(Math.max(last, highestNumber(aside)) + size, List.of());
        onCorrupt.accept(aside);
    }

    private static long highestNumber(Path aside) throws IOException {
        long highest = 0;
        for (String line : new String(Files.readAllBytes(aside), StandardCharsets.UTF_8)
                .lines()
                .toList()) {
            try {
                JsonNode read = JSON.readTree(line);
                highest = Math.max(
                        highest,
                        Math.max(read.path("n").asLong(), read.path("last").asLong()));
            } catch (JsonProcessingException e) {
                log.debug("a line that cannot be read", e);
            }
        }
        return highest;
    }

    private void begin(long lastNumber, List<LiveLease> leases) throws IOException {
        String next = UUID.randomUUID().toString();
        ObjectNode head = JSON.createObjectNode();
        head.put("hart_leases", VERSION).put("generation", next).put("last", lastNumber);
        StringBuilder text = new StringBuilder(JSON.writeValueAsString(head)).append('\n');
        for (LiveLease lease : leases) {
            ObjectNode line = JSON.createObjectNode();
            line.put("n", lease.fencingToken()).put(KEPT, true);
            write(line, lease.entry(), lease.fencingToken());
            text.append(JSON.writeValueAsString(line)).append('\n');
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            writeFully(channel, bytes, 0);
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceFolder();
        generation = next;
        last = lastNumber;
        readUpTo = bytes.length;
        live.keySet()
                .retainAll(leases.stream().map(lease -> lease.entry().leaseId()).toList());
    }

    /** So that the new file is there after a power failure, too. Windows opens no folders, and needs none of it. */
    private void forceFolder() {
        try (FileChannel folder = FileChannel.open(file.resolveSibling("."), StandardOpenOption.READ)) {
            folder.force(true);
        } catch (IOException e) {
            log.debug("the folder of {} cannot be forced to the disk", file, e);
        }
    }

    // Lines

    private static void write(ObjectNode line, LeaseEntry entry, long fence) {
        line.put("kind", entry.kind().name());
        line.put("lease_id", entry.leaseId());
        line.put("fence", fence);
        line.put("tenant", entry.tenant());
        line.put("tool", entry.tool());
        line.put("priority", entry.priority());
        line.put("mode", entry.mode());
        ObjectNode grants = line.putObject("grants");
        entry.grants().forEach(grants::put);
        write(line.putObject("owner"), entry.owner());
        entry.child().ifPresent(child -> write(line.putObject("child"), child));
        line.put("at_ms", entry.at().toEpochMilli());
    }

    private static void write(ObjectNode node, ProcessIdentity process) {
        node.put("pid", process.pid());
        node.put("started_ms", process.startedAt().toEpochMilli());
        node.put("boot_id", process.bootId());
    }

    private static LeaseEntry entry(JsonNode line) {
        Map<String, Long> grants = new LinkedHashMap<>();
        field(line, "grants")
                .properties()
                .forEach(grant -> grants.put(grant.getKey(), grant.getValue().asLong()));
        return new LeaseEntry(
                LeaseEntry.Kind.valueOf(text(line, "kind")),
                text(line, "lease_id"),
                field(line, "fence").asLong(),
                text(line, "tenant"),
                text(line, "tool"),
                text(line, "priority"),
                text(line, "mode"),
                grants,
                process(field(line, "owner")),
                line.has("child") ? Optional.of(process(field(line, "child"))) : Optional.empty(),
                Instant.ofEpochMilli(field(line, "at_ms").asLong()));
    }

    private static ProcessIdentity process(JsonNode node) {
        return new ProcessIdentity(
                field(node, "pid").asLong(),
                Instant.ofEpochMilli(field(node, "started_ms").asLong()),
                text(node, "boot_id"));
    }

    private static JsonNode field(JsonNode node, String name) {
        JsonNode value = node.get(name);
        if (value == null) {
            throw new IllegalArgumentException("a line lacks its " + name);
        }
        return value;
    }

    private static String text(JsonNode node, String name) {
        return field(node, name).asText();
    }

    // Bytes

    private static int indexOfNewline(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private static byte[] read(FileChannel channel, long from, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer, from + buffer.position());
            if (read < 0) {
                throw new IOException("it became shorter while it was read");
            }
        }
        return buffer.array();
    }

    private static void writeFully(FileChannel channel, byte[] bytes, long at) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            var unused = channel.write(buffer, at + buffer.position());
        }
    }
}
