package dev.hart.server;

import dev.hart.error.HartException;
import dev.hart.error.ModelFileException;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.catalogue.Download;
import dev.hart.gpu.catalogue.ModelStore;
import dev.hart.gpu.catalogue.ModelType;
import dev.hart.gpu.catalogue.ModelWish;
import dev.hart.gpu.library.ModelLibrary;
import dev.hart.gpu.library.ModelLibrary.Onboarding;
import dev.hart.gpu.model.Model;
import dev.hart.gpu.model.ModelPriority;
import dev.hart.gpu.model.ModelStatus;
import dev.hart.gpu.model.Models;
import dev.hart.server.GpuDocuments.VramDocument;
import dev.hart.server.ModelDocuments.EntryDocument;
import dev.hart.server.ModelDocuments.LifecycleDocument;
import dev.hart.server.ModelDocuments.ModelDocument;
import dev.hart.server.ModelDocuments.OfferDocument;
import dev.hart.server.ModelDocuments.OffersDocument;
import dev.hart.server.ModelDocuments.OnboardingDocument;
import dev.hart.server.ModelDocuments.PressureDocument;
import dev.hart.server.ModelDocuments.StorageDocument;
import dev.hart.server.ModelDocuments.StoredDocument;
import dev.hart.server.ModelDocuments.StoredListDocument;
import dev.hart.server.ModelDocuments.ToolDocument;
import dev.hart.server.ModelDocuments.ToolsDocument;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Models that run on this machine: which there are, which are here, which are loaded. */
final class ModelRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(ModelRoutes.class);
    private static final Pattern MODEL_ID = Pattern.compile("[A-Za-z0-9._:~-]{1,128}");
    /** Of a runtime without a data directory. */
    static final String NOT_KEPT = "MODELS_NOT_KEPT";

    private static final String NOT_FOUND = "MODEL_NOT_FOUND";
    private static final String NOT_LOADED = "model_not_loaded";
    /** How long a call waits for a model before it is told to ask again. */
    private static final long ANSWER_MILLIS = 1_000;

    private static final int FETCHES_KEPT = 100;

    private final Supplier<ModelLibrary> library;
    private final Supplier<Models> models;
    private final Supplier<Gpus> gpus;
    private final ExecutorService background;
    /** The newest downloads that callers began; guarded by itself. */
    private final Map<String, Download> fetches = new LinkedHashMap<>();

    /** @param library refuses when the runtime keeps no files */
    ModelRoutes(
            Supplier<ModelLibrary> library, Supplier<Models> models, Supplier<Gpus> gpus, ExecutorService background) {
        this.library = library;
        this.models = models;
        this.gpus = gpus;
        this.background = background;
    }

    private record OnboardBody(String model, Optional<String> quant) {}

    private record SwitchBody(String from, String model) {}

    void describe(RouteTable table) {
        describeLifecycle(table);
        table.get("/api/models")
                .summary("The models of one kind that the catalogue knows: which is chosen now, and why not the others")
                .query("type", "the kind", Map.of("type", "string", "enum", types()))
                .query("language", "such as en", Map.of("type", "string"))
                .answersListOf(EntryDocument.class)
                .refuses(400, "invalid_query")
                .refuses(501, NOT_KEPT)
                .handle(Access.USER, this::catalogue);
        table.get("/api/models/available")
                .summary("The weights that a repository offers, best quality first")
                .query("model", "the repository, such as Qwen/Qwen3-8B-GGUF", Map.of("type", "string"))
                .answers(200, OffersDocument.class)
                .refuses(400, "invalid_query")
                .refuses(404, NOT_FOUND)
                .refuses(502, "DOWNLOAD_REFUSED", "DOWNLOAD_FAILED")
                .refuses(501, NOT_KEPT)
                .handle(Access.USER, call -> {
                    String repository = required(call, "model");
                    return Reply.ok(new OffersDocument(
                            "ok",
                            argument("model", () -> library.get().offered(repository)).stream()
                                    .map(OfferDocument::of)
                                    .toList()));
                });
        table.get("/api/models/downloaded")
                .summary("The models whose files are here")
                .answers(200, StoredListDocument.class)
                .refuses(501, NOT_KEPT)
                .handle(
                        Access.USER,
                        call -> Reply.ok(new StoredListDocument(
                                "ok",
                                library.get().store().models().stream()
                                        .map(StoredDocument::of)
                                        .toList())));
        table.post("/api/models/onboard")
                .summary("Chooses a model of a repository, fetches it and loads it; quant is auto for the best that"
                        + " fits")
                .takes(OnboardBody.class)
                .answers(202, OnboardingDocument.class)
                .refuses(400, "invalid_request")
                .refuses(404, NOT_FOUND)
                .refuses(502, "DOWNLOAD_REFUSED", "DOWNLOAD_FAILED")
                .refuses(507, "DISK_FULL")
                .refuses(501, NOT_KEPT)
                .handle(Access.USER, this::onboard);
        table.post("/api/models/switch")
                .summary("Loads one model in the place of another; the other stays when that fails")
                .takes(SwitchBody.class)
                .answers(200, ModelDocument.class)
                .refuses(404, NOT_FOUND, "RUNTIME_UNAVAILABLE")
                .refuses(502, "MODEL_LOAD")
                .refuses(507, "NOT_NOW", "CAN_NEVER_FIT", "LEASE_TIMEOUT")
                .refuses(501, NOT_KEPT)
                .handle(Access.USER, call -> {
                    String id = id(call.text("model"));
                    library.get().model(id);
                    known(call.text("from"));
                    models.get().swap(call.text("from"), id);
                    return Reply.ok(ModelDocument.of(known(id).status()));
                });
        table.get("/api/models/{id}")
                .summary("How far a model is on its way here")
                .answers(200, OnboardingDocument.class)
                .refuses(404, NOT_FOUND)
                .refuses(501, NOT_KEPT)
                .handle(Access.USER, call -> Reply.ok(onItsWay(pathId(call))));
        table.delete("/api/models/{id}")
                .summary("Removes the files of a model")
                .answers(200, OnboardingDocument.class)
                .refuses(404, NOT_FOUND)
                .refuses(409, "MODEL_BUSY")
                .refuses(501, NOT_KEPT)
                .handle(Access.USER, call -> {
                    String id = pathId(call);
                    library.get().delete(id);
                    return Reply.ok(OnboardingDocument.of(id, "removed"));
                });
    }

    private void describeLifecycle(RouteTable table) {
        table.get("/api/tools/status")
                .summary("The models that are here, those that are loaded, and their memory")
                .answers(200, ToolsDocument.class)
                .refuses(501, NOT_KEPT)
                .handle(Access.USER, call -> Reply.ok(tools()));
        table.get("/api/tools/lifecycle")
                .summary("The models that are kept, what runs short, and which wait to be loaded again")
                .answers(200, LifecycleDocument.class)
                .handle(
                        Access.USER,
                        call -> Reply.ok(
                                LifecycleDocument.of(models.get(), gpus.get().status())));
        table.get("/api/system/pressure")
                .summary("What runs short on this machine, and how much of its usual work it should begin")
                .answers(200, PressureDocument.class)
                .handle(
                        Access.USER,
                        call -> Reply.ok(PressureDocument.of(models.get().pressure())));
        table.post("/api/tools/lifecycle/{id}/priority")
                .summary("Gives a model a priority by hand, for an hour unless seconds says otherwise")
                .takes(prioritySchema())
                .answers(200, ModelDocument.class)
                .refuses(404, NOT_FOUND)
                .handle(Access.USER, this::prioritise);
        table.post("/api/tools/lifecycle/{id}/offload")
                .summary("Moves a loaded model off the GPU, in part or whole")
                .answers(200, ModelDocument.class)
                .refuses(404, NOT_FOUND)
                .refuses(409, NOT_LOADED)
                .refuses(507, "NOT_NOW")
                .handle(Access.USER, call -> {
                    Model<?> model = known(pathId(call));
                    try {
                        model.offload();
                    } catch (IllegalStateException e) {
                        throw new Refused(409, NOT_LOADED, String.valueOf(e.getMessage()));
                    }
                    return Reply.ok(ModelDocument.of(model.status()));
                });
        table.post("/api/tools/{id}/setup")
                .summary("Fetches the files of a model of the catalogue")
                .answers(202, OnboardingDocument.class)
                .refuses(404, NOT_FOUND)
                .refuses(409, "NOT_DOWNLOADABLE", "MODEL_BUSY")
                .refuses(507, "DISK_FULL")
                .refuses(501, NOT_KEPT)
                .handle(Access.USER, call -> {
                    String id = pathId(call);
                    keep(id, library.get().fetch(id, progress -> {}));
                    return new Reply.Document(202, onItsWay(id));
                });
        table.post("/api/tools/{id}/start")
                .summary("Loads a model whose files are here")
                .answers(200, ModelDocument.class)
                .orAnswers(202)
                .refuses(404, NOT_FOUND, "RUNTIME_UNAVAILABLE")
                .refuses(502, "MODEL_LOAD")
                .refuses(507, "CAN_NEVER_FIT", "LEASE_TIMEOUT")
                .refuses(501, NOT_KEPT)
                .handle(Access.USER, this::start);
        for (String word : List.of("stop", "unload")) {
            table.post("/api/tools/{id}/" + word)
                    .summary("Unloads a model")
                    .answers(200, ModelDocument.class)
                    .refuses(404, NOT_FOUND)
                    .refuses(507, "NOT_NOW")
                    .handle(Access.USER, call -> {
                        Model<?> model = known(pathId(call));
                        model.unload();
                        return Reply.ok(ModelDocument.of(model.status()));
                    });
        }
    }

    private static List<String> types() {
        return Arrays.stream(ModelType.values()).map(ModelType::wireName).toList();
    }

    private static Map<String, @Nullable Object> prioritySchema() {
        List<String> words = List.of("warm", "idle", "evictable");
        return Map.of(
                "type",
                "object",
                "properties",
                Map.of(
                        "priority",
                        Map.of("type", "string", "enum", words, "default", "warm"),
                        "seconds",
                        Map.of("type", "integer", "minimum", 1L, "maximum", 604_800L)),
                "additionalProperties",
                false);
    }

    private static String pathId(Call call) {
        return id(call.context().pathParam("id"));
    }

    private static String id(String id) {
        if (!MODEL_ID.matcher(id).matches() || id.contains("..")) {
            throw new Refused(400, "invalid_id", "a model's id has letters, digits and . _ : ~ -, 1 to 128");
        }
        return id;
    }

    /** A model under the life cycle, also one whose files are here and that nobody has used yet. */
    private Model<?> known(String id) {
        return models.get()
                .find(id)
                .orElseThrow(() -> new ModelFileException("MODEL_NOT_FOUND", "no model '" + id + "' was started here"));
    }

    private static String required(Call call, String name) {
        String value = call.query(name);
        if (value == null) {
            throw new Refused(400, "invalid_query", name + " is missing");
        }
        return value;
    }

    @FunctionalInterface
    private interface Asked<T> {
        T get() throws InterruptedException;
    }

    private static <T> T argument(String name, Asked<T> asked) throws InterruptedException {
        try {
            return asked.get();
        } catch (IllegalArgumentException e) {
            throw new Refused(400, "invalid_request", name + ": " + e.getMessage());
        }
    }

    private Reply catalogue(Call call) throws InterruptedException {
        String type = required(call, "type");
        if (!types().contains(type)) {
            throw new Refused(400, "invalid_query", "type must be one of " + types());
        }
        ModelWish any = ModelWish.of(ModelType.parse(type));
        String language = call.query("language");
        ModelWish wish = language == null ? any : any.language(language);
        ModelLibrary known = library.get();
        return Reply.ok(known.explain(wish).stream()
                .map(verdict -> EntryDocument.of(
                        verdict, known.catalogue().standing(verdict.entry().id())))
                .toList());
    }

    private Reply onboard(Call call) throws InterruptedException {
        String quant = call.body().get("quant") instanceof String label ? label : "auto";
        Onboarding begun = argument("model", () -> library.get().onboard(call.text("model"), quant, progress -> {}));
        String id = begun.entry().id();
        keep(id, begun.download());
        var unused = begun.download().result().thenRunAsync(() -> load(id), background);
        return new Reply.Document(202, onItsWay(id));
    }

    private void load(String id) {
        try {
            library.get().model(id).model().load();
        } catch (HartException e) {
            LOG.warn("model {} is here but could not be loaded: {}", id, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void keep(String id, Download download) {
        synchronized (fetches) {
            fetches.remove(id);
            fetches.put(id, download);
            if (fetches.size() > FETCHES_KEPT) {
                fetches.remove(fetches.keySet().iterator().next());
            }
        }
    }

    private OnboardingDocument onItsWay(String id) {
        Optional<ModelStatus> kept = models.get().find(id).map(Model::status);
        Download download;
        synchronized (fetches) {
            download = fetches.get(id);
        }
        if (kept.filter(model -> model.mode().isPresent()).isPresent()) {
            return OnboardingDocument.of(id, "ready");
        }
        if (download != null && !download.result().isDone()) {
            return OnboardingDocument.of(id, "downloading", download.progress());
        }
        if (download != null && download.result().isCompletedExceptionally()) {
            return OnboardingDocument.failed(id, download.progress(), why(download));
        }
        if (library.get().store().find(id).isPresent()) {
            return kept.flatMap(ModelStatus::error)
                    .map(error -> OnboardingDocument.failed(id, error))
                    .orElseGet(() -> OnboardingDocument.of(id, "downloaded"));
        }
        throw new ModelFileException("MODEL_NOT_FOUND", "model '" + id + "' is neither here nor on its way");
    }

    private static String why(Download download) {
        try {
            download.result().join();
            return "";
        } catch (CompletionException | java.util.concurrent.CancellationException e) {
            return String.valueOf(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
        }
    }

    private Reply start(Call call) throws InterruptedException {
        Model<?> model = library.get().model(pathId(call)).model();
        CompletableFuture<Boolean> loading = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        model.load();
                        return true;
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return false;
                    }
                },
                background);
        return new Reply.Later(loading.completeOnTimeout(false, ANSWER_MILLIS, TimeUnit.MILLISECONDS)
                .thenApply(loaded -> new Reply.Document(loaded ? 200 : 202, ModelDocument.of(model.status()))));
    }

    private Reply prioritise(Call call) {
        Model<?> model = known(pathId(call));
        ModelPriority priority = call.body().containsKey("priority")
                ? ModelPriority.valueOf(call.text("priority").toUpperCase(Locale.ROOT))
                : ModelPriority.WARM;
        if (call.body().get("seconds") instanceof Long seconds) {
            model.pin(priority, Duration.ofSeconds(seconds));
        } else {
            model.pin(priority);
        }
        return Reply.ok(ModelDocument.of(model.status()));
    }

    private ToolsDocument tools() throws InterruptedException {
        ModelStore store = library.get().store();
        Map<String, ToolDocument> tools = new LinkedHashMap<>();
        store.models().forEach(stored -> tools.put(stored.id(), ToolDocument.notLoaded(stored.id(), true)));
        for (ModelStatus status : models.get().status()) {
            boolean here = tools.containsKey(status.id());
            tools.put(status.id(), ToolDocument.of(status, here));
        }
        return new ToolsDocument(
                tools,
                VramDocument.of(gpus.get().status()),
                StorageDocument.of(store.sizeBytes(), store.unfinishedBytes()));
    }
}
