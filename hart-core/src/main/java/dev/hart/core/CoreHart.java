package dev.hart.core;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.hart.Goal;
import dev.hart.Hart;
import dev.hart.HartClock;
import dev.hart.HartConfig;
import dev.hart.Inputs;
import dev.hart.Plan;
import dev.hart.Recipes;
import dev.hart.Rerun;
import dev.hart.Retention;
import dev.hart.Run;
import dev.hart.RunHandle;
import dev.hart.Runs;
import dev.hart.Schedules;
import dev.hart.Tools;
import dev.hart.core.access.StoredQuarantine;
import dev.hart.core.access.StoredRefreshTokens;
import dev.hart.core.audit.LedgerAuditJournal;
import dev.hart.core.json.SchemaCheck;
import dev.hart.core.lease.LedgerLeaseJournal;
import dev.hart.core.model.HaltableModel;
import dev.hart.core.model.ModelCaller;
import dev.hart.core.plan.Assumptions;
import dev.hart.core.plan.EmbeddedPlanner;
import dev.hart.core.plan.ModelPlanner;
import dev.hart.core.plan.Planner;
import dev.hart.core.recipe.InputCheck;
import dev.hart.core.recipe.RecipeStore;
import dev.hart.core.recipe.ResultJudging;
import dev.hart.core.recipe.ToolRules;
import dev.hart.core.run.ActiveRuns;
import dev.hart.core.run.ProcessPresence;
import dev.hart.core.run.RerunOrder;
import dev.hart.core.run.RunContext;
import dev.hart.core.run.RunDirectory;
import dev.hart.core.run.RunLauncher;
import dev.hart.core.run.RunSignals;
import dev.hart.core.run.StoredRetention;
import dev.hart.core.run.Workers;
import dev.hart.core.schedule.RecipeSchedules;
import dev.hart.core.tool.ToolRegistry;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.error.RunCancelledException;
import dev.hart.error.StoreUnavailableException;
import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.guard.Verdict;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Ledgers;
import dev.hart.model.LanguageModel;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeVersion;
import dev.hart.security.CanaryTokens;
import dev.hart.security.Guardrails;
import dev.hart.security.NodeKey;
import dev.hart.security.access.Tokens;
import dev.hart.security.audit.AuditEvent;
import dev.hart.security.audit.AuditLog;
import dev.hart.security.audit.SignedHeads;
import dev.hart.security.node.CapabilityProbe;
import dev.hart.security.node.FeatureGates;
import dev.hart.security.rules.TrustQuarantine;
import dev.hart.spi.HaltSwitch;
import dev.hart.spi.LeaseJournal;
import dev.hart.spi.RuntimePart;
import dev.hart.spi.Signer;
import dev.hart.spi.TaskKeeper;
import dev.hart.store.Dialect;
import dev.hart.store.Store;
import dev.hart.tool.ToolSpec;
import dev.hart.tools.BuiltInTools;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The runtime: what was configured, wired together, and given back on close. */
final class CoreHart implements Hart, WriteCount {
    private static final Logger LOG = LoggerFactory.getLogger(CoreHart.class);
    private static final String DATABASE = "hart.db";
    private static final long CLOSE_SECONDS = 10;
    private static final Supplier<String> IDS =
            () -> UuidCreator.getTimeOrderedEpoch().toString();

    private final Store store;
    private final Ledgers ledgers;
    private final ProcessPresence presence;
    private final ToolRegistry tools;
    private final RecipeStore recipes;
    private final RunDirectory runs;
    private final RunLauncher launcher;
    private final RecipeSchedules schedules;
    private final Retention retention;
    private final HaltSwitch halt;
    private final HaltSwitch.Subscription haltWatch;
    private final ActiveRuns active = new ActiveRuns();
    private final Lazy<AuditLog> audit;
    private final Map<Class<?>, Supplier<?>> ownParts;
    private final BroughtParts brought;
    private final ExecutorService runners = Workers.create("hart-run");
    private final ExecutorService workers = Workers.create("hart-step");
    private final ExecutorService inside = Workers.unbounded("hart-inside");
    private final ScheduledExecutorService timer;
    private volatile TaskKeeper.@Nullable Kept auditHeads;
    private volatile boolean closed;

