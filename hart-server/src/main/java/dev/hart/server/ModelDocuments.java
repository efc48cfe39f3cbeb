package dev.hart.server;

import dev.hart.gpu.GpuStatus;
import dev.hart.gpu.catalogue.DownloadProgress;
import dev.hart.gpu.catalogue.GgufModel;
import dev.hart.gpu.catalogue.ModelChoice;
import dev.hart.gpu.catalogue.ModelEntry;
import dev.hart.gpu.catalogue.ModelStanding;
import dev.hart.gpu.catalogue.ModelVerdict;
import dev.hart.gpu.catalogue.Quantisation;
import dev.hart.gpu.catalogue.StoredModel;
import dev.hart.gpu.model.ModelStatus;
import dev.hart.gpu.model.Models;
import dev.hart.gpu.model.Pressure;
import dev.hart.server.GpuDocuments.VramDocument;
import dev.hart.tool.Param;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Models as JSON, with the names that callers of the reference know. */
final class ModelDocuments {
    private ModelDocuments() {}

    /**
     * A model under the life cycle.
     *
     * @param device {@code unloaded}, {@code gpu}, {@code cpu_offload} or {@code cpu}
     */
    record ModelDocument(
            String name,
            String device,
            String phase,
            String priority,
            @Param(name = "vram_gb") BigDecimal vram,
            @Param(name = "ram_gb") BigDecimal ram,
            @Param(name = "idle_seconds") BigDecimal idleSeconds,
            @Param(name = "idle_timeout_s") long idleTimeoutSeconds,
            @Param(name = "access_count") long accessCount,
            @Param(name = "active_inferences") int activeInferences,
            @Param(name = "crash_count") int crashCount,
            boolean healthy,
            boolean pinned,
            boolean downgraded,
            @Param(name = "last_access") Optional<Instant> lastAccess,
            @Param(name = "loaded_at") Optional<Instant> loadedAt,
            @Param(name = "restart_at") Optional<Instant> restartAt,
            Optional<String> error) {
        static ModelDocument of(ModelStatus status) {
            return new ModelDocument(
                    status.id(),
                    status.mode()
                            .map(mode -> mode.name().toLowerCase(Locale.ROOT))
                            .orElse("unloaded"),
                    status.phase().name(),
                    status.priority().name().toLowerCase(Locale.ROOT),
                    GpuDocuments.gib(status.vramBytes()),
                    GpuDocuments.gib(status.ramBytes()),
                    BigDecimal.valueOf(status.idle().toMillis())
                            .divide(BigDecimal.valueOf(1000), 1, RoundingMode.HALF_UP),
                    status.idleTimeout().toSeconds(),
                    status.accesses(),
                    status.activeInferences(),
                    status.crashes(),
                    status.isHealthy(),
                    status.pinned() || status.pinnedUntil().isPresent(),
                    status.downgraded(),
                    status.lastAccess(),
                    status.loadedAt(),
                    status.restartAt(),
                    status.error());
        }
    }

    /** What runs short. */
    record PressureDocument(
            @Param(name = "vram_pressure") boolean vram,
            @Param(name = "ram_pressure") boolean ram,
            @Param(name = "cpu_pressure") boolean cpu,
            @Param(name = "disk_pressure") boolean disk,
            @Param(name = "throttle_factor") BigDecimal throttle,
            String level) {
        static PressureDocument of(Pressure pressure) {
            return new PressureDocument(
                    pressure.vram(),
                    pressure.ram(),
                    pressure.cpu(),
                    pressure.disk(),
                    BigDecimal.valueOf(pressure.throttle()).setScale(3, RoundingMode.HALF_UP),
                    pressure.level().name());
        }
    }

    /** The whole life cycle. */
    record LifecycleDocument(
            List<ModelDocument> models,
            VramDocument vram,
            PressureDocument pressure,
            @Param(name = "swap_queue") List<String> swapQueue) {
        static LifecycleDocument of(Models models, GpuStatus status) {
            return new LifecycleDocument(
                    models.status().stream().map(ModelDocument::of).toList(),
                    VramDocument.of(status),
                    PressureDocument.of(models.pressure()),
                    models.swappedOut());
        }
    }

