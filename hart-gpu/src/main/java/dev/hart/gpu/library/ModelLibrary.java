package dev.hart.gpu.library;

import dev.hart.error.GpuException;
import dev.hart.error.ModelFileException;
import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.GpuStatus;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.Listening;
import dev.hart.gpu.ModelRequirement;
import dev.hart.gpu.VramLease;
import dev.hart.gpu.catalogue.Download;
import dev.hart.gpu.catalogue.DownloadProgress;
import dev.hart.gpu.catalogue.GgufHeader;
import dev.hart.gpu.catalogue.GgufModel;
import dev.hart.gpu.catalogue.Headroom;
import dev.hart.gpu.catalogue.LlamaServerSettings;
import dev.hart.gpu.catalogue.MachineTier;
import dev.hart.gpu.catalogue.ModelBackend;
import dev.hart.gpu.catalogue.ModelCatalogue;
import dev.hart.gpu.catalogue.ModelChoice;
import dev.hart.gpu.catalogue.ModelEntry;
import dev.hart.gpu.catalogue.ModelSource;
import dev.hart.gpu.catalogue.ModelStore;
import dev.hart.gpu.catalogue.ModelVerdict;
import dev.hart.gpu.catalogue.ModelWish;
import dev.hart.gpu.catalogue.Quantisation;
import dev.hart.gpu.catalogue.RemoteFile;
import dev.hart.gpu.catalogue.StoredModel;
import dev.hart.gpu.model.Model;
import dev.hart.gpu.model.ModelPhase;
import dev.hart.gpu.model.Models;
import dev.hart.gpu.runtime.LoadOptions;
import dev.hart.gpu.runtime.LoadedModel;
import dev.hart.gpu.runtime.ModelRuntime;
import dev.hart.gpu.runtime.Weights;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The models of a runtime by their ids in the catalogue. It fetches their files, loads them into the engine that their entry names
 * when they are first used, and removes them. Thread-safe.
 */
public final class ModelLibrary implements AutoCloseable {
    /** Tokens for which a repository's models are weighed before one is chosen. */
    private static final int CONTEXT_TOKENS = 8192;

    private static final String AUTO = "auto";
    /** As Hugging Face has it, with what belongs to it in the folder around it. */
    private static final String ONNX = "model.onnx";

    private final ModelCatalogue catalogue;
    private final ModelStore store;
    private final Models models;
    private final Gpus gpus;
    private final MachineTier tier;
    /** Guarded by this. */
    private final Map<String, Model<LoadedModel>> registered = new HashMap<>();

    private final Listening listening;
    private final InstalledEngines engines;

    /**
     * A library of what is given. Closing it closes the store.
     *
     * @param tier how much the machine can do, which some entries ask for
     */
    public ModelLibrary(ModelCatalogue catalogue, ModelStore store, Gpus gpus, Models models, MachineTier tier) {
        this.catalogue = catalogue;
        this.store = store;
        this.gpus = gpus;
        this.models = models;
        this.tier = tier;
        this.listening = models.listen(catalogue::observe);
        this.engines = new InstalledEngines(id -> models.find(id).isPresent());
    }

    public ModelCatalogue catalogue() {
        return catalogue;
    }

    public ModelStore store() {
        return store;
    }

    /** The life cycle that its models, and any others, are under. */
    public Models models() {
        return models;
    }

    /** What can be chosen now. */
    public Headroom headroom() throws InterruptedException {
        GpuStatus status = gpus.status();
        return Headroom.of(status, tier);
    }

    /**
     * The best model for a wish that can run here now: what has no engine on the path is passed over. Empty when none can;
     * {@link #explain} says why.
     */
    public Optional<ModelChoice> select(ModelWish wish) throws InterruptedException {
        return catalogue.select(wish, headroom(), engines);
    }

    /** Every entry of the type with what became of it, best first; one without an engine says which module to add. */
    public List<ModelVerdict> explain(ModelWish wish) throws InterruptedException {
        return catalogue.explain(wish, headroom(), engines);
    }

    /**
     * A model that can be used: {@code library.model(id).model().use()} loads it. One whose files are on the class path is copied
     * into the store first, if it is not there.
     *
     * @throws ModelFileException MODEL_NOT_FOUND when the catalogue has no such entry, or its files are not here
     * @throws dev.hart.error.GpuException RUNTIME_UNAVAILABLE when the engine that it needs is not there
     */
    public LocalModel model(String id) throws InterruptedException {
        ModelEntry entry = entry(id);
        boolean onClassPath = entry.source() == ModelSource.CLASSPATH || entry.source() == ModelSource.MAVEN;
        Optional<StoredModel> stored = store.find(id);
        if (!onClassPath && stored.isEmpty()) {
            throw new ModelFileException(
                    "MODEL_NOT_FOUND", "the files of model '" + id + "' are not here: fetch it first");
        }
        ModelRuntime runtime = ModelRuntime.named(InstalledEngines.engineOf(entry));
        ModelRequirement requirement = entry.requirement()
                .orElseThrow(() -> new GpuException(
                        "UNKNOWN_REQUIREMENT", "the entry of model '" + id + "' says no memory that it takes"));
        // The store copies what is not there, or came with an older jar.
        StoredModel files = onClassPath ? store.download(entry).await() : stored.orElseThrow();
        synchronized (this) {
            Model<LoadedModel> model = registered.computeIfAbsent(
                    id,
                    unused -> models.register(
                            id,
                            requirement,
                            entry.settings(),
                            (mode, lease) -> load(entry, files, runtime, mode, lease)));
            return new LocalModel(entry, files, model);
        }
    }