    private CoreHart(HartConfig config, Parts parts, Store store, ProcessPresence presence) {
        this.store = store;
        this.presence = presence;
        this.timer = Workers.timer("hart-timer");
        this.tools = parts.tools().get();
        Lazy<Guardrails> gate = new Lazy<>(() -> parts.gate().get().tellingRefusals(this::noteRefusal));
        Lazy<SchemaCheck> schemas = new Lazy<>(SchemaCheck::new);
        InputCheck inputCheck = new InputCheck(schemas);
        Lazy<Signer> signer = new Lazy<>(() -> signer(config));
        this.recipes = new RecipeStore(
                store,
                new ToolRules(tools),
                inputCheck,
                config.clock(),
                IDS,
                gate,
                signer,
                FoundEmbedder::find,
                config.listeners(),
                new ResultJudging(schemas, config.judges()));
        ModelCaller model = modelCaller(config, gate, parts.canaries());
        this.ledgers = Ledgers.in(store)
                .clock(config.clock())
                .actor("hart")
                .signer(signer)
                .leaveUnknownKeysAside()
                .open();
        this.audit = new Lazy<>(() -> openAudit(config, signer.get()));
        Lazy<Tokens> tokens =
                new Lazy<>(() -> new Tokens(signer.get(), Map.of(), new StoredRefreshTokens(store), config.clock()));
        Lazy<TrustQuarantine> quarantine = new Lazy<>(() ->
                new TrustQuarantine(new StoredQuarantine(store), config.clock().withZone(ZoneOffset.UTC)));
        RunContext context = new RunContext(
                store,
                ledgers,
                tools,
                gate,
                schemas,
                recipes,
                model,
                config.verifier(),
                config.clock(),
                workers,
                inside,
                timer,
                config.listeners(),
                new RunSignals(),
                presence,
                config.parallelism(),
                config.runTimeout(),
                config.repairs(),
                signer,
                config.haltSwitch(),
                config.scheduler(),
                audit,
                config.allowedHosts());
        this.runs = new RunDirectory(context, active);
        this.retention = new StoredRetention(context);
        Planner planner = model == null ? new EmbeddedPlanner() : new ModelPlanner(model, schemas.get());
        Assumptions assumptions = model == null ? null : new Assumptions(model, schemas.get());
        this.launcher = new RunLauncher(context, active, runs, planner, assumptions, inputCheck, IDS, runners);
        this.halt = config.haltSwitch();
        this.ownParts = Map.of(
                Ledgers.class,
                () -> ledgers,
                LeaseJournal.class,
                new Lazy<>(this::openLeaseJournal),
                AuditLog.class,
                audit,
                FeatureGates.class,
                new Lazy<>(() -> probe(config)),
                Tokens.class,
                tokens,
                Guardrails.class,
                gate,
                TrustQuarantine.class,
                quarantine);
        this.brought = new BroughtParts(host(config), config.parts());
        this.haltWatch = halt.onChange(active::haltAll);
        this.schedules = new RecipeSchedules(
                store, recipes, launcher, config.clock(), config.visualContext(), config.taskKeeper());
    }

    /**
     * What takes long to make and does not need the database, made while that is opened. Nobody waits for the gate before
     * the first text has to pass it.
     */
    private record Parts(
            Supplier<String> processId,
            Supplier<ToolRegistry> tools,
            Supplier<Guardrails> gate,
            CanaryTokens canaries) {
        static Parts begin(HartConfig config) {
            CanaryTokens canaries = new CanaryTokens();
            Early<String> processId = Early.begin("hart-open-id", IDS);
            Early<ToolRegistry> tools = Early.begin("hart-open-tools", () -> registry(config));
            Early<Guardrails> gate = Early.begin(
                    "hart-open-gate",
                    () -> Guardrails.builtIn().with(List.of(canaries)).with(config.guardrails()));
            return new Parts(processId, tools, gate, canaries);
        }
    }

    private static ToolRegistry registry(HartConfig config) {
        ToolRegistry tools = new ToolRegistry(config.interceptors());
        if (config.builtInTools()) {
            builtInTools(config).forEach(tools::register);
        }
        return tools;
    }