    /**
     * A model that the catalogue knows.
     *
     * @param fit how it would run now; absent when it cannot be chosen
     * @param reason why it was chosen, lost, or cannot be chosen
     */
    record EntryDocument(
            String id,
            String name,
            @Param(name = "model_type") String type,
            String backend,
            String source,
            @Param(name = "repo_id") String repository,
            @Param(name = "vram_gb") BigDecimal vram,
            @Param(name = "ram_gb") BigDecimal ram,
            @Param(name = "disk_gb") BigDecimal disk,
            @Param(name = "quality_score") double quality,
            @Param(name = "speed_score") double speed,
            @Param(name = "min_capability_tier") String tier,
            boolean enabled,
            boolean downloaded,
            boolean loaded,
            boolean chosen,
            Optional<String> fit,
            Optional<BigDecimal> score,
            String reason) {
        static EntryDocument of(ModelVerdict verdict, ModelStanding standing) {
            ModelEntry entry = verdict.entry();
            return new EntryDocument(
                    entry.id(),
                    entry.name(),
                    entry.type().wireName(),
                    entry.backend().wireName(),
                    entry.source().wireName(),
                    entry.repoId(),
                    GpuDocuments.gib(entry.vramBytes()),
                    GpuDocuments.gib(entry.ramBytes()),
                    GpuDocuments.gib(entry.diskBytes()),
                    entry.quality(),
                    entry.speed(),
                    entry.minTier().wireName(),
                    entry.enabled(),
                    standing.downloaded(),
                    standing.loaded().isPresent(),
                    verdict.chosen(),
                    verdict.choice().map(choice -> choice.fit().name().toLowerCase(Locale.ROOT)),
                    verdict.choice()
                            .map(ModelChoice::score)
                            .map(score -> BigDecimal.valueOf(score).setScale(1, RoundingMode.HALF_UP)),
                    verdict.reason());
        }
    }

    /** A file of weights that a repository offers. */
    record OfferDocument(
            @Param(name = "repo_id") String repository,
            String filename,
            Optional<String> quant,
            @Param(name = "quant_rank") Optional<Integer> rank,
            @Param(name = "size_bytes") long size) {
        static OfferDocument of(GgufModel offer) {
            return new OfferDocument(
                    offer.repoId(),
                    offer.parts().get(0).path(),
                    offer.quantisation().map(Quantisation::label),
                    offer.quantisation().map(Quantisation::rank),
                    offer.sizeBytes());
        }
    }

    record OffersDocument(String status, List<OfferDocument> models) {}

    /** A model whose files are here. */
    record StoredDocument(
            String id,
            @Param(name = "source_url") String source,
            @Param(name = "size_bytes") long size,
            @Param(name = "downloaded_at") Instant downloadedAt) {
        static StoredDocument of(StoredModel model) {
            return new StoredDocument(model.id(), model.sourceUrl(), model.sizeBytes(), model.downloadedAt());
        }
    }

    record StoredListDocument(String status, List<StoredDocument> models) {}

    /**
     * A model on its way here, or into memory.
     *
     * @param status {@code downloading}, {@code downloaded}, {@code failed}, {@code ready} when it is loaded, {@code removed}
     */
    record OnboardingDocument(
            String status,
            String model,
            @Param(name = "received_bytes") Optional<Long> received,
            @Param(name = "total_bytes") Optional<Long> total,
            Optional<String> error) {
        static OnboardingDocument of(String id, String status) {
            return new OnboardingDocument(status, id, Optional.empty(), Optional.empty(), Optional.empty());
        }

        static OnboardingDocument of(String id, String status, DownloadProgress progress) {
            return of(id, status, progress, Optional.empty());
        }

        static OnboardingDocument failed(String id, String error) {
            return new OnboardingDocument("failed", id, Optional.empty(), Optional.empty(), Optional.of(error));
        }

        static OnboardingDocument failed(String id, DownloadProgress progress, String error) {
            return of(id, "failed", progress, Optional.of(error));
        }

        private static OnboardingDocument of(
                String id, String status, DownloadProgress progress, Optional<String> error) {
            OptionalLong total = progress.totalBytes();
            return new OnboardingDocument(
                    status,
                    id,
                    Optional.of(progress.receivedBytes()),
                    total.isPresent() ? Optional.of(total.getAsLong()) : Optional.empty(),
                    error);
        }
    }

    /** A tool of the reference: a model that is kept here, with its files and its memory. */
    record ToolDocument(
            String tool,
            boolean downloaded,
            boolean running,
            @Param(name = "is_inprocess") boolean inProcess,
            @Param(name = "vram_allocated_gb") BigDecimal vram,
            @Param(name = "offload_mode") String mode) {
        static ToolDocument notLoaded(String id, boolean downloaded) {
            return new ToolDocument(id, downloaded, false, true, GpuDocuments.gib(0), "unloaded");
        }

        static ToolDocument of(ModelStatus status, boolean downloaded) {
            return new ToolDocument(
                    status.id(),
                    downloaded,
                    status.mode().isPresent(),
                    true,
                    GpuDocuments.gib(status.vramBytes()),
                    ModelDocument.of(status).device());
        }
    }

    record StorageDocument(
            @Param(name = "total_size_gb") BigDecimal total,
            @Param(name = "unfinished_gb") BigDecimal unfinished) {
        static StorageDocument of(long total, long unfinished) {
            return new StorageDocument(GpuDocuments.gib(total), GpuDocuments.gib(unfinished));
        }
    }

    record ToolsDocument(Map<String, ToolDocument> tools, VramDocument vram, StorageDocument storage) {
        ToolsDocument {
            tools = new LinkedHashMap<>(tools);
        }
    }
}
