package dev.hart;

import static java.util.Objects.requireNonNull;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.error.MissingModuleException;
import dev.hart.guard.Guardrail;
import dev.hart.model.LanguageModel;
import dev.hart.spi.CallInterceptor;
import dev.hart.spi.HaltSwitch;
import dev.hart.spi.HartProvider;
import dev.hart.spi.RuntimePart;
import dev.hart.spi.Signer;
import dev.hart.spi.StepScheduler;
import dev.hart.spi.TaskKeeper;
import dev.hart.spi.VisualContext;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Says what differs from the defaults of {@link Hart#create()}. Not thread-safe; may be used for several instances. */
public final class HartBuilder {
    private Path dataDirectory = Path.of("hart-data");
    private boolean inMemory;
    private @Nullable String database;
    private Path workspace = Path.of("");
    private final Set<String> allowedHosts = new LinkedHashSet<>();
    private boolean builtInTools = true;
    private @Nullable LanguageModel model;
    private boolean modelFromEnvironment = true;
    private final List<Guardrail> guardrails = new ArrayList<>();
    private @Nullable Verifier verifier;
    private final List<Consumer<RunEvent>> listeners = new ArrayList<>();
    private HartClock clock = HartClock.system();
    private int parallelism = Runtime.getRuntime().availableProcessors();
    private Duration runTimeout = Duration.ofMinutes(30);
    private boolean repairs = true;
    private @Nullable Signer signer;
    private HaltSwitch haltSwitch = HaltSwitch.none();
    private final List<CallInterceptor> interceptors = new ArrayList<>();
    private @Nullable StepScheduler scheduler;
    private @Nullable VisualContext visualContext;
    private final Map<String, ResultJudge> judges = new LinkedHashMap<>();
    private final List<RuntimePart<?>> parts = new ArrayList<>();
    private TaskKeeper taskKeeper = TaskKeeper.threads();

    HartBuilder() {}

    /** Where recipes and the ledger are kept; {@code ./hart-data} unless set. Created when missing. */
    public HartBuilder dataDirectory(Path directory) {
        this.dataDirectory = requireNonNull(directory);
        this.inMemory = false;
        return this;
    }

    /**
     * Keeps recipes and the ledger in a PostgreSQL database instead of SQLite in the data directory, which is still used for
     * the node's key and the lock files of processes. Several machines may share the database, each with a data directory of
     * its own. Needs the libraries that {@link #create} names when they are missing.
     *
     * @param jdbcUrl {@code jdbc:postgresql://host:5432/name?user=…&password=…}; a password that is not in it is looked up
     *     in the file {@code ~/.pgpass}
     * @throws InvalidConfigurationException for a URL of another kind; the message does not have it
     */
    public HartBuilder database(String jdbcUrl) {
        if (!jdbcUrl.startsWith("jdbc:postgresql:")) {
            throw new InvalidConfigurationException("database takes the URL of a PostgreSQL database, as in"
                    + " jdbc:postgresql://localhost:5432/hart?user=hart; the one given begins otherwise."
                    + " For SQLite call dataDirectory instead");
        }
        this.database = jdbcUrl;
        this.inMemory = false;
        return this;
    }

    /** Keeps everything in memory: nothing survives {@link Hart#close()}. For tests. */
    public HartBuilder inMemory() {
        this.inMemory = true;
        this.database = null;
        return this;
    }

    /** The only folder that the built-in file, CSV and SQL tools may touch; the current directory unless set. */
    public HartBuilder workspace(Path root) {
        this.workspace = requireNonNull(root);
        return this;
    }

    /**
     * Lets the built-in HTTP tool call this host; none is allowed unless named here.
     *
     * @param host {@code host} or {@code host:port}, no scheme, no path
     */
    public HartBuilder allowHost(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        URI parsed;
        try {
            parsed = URI.create("http://" + name);
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigurationException("allowHost takes host or host:port, was '" + host + "'", e);
        }
        if (parsed.getHost() == null || !name.equals(parsed.getRawAuthority()) || name.contains("@")) {
            throw new InvalidConfigurationException("allowHost takes host or host:port, was '" + host + "'");
        }
        allowedHosts.add(name);
        return this;
    }

    /** Leaves out the built-in tools, so that only registered ones can be called. */
    public HartBuilder withoutBuiltInTools() {
        this.builtInTools = false;
        return this;
    }

    /** Plans, verifies and runs MODEL steps with this model; it wins over {@code HART_MODEL}. */
    public HartBuilder model(LanguageModel model) {
        this.model = requireNonNull(model);
        return this;
    }

    /** Uses no model, whatever {@code HART_MODEL} says: the embedded planner plans. */
    public HartBuilder withoutModel() {
        this.model = null;
        this.modelFromEnvironment = false;
        return this;
    }

    /** Adds a check to the built-in ones. It can refuse what they allow, never allow what they refuse. */
    public HartBuilder guardrail(Guardrail guardrail) {
        guardrails.add(requireNonNull(guardrail));
        return this;
    }

    /** Judges the result of each action in a CREATE run; unless set, its declared schema and then the model, if any. */
    public HartBuilder verifier(Verifier verifier) {
        this.verifier = requireNonNull(verifier);
        return this;
    }

    /** Is told every event of every run, in order within a run, on the run's thread: be quick. What it throws is logged. */
    public HartBuilder onEvent(Consumer<RunEvent> listener) {
        listeners.add(requireNonNull(listener));
        return this;
    }

    /** Where time comes from; the system's clock unless set. */
    public HartBuilder clock(HartClock clock) {
        this.clock = requireNonNull(clock);
        return this;
    }

    /** How many READ actions of one run may run at the same time; the number of processors unless set. At least 1. */
    public HartBuilder parallelism(int actions) {
        if (actions < 1) {
            throw new InvalidConfigurationException("parallelism must be at least 1, was " + actions);
        }
        this.parallelism = actions;
        return this;
    }

    /** What a camera or a screen has shown lately, for schedules of the kind VISUAL; unless set, they are skipped. */
    public HartBuilder visualContext(VisualContext context) {
        this.visualContext = requireNonNull(context);
        return this;
    }

    /**
     * Registers a judge of results, for the checks that name it.
     *
     * @throws InvalidConfigurationException when the name is blank or taken
     */
    public HartBuilder judge(String name, ResultJudge judge) {
        if (name.isBlank() || judges.putIfAbsent(name, requireNonNull(judge)) != null) {
            throw new InvalidConfigurationException("a judge needs a name that no other has, was '" + name + "'");
        }
        return this;
    }

    /**
     * Longest time that a run is worked on; 30 minutes unless set. Longer than zero. A run that reaches it starts no further
     * step and fails with {@code TIMEOUT}; its results are kept. While it only waits, for a person or in a WAIT step, or no
     * process drives it, the time does not count.
     */
    public HartBuilder runTimeout(Duration timeout) {
        if (timeout.isZero() || timeout.isNegative()) {
            throw new InvalidConfigurationException("runTimeout must be longer than zero, was " + timeout);
        }
        this.runTimeout = timeout;
        return this;
    }

    /**
     * Lets an action of a stored recipe fail the run when its steps and fallbacks have failed for good. Unless this is called, what
     * the action should achieve is planned anew then, with the model or the embedded planner, for at most two actions of a run.
     */
    public HartBuilder withoutRepairs() {
        this.repairs = false;
        return this;
    }

    /**
     * Signs evidence, and the ledger of each run when it ends, with this key, such as one in a hardware module; unless set,
     * with the node's own, which is made in the data directory when it is first needed. A signer that fails loses no run:
     * its ledger stays unsigned, and a warning says why.
     */
    public HartBuilder signer(Signer signer) {
        this.signer = requireNonNull(signer);
        return this;
    }

    /**
     * Asks this switch before each run, tool call and model call; unless set, nothing halts the runtime. While it is halted,
     * new requests get a {@link dev.hart.error.HaltedException}, and runs that are going on pause before their next step;
     * {@link Hart#resume()} takes them up once it is not.
     */
    public HartBuilder haltSwitch(HaltSwitch haltSwitch) {
        this.haltSwitch = requireNonNull(haltSwitch);
        return this;
    }

    /** Puts this between the runtime and its models and tools; the first one added is the outermost. */
    public HartBuilder intercept(CallInterceptor interceptor) {
        interceptors.add(requireNonNull(interceptor));
        return this;
    }

    /**
     * Adds a part that {@link Hart#unwrap} gives, in place of one of the same type that a module brings: {@code dev.hart.gpu.Gpus} with
     * other settings, say.
     *
     * @throws InvalidConfigurationException when another part of this type was added
     */
    public HartBuilder part(RuntimePart<?> part) {
        if (parts.stream().anyMatch(other -> other.type() == part.type())) {
            throw new InvalidConfigurationException(
                    "two parts of type " + part.type().getName() + " were added; add one");
        }
        parts.add(part);
        return this;
    }

    /** Decides when steps are performed that may run at the same time; unless set, at once. For tests. */
    public HartBuilder scheduler(StepScheduler scheduler) {
        this.scheduler = requireNonNull(scheduler);
        return this;
    }

    /**
     * Keeps what the runtime does again and again going, such as looking for due schedules; unless set, each such task has a
     * thread that nobody watches. A watchdog of hart-security is one that starts frozen tasks anew. It stays the caller's,
     * and is closed after the runtime.
     */
    public HartBuilder taskKeeper(TaskKeeper keeper) {
        this.taskKeeper = requireNonNull(keeper);
        return this;
    }

    /**
     * Opens the runtime.
     *
     * @throws MissingModuleException when hart-core, or what a PostgreSQL database needs, is missing
     * @throws dev.hart.error.InvalidConfigurationException when a setting cannot be used
     * @throws dev.hart.error.StoreUnavailableException when the data directory or the database cannot be opened
     */
    public Hart create() {
        HartConfig config = new HartConfig(
                inMemory ? null : dataDirectory,
                database,
                workspace,
                allowedHosts,
                builtInTools,
                model,
                modelFromEnvironment,
                guardrails,
                verifier,
                listeners,
                clock,
                parallelism,
                runTimeout,
                repairs,
                signer,
                haltSwitch,
                interceptors,
                scheduler,
                visualContext,
                judges,
                parts,
                taskKeeper);
        return ServiceLoader.load(HartProvider.class, HartBuilder.class.getClassLoader())
                .findFirst()
                .or(() -> ServiceLoader.load(HartProvider.class).findFirst())
                .orElseThrow(() -> new MissingModuleException(
                        "Hart.create() needs hart-core: add the dependency dev.hart:hart-core to your build"))
                .create(config);
    }
}