    static CoreHart open(HartConfig config) {
        Path directory = config.dataDirectory();
        if (!Files.isDirectory(config.workspace().toAbsolutePath())) {
            throw new InvalidConfigurationException("the workspace "
                    + config.workspace().toAbsolutePath() + " is not a folder; create it, or give another");
        }
        FeatureGates.check(System.getenv());
        Parts parts = Parts.begin(config);
        if (directory == null) {
            return open(config, parts, Store.inMemory());
        }
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new StoreUnavailableException(
                    "cannot create the data directory " + directory + ": " + e.getMessage(), e);
        }
        String database = config.database();
        return open(
                config, parts, database == null ? Store.sqlite(directory.resolve(DATABASE)) : Store.postgres(database));
    }

    private static CoreHart open(HartConfig config, Parts parts, Store store) {
        ProcessPresence presence;
        try {
            presence = ProcessPresence.announce(
                    parts.processId().get(), config.dataDirectory(), store, config.taskKeeper());
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
        try {
            return new CoreHart(config, parts, store, presence);
        } catch (RuntimeException e) {
            presence.close();
            store.close();
            throw e;
        }
    }

    private static List<Object> builtInTools(HartConfig config) {
        Path directory = config.dataDirectory();
        return directory == null
                ? BuiltInTools.create(config.workspace(), config.allowedHosts(), config.clock())
                : BuiltInTools.create(config.workspace(), directory, config.allowedHosts(), config.clock());
    }

    private static Signer signer(HartConfig config) {
        Signer signer = config.signer();
        Path directory = config.dataDirectory();
        if (signer != null) {
            return signer;
        }
        return directory == null ? NodeKey.inMemory() : NodeKey.in(directory);
    }

    private static @Nullable ModelCaller modelCaller(
            HartConfig config, Supplier<Guardrails> gate, CanaryTokens canaries) {
        LanguageModel model = config.model();
        if (model == null && config.modelFromEnvironment()) {
            model = EnvironmentModel.find(System.getenv());
        }
        for (int i = config.interceptors().size() - 1; model != null && i >= 0; i--) {
            model = config.interceptors().get(i).model(model);
        }
        return model == null
                ? null
                : new ModelCaller(
                        new HaltableModel(model, config.haltSwitch()),
                        config.clock(),
                        reply -> gate.get().require(Rail.RESPONSE, Subject.text(reply.text(), Provenance.TOOL)),
                        canaries::issueFor);
    }

    @Override
    public Run run(String request) {
        requireOpen();
        return launcher.run(request);
    }

    @Override
    public Run learn(Goal goal) {
        requireOpen();
        return launcher.learn(goal);
    }

    @Override
    public RunHandle start(Goal goal) {
        requireOpen();
        return launcher.start(goal);
    }

    @Override
    public Run run(Recipe recipe, Inputs inputs) {
        requireOpen();
        halt.requireRunning();
        return launcher.run(recipes.save(recipe), inputs);
    }

    @Override
    public Run run(RecipeVersion recipe, Inputs inputs) {
        requireOpen();
        return launcher.run(recipe, inputs);
    }

    @Override
    public Run run(String recipe, Inputs inputs) {
        requireOpen();
        return launcher.runCurrent(recipes.current(recipe), inputs);
    }

    @Override
    public RunHandle start(String recipe, Inputs inputs) {
        requireOpen();
        return launcher.startCurrent(recipes.current(recipe), inputs);
    }

    @Override
    public Plan dryRun(RecipeVersion recipe, Inputs inputs) {
        requireOpen();
        return launcher.dryRun(recipe, inputs);
    }

    @Override
    public RunHandle start(String request) {
        requireOpen();
        return launcher.start(request);
    }

    @Override
    public RunHandle start(Recipe recipe, Inputs inputs) {
        requireOpen();
        halt.requireRunning();
        return launcher.start(recipes.save(recipe), inputs);
    }

    @Override
    public RunHandle start(RecipeVersion recipe, Inputs inputs) {
        requireOpen();
        return launcher.start(recipe, inputs);
    }

    @Override
    public Run resume(String runId) {
        requireOpen();
        return launcher.resume(runId);
    }

    @Override
    public List<RunHandle> resume() {
        requireOpen();
        return launcher.resumeAll();
    }

    @Override
    public Rerun rerun(String runId) {
        requireOpen();
        return new RerunOrder(
                () -> {
                    requireOpen();
                    return launcher;
                },
                runId);
    }

    @Override
    public Tools tools() {
        return tools;
    }

    @Override
    public Recipes recipes() {
        return recipes;
    }

    @Override
    public Runs runs() {
        return runs;
    }

    @Override
    public Retention retention() {
        return retention;
    }

    @Override
    public Schedules schedules() {
        return schedules;
    }

    @Override
    public <T> T unwrap(Class<T> part) {
        Supplier<?> own = ownParts.get(part);
        if (own != null) {
            return part.cast(own.get());
        }
        return brought.get(part).orElseThrow(() -> {
            String known = Stream.concat(ownParts.keySet().stream(), brought.types().stream())
                    .map(Class::getName)
                    .sorted()
                    .collect(Collectors.joining(", "));
            return new InvalidConfigurationException(
                    "this runtime has no part " + part.getName() + "; it has " + known);
        });
    }

    /** What the parts of other modules get from this runtime. */
    private RuntimePart.Host host(HartConfig config) {
        return new RuntimePart.Host() {
            @Override
            public HartClock clock() {
                return config.clock();
            }

            @Override
            public Optional<Path> dataDirectory() {
                return Optional.ofNullable(config.dataDirectory());
            }

            @Override
            public String tier() {
                return unwrap(FeatureGates.class).tier().wireName();
            }

            @Override
            public HaltSwitch haltSwitch() {
                return halt;
            }

            @Override
            public TaskKeeper taskKeeper() {
                return config.taskKeeper();
            }

            @Override
            public <P> P part(Class<P> type) {
                return unwrap(type);
            }
        };
    }

    /** Machines that share a database must not take each other's leases for those of dead processes of their own. */
    private LeaseJournal openLeaseJournal() {
        return new LedgerLeaseJournal(
                ledgers, new LedgerId("node", ledgers.dialect() == Dialect.SQLITE ? "hart" : "hart:" + hostName()));
    }

    private static FeatureGates probe(HartConfig config) {
        Path directory = config.dataDirectory() == null ? config.workspace() : config.dataDirectory();
        try {
            return FeatureGates.of(CapabilityProbe.of(directory, config.clock()).probe(), System.getenv());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunCancelledException("interrupted while the hardware was looked at", e);
        }
    }

    private AuditLog openAudit(HartConfig config, Signer signer) {
        LedgerAuditJournal journal = new LedgerAuditJournal(store, ledgers, new LedgerId("node", signer.keyId()));
        AuditLog log = AuditLog.open(journal, new SignedHeads(signer, List.of()), config.clock());
        auditHeads = config.taskKeeper().keep("audit-heads", AuditLog.HEAD_EVERY, heartbeat -> {
            signAudit(log);
            return AuditLog.HEAD_EVERY;
        });
        return log;
    }

    private static void signAudit(AuditLog log) {
        try {
            log.tick();
        } catch (RuntimeException e) {
            LOG.error("the audit log's head could not be signed; it is tried again", e);
        }
    }

    private void noteRefusal(Rail rail, Subject subject, Verdict.Refused refused) {
        ToolSpec tool = subject.tool();
        audit.get()
                .record(new AuditEvent(
                        "guardrail",
                        "hart",
                        tool == null ? "" : tool.name(),
                        "refused",
                        Map.of(
                                "rail", rail.name(),
                                "rule", refused.rule(),
                                "provenance", subject.provenance().name())));
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9._-]", "-");
        } catch (UnknownHostException e) {
            throw new InvalidConfigurationException(
                    "this machine has no name, and leases in a shared database need one: give it one", e);
        }
    }

    @Override
    public long commits() {
        return store.commits();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this Hart is closed; create another one");
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        haltWatch.close();
        schedules.close();
        active.suspendAll();
        runners.shutdown();
        try {
            active.awaitAllLeft(Duration.ofSeconds(CLOSE_SECONDS));
            if (!runners.awaitTermination(1, TimeUnit.SECONDS)) {
                LOG.warn("runs are still being planned; they are given up");
                runners.shutdownNow();
            }
        } catch (InterruptedException e) {
            runners.shutdownNow();
            Thread.currentThread().interrupt();
        }
        workers.shutdownNow();
        inside.shutdownNow();
        timer.shutdownNow();
        brought.close();
        TaskKeeper.Kept heads = auditHeads;
        if (heads != null) {
            heads.close();
        }
        audit.made().ifPresent(AuditLog::close);
        ledgers.close();
        try {
            presence.close();
        } finally {
            store.close();
        }
    }
}
