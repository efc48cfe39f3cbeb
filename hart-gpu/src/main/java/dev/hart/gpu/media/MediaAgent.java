package dev.hart.gpu.media;

import dev.hart.error.GpuException;
import dev.hart.error.HartException;
import dev.hart.error.MediaException;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.Listening;
import dev.hart.gpu.ModelRequirement;
import dev.hart.gpu.catalogue.Headroom;
import dev.hart.gpu.catalogue.MachineTier;
import dev.hart.gpu.catalogue.ModelCatalogue;
import dev.hart.gpu.catalogue.ModelChoice;
import dev.hart.gpu.catalogue.ModelEntry;
import dev.hart.gpu.catalogue.ModelVerdict;
import dev.hart.gpu.model.Model;
import dev.hart.gpu.model.ModelUse;
import dev.hart.gpu.model.Models;
import dev.hart.gpu.sidecar.SidecarRun;
import dev.hart.gpu.sidecar.Sidecars;
import dev.hart.gpu.time.Ticker;
import dev.hart.gpu.time.TimeOrderedIds;
import dev.hart.spi.TaskKeeper;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes videos and speech with tools that are bound to it: chooses the one that fits the machine now, plans what it can make, has it
 * loaded under a lease, asks it, and keeps the file. A tool works at one job at a time; others wait in the order of coming.
 * Thread-safe.
 *
 * <p>A result is told only once its file is there, whole, and of the type that it is said to have. Close it before the {@link Models}
 * and {@link Sidecars} that it was given.
 */