    /** The name of the {@link ModelRuntime} that an entry needs. */
    public static String engineOf(ModelEntry entry) {
        return InstalledEngines.engineOf(entry);
    }

    private ModelEntry entry(String id) {
        return catalogue
                .find(id)
                .orElseThrow(() -> new ModelFileException(
                        "MODEL_NOT_FOUND", "the catalogue has no model '" + id + "': register it"));
    }

    private LoadedModel load(ModelEntry entry, StoredModel files, ModelRuntime runtime, LeaseMode mode, VramLease lease)
            throws InterruptedException {
        List<String> devices = lease.devices().stream()
                .filter(device -> device.kind() == DeviceKind.CUDA)
                .map(Device::uuid)
                .toList();
        LoadOptions options = LoadOptions.on(mode).cudaDevices(devices);
        if (mode == LeaseMode.CPU_OFFLOAD) {
            options = options.gpuLayers(LlamaServerSettings.of(
                            files.sizeBytes(),
                            OptionalLong.of(entry.offloadVramBytes()),
                            entry.ramBytes(),
                            Runtime.getRuntime().availableProcessors(),
                            OptionalLong.empty())
                    .gpuLayers());
        }
        return runtime.load(Weights.file(weights(entry, files)), options);
    }

    /** The file that is the model, or the folder of a format of several files. */
    static Path weights(ModelEntry entry, StoredModel files) {
        if (files.sha256().size() == 1) {
            return files.folder().resolve(files.sha256().keySet().iterator().next());
        }
        String main = entry.files().get("model");
        if (main == null && entry.backend() == ModelBackend.LLAMA_CPP) {
            return files.file(new TreeSet<>(entry.files().values()).first());
        }
        return main == null || main.equals(ONNX) || main.endsWith("/" + ONNX) ? files.folder() : files.file(main);
    }

    /**
     * Begins to fetch the files of an entry, or joins who does. One that is here is here at once.
     *
     * @throws ModelFileException MODEL_NOT_FOUND when the catalogue has no such entry, and as {@link ModelStore#download}
     */
    public Download fetch(String id, Consumer<DownloadProgress> progress) {
        return store.download(entry(id), progress);
    }

    /** The models that a repository of GGUF files offers, best quality first. */
    public List<GgufModel> offered(String repoId) throws InterruptedException {
        return GgufModel.of(store.available(repoId));
    }

    /**
     * Chooses a model of a repository of GGUF files, registers it with the catalogue, and begins to fetch it.
     *
     * @param quantisation such as {@code Q4_K_M}: the nearest that is offered; {@code auto} for the best that fits now
     * @param progress is told how far the download is
     * @return the entry, and its download
     * @throws ModelFileException MODEL_NOT_FOUND when the repository offers none, or none fits
     * @throws IllegalArgumentException for a quantisation that is none
     */
    public Onboarding onboard(String repoId, String quantisation, Consumer<DownloadProgress> progress)
            throws InterruptedException {
        Optional<Quantisation> wanted =
                quantisation.equalsIgnoreCase(AUTO) ? Optional.empty() : Optional.of(Quantisation.parse(quantisation));
        List<GgufModel> offers = offered(repoId);
        if (offers.isEmpty()) {
            throw new ModelFileException("MODEL_NOT_FOUND", "repository '" + repoId + "' offers no GGUF model");
        }
        RemoteFile first = offers.get(0).parts().get(0);
        GgufHeader header = store.ggufHeader(repoId, first.path());
        long context = header.contextBytes(CONTEXT_TOKENS).orElse(1L << 30);
        Headroom room = headroom();
        GgufModel chosen = wanted.map(target -> GgufModel.nearest(offers, target))
                .orElseGet(() -> best(offers, room, context))
                .orElseThrow(() -> new ModelFileException(
                        "MODEL_NOT_FOUND",
                        "no model of repository '%s' fits %d MiB of a GPU or %d MiB of memory with its context: name a quantisation, or free memory"
                                .formatted(repoId, room.gpuBytes() >> 20, room.ramBytes() >> 20)));
        ModelEntry entry = chosen.toEntry(context);
        catalogue.register(entry);
        return new Onboarding(entry, store.download(entry, progress));
    }

    /** One that fits a GPU is preferred to a better one that would run on the processor. */
    static Optional<GgufModel> best(List<GgufModel> offers, Headroom room, long contextBytes) {
        return GgufModel.best(offers, room.gpuBytes(), contextBytes)
                .or(() -> GgufModel.best(offers, room.ramBytes(), contextBytes));
    }

    /** A model on its way into the library. */
    public record Onboarding(ModelEntry entry, Download download) {}

    /**
     * Removes the files of a model.
     *
     * @throws ModelFileException MODEL_NOT_FOUND when they are not here; MODEL_BUSY while it is loaded, or being fetched
     */
    public synchronized void delete(String id) {
        Model<LoadedModel> model = registered.get(id);
        if (model != null) {
            if (model.phase() != ModelPhase.UNLOADED && model.phase() != ModelPhase.FAILED) {
                throw new ModelFileException(
                        "MODEL_BUSY", "model '" + id + "' is " + model.phase() + ": unload it first");
            }
            models.unregister(id);
            registered.remove(id);
        }
        store.delete(id);
    }

    /** Stops what is being fetched, which the next time goes on with. Models stay as they are: close {@link Models}. */
    @Override
    public void close() {
        listening.close();
        store.close();
    }
}
