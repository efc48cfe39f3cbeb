package dev.hart.server;

import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.machine.Advice;
import dev.hart.gpu.machine.HealthLimits;
import dev.hart.gpu.machine.HealthReport;
import dev.hart.gpu.machine.Optimization;
import dev.hart.gpu.machine.ProcessMemory;
import dev.hart.gpu.machine.Resource;
import dev.hart.gpu.machine.SystemHealth;
import dev.hart.gpu.machine.SystemSnapshot;
import dev.hart.tool.Param;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** The machine as JSON: percentages with one decimal, sizes in GiB and MiB, named as the reference does. */
final class SystemDocuments {
    private static final long MIB = 1L << 20;

    private SystemDocuments() {}

    private static BigDecimal percent(double value) {
        return BigDecimal.valueOf(value).setScale(1, RoundingMode.HALF_UP);
    }

    private static Optional<BigDecimal> percent(OptionalDouble value) {
        return value.isPresent() ? Optional.of(percent(value.getAsDouble())) : Optional.empty();
    }

    private static BigDecimal mib(long bytes) {
        return BigDecimal.valueOf(bytes).divide(BigDecimal.valueOf(MIB), 1, RoundingMode.HALF_UP);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** The machine at one moment. */
    record SnapshotDocument(
            @Param(name = "timestamp") Instant at,
            @Param(name = "cpu_percent") Optional<BigDecimal> cpu,
            @Param(name = "ram_percent") Optional<BigDecimal> ram,
            @Param(name = "swap_percent") Optional<BigDecimal> swap,
            @Param(name = "disk_percent") Optional<BigDecimal> disk,
            @Param(name = "ram_used_gb") Optional<BigDecimal> ramUsed,
            @Param(name = "ram_total_gb") Optional<BigDecimal> ramTotal,
            @Param(name = "disk_read_mb") BigDecimal diskRead,
            @Param(name = "disk_write_mb") BigDecimal diskWritten,
            @Param(name = "net_recv_mb") BigDecimal received,
            @Param(name = "net_sent_mb") BigDecimal sent,
            @Param(name = "top_processes") List<ProcessDocument> processes,
            @Param(name = "gpu_mem_used_gb") Optional<BigDecimal> gpuUsed,
            @Param(name = "gpu_mem_total_gb") Optional<BigDecimal> gpuTotal) {
        static SnapshotDocument of(SystemSnapshot snapshot) {
            return new SnapshotDocument(
                    snapshot.at(),
                    percent(snapshot.percent(Resource.CPU)),
                    percent(snapshot.percent(Resource.RAM)),
                    percent(snapshot.percent(Resource.SWAP)),
                    percent(snapshot.percent(Resource.DISK)),
                    snapshot.ram().map(DeviceMemory::usedBytes).map(GpuDocuments::gib),
                    snapshot.ram().map(DeviceMemory::totalBytes).map(GpuDocuments::gib),
                    mib(snapshot.diskTraffic().in()),
                    mib(snapshot.diskTraffic().out()),
                    mib(snapshot.network().in()),
                    mib(snapshot.network().out()),
                    snapshot.processes().stream().map(ProcessDocument::of).toList(),
                    snapshot.gpu().map(DeviceMemory::usedBytes).map(GpuDocuments::gib),
                    snapshot.gpu().map(DeviceMemory::totalBytes).map(GpuDocuments::gib));
        }
    }

    /** A process without its command line. */
    record ProcessDocument(
            long pid,
            String name,
            @Param(name = "memory_mb") BigDecimal memory) {
        static ProcessDocument of(ProcessMemory process) {
            return new ProcessDocument(process.pid(), process.name(), mib(process.bytes()));
        }
    }

    /**
     * @param applied how often HART has done something by itself
     */
    record HealthDocument(
            @Param(name = "health_score") BigDecimal score,
            SnapshotDocument snapshot,
            @Param(name = "optimizations_applied") long applied) {
        static HealthDocument of(HealthReport report, long applied) {
            return new HealthDocument(report.score(), SnapshotDocument.of(report.snapshot()), applied);
        }
    }

    /**
     * What would relieve the machine.
     *
     * @param outcome {@code advised}, {@code repeated}, {@code applied} or {@code failed}
     */
    record AdviceDocument(
            @Param(name = "timestamp") Instant at,
            String action,
            String resource,
            BigDecimal percent,
            BigDecimal limit,
            String outcome,
            String detail) {
        static AdviceDocument of(Advice advice) {
            return new AdviceDocument(
                    advice.at(),
                    word(advice.optimization()),
                    word(advice.resource()),
                    SystemDocuments.percent(advice.percent()),
                    SystemDocuments.percent(advice.limit()),
                    word(advice.outcome()),
                    advice.detail());
        }

        static List<AdviceDocument> all(List<Advice> advice) {
            return advice.stream().map(AdviceDocument::of).toList();
        }
    }

    /**
     * @param total how much advice is kept
     * @param byAction how much of it there is of each kind
     * @param applies what HART does by itself
     */
    record OptimizationsDocument(
            int total,
            @Param(name = "optimizations_applied") long applied,
            @Param(name = "by_action") Map<String, Integer> byAction,
            List<String> applies,
            LimitsDocument limits,
            List<AdviceDocument> recent) {
        static OptimizationsDocument of(SystemHealth health, List<Advice> history, int limit) {
            Map<String, Integer> byAction = new TreeMap<>();
            history.forEach(advice -> byAction.merge(word(advice.optimization()), 1, Integer::sum));
            List<Advice> newest = new ArrayList<>(history.subList(Math.max(0, history.size() - limit), history.size()));
            Collections.reverse(newest);
            return new OptimizationsDocument(
                    history.size(),
                    health.applications(),
                    byAction,
                    health.applied().stream()
                            .map((Optimization each) -> word(each))
                            .toList(),
                    LimitsDocument.of(health.limits()),
                    AdviceDocument.all(newest));
        }
    }

    /** In percent; the machine runs short of something above. */
    record LimitsDocument(
            @Param(name = "cpu_high") BigDecimal cpu,
            @Param(name = "ram_high") BigDecimal ram,
            @Param(name = "swap_high") BigDecimal swap,
            @Param(name = "disk_high") BigDecimal disk) {
        static LimitsDocument of(HealthLimits limits) {
            return new LimitsDocument(
                    SystemDocuments.percent(limits.cpuPct()),
                    SystemDocuments.percent(limits.ramPct()),
                    SystemDocuments.percent(limits.swapPct()),
                    SystemDocuments.percent(limits.diskPct()));
        }
    }

    record OptimizedDocument(
            SnapshotDocument snapshot,
            @Param(name = "health_score") BigDecimal score,
            List<AdviceDocument> actions) {
        static OptimizedDocument of(HealthReport report) {
            return new OptimizedDocument(
                    SnapshotDocument.of(report.snapshot()), report.score(), AdviceDocument.all(report.advice()));
        }
    }
}