public final class MediaAgent implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(MediaAgent.class);
    private static final int MOST_JOBS = 100;
    /** How often deadlines are looked at while there are jobs, and while there are none. */
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);

    private static final Duration IDLE_LOOK = Duration.ofMinutes(1);
    /** How long {@link #close} waits for jobs that it has ended. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final ModelCatalogue catalogue;
    private final Gpus gpus;
    private final Models models;
    private final Sidecars sidecars;
    private final MachineTier tier;
    private final InstantSource clock;
    private final Duration askEvery;
    private final MediaFolder folder;
    private final HttpClient http = ToolCalls.newClient();
    private final TimeOrderedIds ids = new TimeOrderedIds();
    private final Map<String, Bound> bound = new ConcurrentSkipListMap<>();
    private final Set<MediaJob> jobs = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final ThreadPoolExecutor threads;
    private final Listening listening;
    private final Ticker ticker;

    /** A tool, the model that it is in the life cycle, and whose turn it is. */
    private record Bound(MediaService service, Model<SidecarRun> model, Semaphore turn) {}

    private MediaAgent(Builder builder) {
        this.catalogue = builder.catalogue;
        this.gpus = builder.gpus;
        this.models = builder.models;
        this.sidecars = builder.sidecars;
        this.tier = builder.tier;
        this.clock = builder.clock;
        this.askEvery = builder.askEvery;
        this.folder = new MediaFolder(builder.folder, builder.mostBytes, builder.keepFree);
        this.threads = new ThreadPoolExecutor(0, MOST_JOBS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), work -> {
            Thread thread = new Thread(work, "hart-media");
            thread.setDaemon(true);
            return thread;
        });
        this.listening = models.listen(catalogue::observe);
        this.ticker = new Ticker(
                clock,
                heartbeat -> tick(),
                () -> clock.millis() + (jobs.isEmpty() ? IDLE_LOOK : LOOK_EVERY).toMillis());
    }

    /**
     * Says what differs from the defaults.
     *
     * @param folder where results are kept; made when the first one is
     * @param catalogue that tools are chosen from
     */
    public static Builder configure(
            Path folder, ModelCatalogue catalogue, Gpus gpus, Models models, Sidecars sidecars) {
        return new Builder(folder, catalogue, gpus, models, sidecars);
    }

    /** Used by one thread, once. */
    public static final class Builder {
        private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

        private final Path folder;
        private final ModelCatalogue catalogue;
        private final Gpus gpus;
        private final Models models;
        private final Sidecars sidecars;
        private MachineTier tier = MachineTier.FULL;
        private InstantSource clock = InstantSource.system();
        private Duration askEvery = Duration.ofSeconds(2);
        private long mostBytes = 1L << 30;
        private long keepFree = 2L << 30;
        private boolean background = true;
        private TaskKeeper keeper = TaskKeeper.threads();

        private Builder(Path folder, ModelCatalogue catalogue, Gpus gpus, Models models, Sidecars sidecars) {
            this.folder = folder.toAbsolutePath();
            this.catalogue = catalogue;
            this.gpus = gpus;
            this.models = models;
            this.sidecars = sidecars;
        }

        /** How much the machine can do, which some entries ask for; {@code FULL} unless set. */
        public Builder tier(MachineTier machine) {
            this.tier = machine;
            return this;
        }

        /** What deadlines go by; the system's clock unless set. */
        public Builder clock(InstantSource source) {
            this.clock = source;
            return this;
        }

        /** How often a tool that works in the background is asked how far it is; every 2 seconds unless set, at most a minute apart. */
        public Builder askEvery(Duration pause) {
            if (pause.isZero() || pause.isNegative() || pause.compareTo(LONGEST_PAUSE) > 0) {
                throw new IllegalArgumentException(
                        "askEvery must be longer than zero and at most 1 minute, was " + pause);
            }
            this.askEvery = pause;
            return this;
        }

        /** The largest file that a tool may make; 1 GiB unless set. At least 1. */
        public Builder mostBytes(long bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("mostBytes must be 1 or more, was " + bytes);
            }
            this.mostBytes = bytes;
            return this;
        }

        /** How much of the disk stays free; 2 GiB unless set. 0 or more bytes. */
        public Builder keepFree(long bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("keepFree must be 0 or more, was " + bytes);
            }
            this.keepFree = bytes;
            return this;
        }

        /** What keeps the thread going that looks at deadlines; a plain thread unless set. */
        public Builder taskKeeper(TaskKeeper watching) {
            this.keeper = watching;
            return this;
        }

        /** Leaves time to the caller: jobs that are late end at {@link MediaAgent#tick}. */
        public Builder withoutBackgroundThread() {
            this.background = false;
            return this;
        }

        public MediaAgent open() {
            MediaAgent agent = new MediaAgent(this);
            if (background) {
                agent.ticker.start(keeper, "media-time", IDLE_LOOK);
            }
            return agent;
        }
    }

    // Tools

    /**
     * A tool that may be chosen from now on. It is started when it is first needed, under a lease of what its entry of the catalogue
     * takes, and stopped when it is idle or others need the memory, as any model.
     *
     * @throws IllegalArgumentException when the catalogue has no such entry, or one of another type or without memory; when another
     *     tool has that entry or that name
     */
    public synchronized void bind(MediaService service) {
        requireOpen();
        ModelEntry entry = catalogue
                .find(service.modelId())
                .orElseThrow(() -> new IllegalArgumentException(
                        "the catalogue has no model '%s': register it first".formatted(Shown.text(service.modelId()))));
        MediaKind kind = service.protocol().kind();
        if (entry.type() != kind.task().type()) {
            throw new IllegalArgumentException("model '%s' is a %s; a tool of protocol %s is a %s"
                    .formatted(
                            entry.id(),
                            entry.type().wireName(),
                            service.protocol(),
                            kind.task().type().wireName()));
        }
        ModelRequirement requirement = entry.requirement()
                .orElseThrow(() -> new IllegalArgumentException(
                        "the entry of model '%s' says no memory that it takes".formatted(entry.id())));
        for (Bound other : bound.values()) {
            if (other.service().tool().equals(service.tool())) {
                throw new IllegalArgumentException("tool '%s' is bound to model '%s' already: unbind that first"
                        .formatted(service.tool(), other.service().modelId()));
            }
        }
        Model<SidecarRun> model =
                models.register(entry.id(), requirement, entry.settings(), sidecars.loader(service.spec()));
        bound.put(entry.id(), new Bound(service, model, new Semaphore(1, true)));
    }

    /**
     * Stops a tool and forgets it; nothing happens when there is none of that entry.
     *
     * @throws GpuException NOT_NOW while it is used; nothing is changed then
     * @throws InterruptedException when the thread is interrupted while it waits
     */
    public synchronized void unbind(String modelId) throws InterruptedException {
        Bound tool = bound.get(modelId);
        if (tool == null) {
            return;
        }
        if (!tool.turn().tryAcquire()) {
            throw new GpuException(
                    "NOT_NOW",
                    "tool '%s' is at a job: cancel that first"
                            .formatted(tool.service().tool()));
        }
        try {
            tool.model().unload();
            models.unregister(modelId);
            bound.remove(modelId);
        } finally {
            tool.turn().release();
        }
    }

    /** Those that are bound, by the ids of their entries. */
    public List<MediaService> services() {
        return bound.values().stream().map(Bound::service).toList();
    }

    // Jobs

    /**
     * What would be made now, and by which tool; nothing is started.
     *
     * @throws MediaException TOOL_NOT_SET_UP or NO_TOOL_FITS
     */
    public MediaPreview preview(MediaTask task) throws InterruptedException {
        requireOpen();
        Chosen chosen = choose(task);
        MediaService service = chosen.tool().service();
        MediaPlan plan = MediaPlan.of(task, service.protocol());
        return new MediaPreview(service, chosen.choice().fit(), chosen.choice().score(), plan.video(), plan.changes());
    }

    /**
     * Makes it, and waits until that is done.
     *
     * @throws MediaException when it was not made; nothing of it is left then
     * @throws GpuException when the tool that was chosen could not be started, or was not given memory
     * @throws dev.hart.error.HaltedException when the tool would have to be started and the node stands still
     * @throws InterruptedException when the thread is interrupted while it waits; the job is cancelled
     */
    public MediaResult make(MediaTask task) throws InterruptedException {
        MediaJob job = start(task, progress -> {});
        return awaitOrCancel(job);
    }

    static MediaResult awaitOrCancel(MediaJob job) throws InterruptedException {
        try {
            return job.await();
        } catch (InterruptedException e) {
            job.cancel();
            throw e;
        }
    }

    /**
     * Begins to make it. Where no tool can, the job ends with why.
     *
     * @param listener is told how far it is, on a thread of HART's, and should return soon. What it throws is logged
     * @throws MediaException BUSY while 100 others go on
     */
    public MediaJob start(MediaTask task, Consumer<MediaProgress> listener) {
        return start(task, listener, folder);
    }

    /** The same into another folder, which is made when it is not there. */
    MediaJob startInto(Path other, MediaTask task, Consumer<MediaProgress> listener) {
        return start(task, listener, folder.at(other));
    }

    private MediaJob start(MediaTask task, Consumer<MediaProgress> listener, MediaFolder into) {
        requireOpen();
        MediaJob job = new MediaJob(task, clock.instant().plus(task.limit()), listener);
        jobs.add(job);
        try {
            threads.execute(() -> {
                try {
                    job.run(running -> make(running, into));
                } finally {
                    jobs.remove(job);
                }
            });
        } catch (RejectedExecutionException e) {
            jobs.remove(job);
            requireOpen();
            throw new MediaException("BUSY", MOST_JOBS + " media jobs go on already: wait until one has ended", e);
        }
        ticker.wake();
        if (closed.get()) {
            job.end(closing());
        }
        return job;
    }

    private MediaResult make(MediaJob job, MediaFolder into) throws InterruptedException {
        Bound tool = choose(job.task()).tool();
        MediaPlan plan = MediaPlan.of(job.task(), tool.service().protocol());
        into.requireRoom(clock.instant());
        job.tell(MediaProgress.at(MediaProgress.Stage.WAITING));
        tool.turn().acquire();
        try {
            if (!tool.equals(bound.get(tool.service().modelId()))) {
                throw new MediaException(
                        "TOOL_NOT_SET_UP",
                        "tool '%s' was unbound before it was its turn: ask anew"
                                .formatted(tool.service().tool()));
            }
            return make(job, tool, plan, into);
        } finally {
            tool.turn().release();
        }
    }

    private record Chosen(Bound tool, ModelChoice choice) {}

    /** The best of those that are bound and fit now. */
    private Chosen choose(MediaTask task) throws InterruptedException {
        List<ModelVerdict> verdicts = catalogue.explain(
                task.language()
                        .map(task.kind().task().wish()::language)
                        .orElse(task.kind().task().wish()),
                Headroom.of(gpus.status(), tier));
        List<String> reasons = new ArrayList<>();
        for (ModelVerdict verdict : verdicts) {
            Bound tool = bound.get(verdict.entry().id());
            if (tool != null && tool.service().protocol().kind() == task.kind()) {
                if (verdict.choice().isPresent()) {
                    return new Chosen(tool, verdict.choice().get());
                }
                reasons.add("'%s' (%s): %s"
                        .formatted(tool.service().tool(), verdict.entry().id(), verdict.reason()));
            }
        }
        if (reasons.isEmpty()) {
            throw new MediaException(
                    "TOOL_NOT_SET_UP",
                    "no tool that makes %s is set up: bind one%s"
                            .formatted(
                                    task.kind().words(),
                                    verdicts.isEmpty()
                                            ? ""
                                            : verdicts.stream()
                                                    .map(verdict ->
                                                            verdict.entry().id())
                                                    .collect(Collectors.joining(", ", ", such as for ", ""))));
        }
        throw new MediaException(
                "NO_TOOL_FITS",
                "no tool that makes %s fits this machine now: %s"
                        .formatted(task.kind().words(), String.join("; ", reasons)));
    }

    /** Once, or a second time in other memory when the first ran out of it. */
    private MediaResult make(MediaJob job, Bound tool, MediaPlan plan, MediaFolder into) throws InterruptedException {
        LeaseMode ranOut;
        try {
            return attempt(job, tool, plan, into, List.of());
        } catch (RanOut e) {
            ranOut = e.mode;
            if (!isMoved(tool, e.failure)) {
                throw e.failure;
            }
        }
        MediaChange moved = new MediaChange(
                "mode",
                ranOut.toString(),
                "less of the GPU",
                "the tool ran out of memory, and was moved before it made it anew");
        try {
            return attempt(job, tool, plan, into, List.of(moved));
        } catch (RanOut e) {
            throw e.failure;
        }
    }

    /** The way of the life cycle when memory runs out: the next mode below, where there is one and room for it. */
    private static boolean isMoved(Bound tool, MediaException failure) throws InterruptedException {
        try {
            LeaseMode now = tool.model().offload();
            log.info(
                    "tool '{}' ran out of memory and was moved to {}",
                    tool.service().tool(),
                    now);
            return true;
        } catch (HartException | IllegalStateException e) {
            failure.addSuppressed(e);
            return false;
        }
    }

    /** The tool ran out of memory in that mode. */
    private static final class RanOut extends Exception {
        private static final long serialVersionUID = 1;
        private final LeaseMode mode;
        private final MediaException failure;

        RanOut(LeaseMode mode, MediaException failure) {
            super(failure);
            this.mode = mode;
            this.failure = failure;
        }
    }

    private MediaResult attempt(MediaJob job, Bound tool, MediaPlan plan, MediaFolder into, List<MediaChange> earlier)
            throws InterruptedException, RanOut {
        boolean isAsked = false;
        try {
            job.requireWanted();
            job.tell(MediaProgress.at(MediaProgress.Stage.STARTING));
            try (ModelUse<SidecarRun> use = tool.model().use()) {
                job.requireWanted();
                isAsked = true;
                MediaResult made = ask(job, tool, plan, use, into, earlier);
                use.succeeded();
                return made;
            }
        } catch (InterruptedException e) {
            if (isAsked) {
                stop(tool);
            }
            throw e;
        }
    }

    private MediaResult ask(
            MediaJob job,
            Bound tool,
            MediaPlan plan,
            ModelUse<SidecarRun> use,
            MediaFolder into,
            List<MediaChange> earlier)
            throws InterruptedException, RanOut {
        ToolCalls calls = new ToolCalls(http, use.get(), tool.service().tool());
        MediaEngine engine = engine(tool.service(), calls);
        job.tell(MediaProgress.at(MediaProgress.Stage.MAKING));
        String path;
        try {
            path = engine.make(plan, job::tell);
        } catch (MediaException e) {
            if (e.code().equals("OUT_OF_MEMORY")) {
                relieve(engine, e);
                throw new RanOut(use.mode(), e);
            }
            throw e;
        }
        String id = tool.service().tool() + "_" + ids.next(clock.millis());
        MediaFolder.Kept kept = into.keep(id, plan.task().kind(), calls, path, job);
        List<MediaChange> changes = new ArrayList<>(plan.changes());
        changes.addAll(earlier);
        plan.lengthChange(kept.duration()).ifPresent(changes::add);
        return new MediaResult(
                id,
                tool.service().tool(),
                tool.service().modelId(),
                plan.task().kind(),
                kept.file(),
                kept.format().mediaType(),
                kept.bytes(),
                kept.duration(),
                plan.size(),
                use.mode(),
                changes);
    }

    private MediaEngine engine(MediaService service, ToolCalls calls) {
        return switch (service.protocol()) {
            case LTX2 -> new Ltx2(calls);
            case WAN2GP -> new Wan2gp(calls, askEvery);
            case TTS_SUITE -> new TtsSuite(calls, service.voice());
        };
    }

    private static void relieve(MediaEngine engine, MediaException failure) throws InterruptedException {
        try {
            engine.relieve();
        } catch (MediaException e) {
            failure.addSuppressed(e);
        }
    }

    /** A tool cannot be told to stop what it is at: it is stopped itself, and started for the next job. */
    private static void stop(Bound tool) throws InterruptedException {
        try {
            tool.model().unload();
        } catch (HartException e) {
            log.warn("tool '{}' goes on with what nobody wants", tool.service().tool(), e);
        }
    }

    // Results

    /** The file of an earlier result in the agent's own folder; empty when there is none, or it was removed. */
    public Optional<Path> find(String id) {
        return folder.find(id);
    }

    // Time

    /** Ends the jobs that are late. */
    public void tick() {
        jobs.forEach(job -> job.endIfLate(clock.instant()));
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException("MediaAgent is closed");
        }
    }

    private static MediaException closing() {
        return new MediaException("CANCELLED", "the media agent was closed");
    }

    /** Ends all jobs, waits for that for ten seconds at most, and forgets its tools, which it stops. Idempotent. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        ticker.stop();
        jobs.forEach(job -> job.end(closing()));
        threads.shutdown();
        try {
            if (!threads.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("{} media job(s) go on", jobs.size());
            }
            for (String modelId : List.copyOf(bound.keySet())) {
                unbindLogged(modelId);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            listening.close();
        }
    }

    private void unbindLogged(String modelId) throws InterruptedException {
        try {
            unbind(modelId);
        } catch (RuntimeException e) {
            log.warn("the tool of model '{}' goes on", modelId, e);
        }
    }

    @Override
    public String toString() {
        return "media agent with "
                + Objects.toString(services().stream().map(MediaService::tool).toList());
    }
}
