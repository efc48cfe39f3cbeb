package dev.hart.security.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The limits that Linux control groups set for this process, of both versions, and the machine's memory. Limits of a group hold for
 * the groups inside it, so the lowest on the way up counts. Empty where nothing is limited, or on another system.
 */
final class ContainerLimits {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerLimits.class);
    private static final String GROUPS = "sys/fs/cgroup";
    /** Version 1 says so where nothing is limited: the largest number of whole pages. */
    private static final long UNLIMITED = Long.MAX_VALUE - (1L << 16);

    private final Path root;

    /** @param root {@code /}, or what a test made up */
    ContainerLimits(Path root) {
        this.root = root;
    }

    /** How many processors' time may be used; may be a part of one. */
    Optional<Double> processors() {
        List<Double> limits = new ArrayList<>();
        for (Path group : groups("cpu")) {
            List<String> max = words(group.resolve("cpu.max"));
            if (max.size() == 2 && !max.get(0).equals("max")) {
                quota(max.get(0), max.get(1)).ifPresent(limits::add);
            }
            List<String> quota = words(group.resolve("cpu.cfs_quota_us"));
            List<String> period = words(group.resolve("cpu.cfs_period_us"));
            if (quota.size() == 1 && period.size() == 1) {
                quota(quota.get(0), period.get(0)).ifPresent(limits::add);
            }
        }
        return limits.stream().min(Double::compare);
    }

    private static OptionalDouble quota(String quota, String period) {
        long allowed = number(quota);
        long every = number(period);
        return allowed > 0 && every > 0 ? OptionalDouble.of((double) allowed / every) : OptionalDouble.empty();
    }

    /** How much memory may be used. */
    Optional<Long> memoryBytes() {
        List<Long> limits = new ArrayList<>();
        for (Path group : groups("memory")) {
            for (String file : List.of("memory.max", "memory.limit_in_bytes")) {
                List<String> limit = words(group.resolve(file));
                if (limit.size() == 1) {
                    long bytes = number(limit.get(0));
                    if (bytes > 0 && bytes < UNLIMITED) {
                        limits.add(bytes);
                    }
                }
            }
        }
        return limits.stream().min(Long::compare);
    }

    /** All memory of the machine. */
    Optional<Long> machineMemoryBytes() {
        for (String line : lines(root.resolve("proc/meminfo"))) {
            String[] words = line.strip().split("\\s+");
            if (words.length == 3 && words[0].equals("MemTotal:") && words[2].equals("kB")) {
                long kilobytes = number(words[1]);
                return kilobytes > 0 ? Optional.of(kilobytes * 1024) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** The folders of this process's group and those around it, of version 2 and of one controller of version 1. */
    private List<Path> groups(String controller) {
        List<Path> folders = new ArrayList<>();
        Path unified = root.resolve(GROUPS);
        Path old = unified.resolve(controller);
        String unifiedPath = "/";
        String oldPath = "/";
        for (String line : lines(root.resolve("proc/self/cgroup"))) {
            String[] parts = line.split(":", 3);
            if (parts.length == 3 && parts[1].isEmpty()) {
                unifiedPath = parts[2];
            } else if (parts.length == 3 && List.of(parts[1].split(",")).contains(controller)) {
                oldPath = parts[2];
            }
        }
        addWithParents(folders, unified, unifiedPath);
        addWithParents(folders, old, oldPath);
        return folders;
    }

    private static void addWithParents(List<Path> folders, Path top, String group) {
        Path folder = top.resolve(group.replaceFirst("^/+", "")).normalize();
        while (folder != null && folder.startsWith(top)) {
            folders.add(folder);
            folder = folder.getParent();
        }
        if (!folders.contains(top)) {
            folders.add(top);
        }
    }

    private static List<String> words(Path file) {
        List<String> lines = lines(file);
        return lines.isEmpty() ? List.of() : List.of(lines.get(0).strip().split("\\s+"));
    }

    private static List<String> lines(Path file) {
        if (!Files.isRegularFile(file)) {
            return List.of();
        }
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            LOG.debug("{} cannot be read", file, e);
            return List.of();
        }
    }

    /** -1 for what is no number. */
    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
