package dev.hart.server;

import dev.hart.Hart;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.library.ModelLibrary;
import dev.hart.gpu.machine.SystemHealth;
import dev.hart.gpu.model.Models;
import dev.hart.ledger.Ledgers;
import dev.hart.security.access.RateLimiter;
import dev.hart.security.access.Tokens;
import dev.hart.security.audit.AuditLog;
import dev.hart.spi.HaltSwitch;
import dev.hart.spi.TaskKeeper;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.util.ConcurrencyUtil;
import io.javalin.util.JavalinBindException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link Hart} over HTTP: the routes of {@link #routes()} and the web console. It listens on the loopback address unless
 * told otherwise. The Hart stays the caller's: closing the server does not close it. Thread-safe.
 *
 * <pre>{@code
 * try (HartServer server = HartServer.of(hart).port(0).start()) {
 *     System.out.println(server.baseUri());
 * }
 * }</pre>
 */
public final class HartServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HartServer.class);
    private static final int THREADS = 50;
    private static final Duration CLOSE_WAITS = Duration.ofSeconds(30);

    private final RouteTable table = new RouteTable();
    private final Visits visits = new Visits();
    private final ExecutorService background = ConcurrencyUtil.executorService("hart-resume", true);
    private final EventStreams streams;
    private final SystemEvents events;
    private final HeldLeases leases;
    private final OrderRelay relay;
    private final Javalin javalin;
    private final URI baseUri;
    private final AtomicBoolean stopped = new AtomicBoolean();

    HartServer(HartServerBuilder settings) {
        Supplier<Tokens> tokens = () -> settings.hart.unwrap(Tokens.class);
        Supplier<AuditLog> audit = () -> settings.hart.unwrap(AuditLog.class);
        Credentials credentials = new Credentials(settings.credential, settings.agents, new AccessTokens(tokens));
        RateLimiter limiter = RateLimiter.standard(nanoTime(settings));
        Ledgers ledgers = settings.hart.unwrap(Ledgers.class);
        TaskKeeper keeper = settings.watchdog == null ? TaskKeeper.threads() : settings.watchdog;
        streams = new EventStreams(settings.heartbeat, keeper);
        relay = new OrderRelay(settings.peers, settings.clock, keeper);
        leases = new HeldLeases(settings.clock);
        LiveRuns runs = new LiveRuns(settings.hart, settings.clock);
        new ConsoleFiles().describe(table);
        new StatusRoutes(this::openApi).describe(table);
        new GuardrailRoutes(settings.breaker, relay, limiter, audit).describe(table);
        new ChatRoutes(settings.hart, runs, limiter).describe(table);
        new RecipeRoutes(settings.hart, runs).describe(table);
        new RolloutRoutes(settings.hart).describe(table);
        new RunRoutes(settings.hart, runs, streams, background).describe(table);
        new LedgerRoutes(ledgers, streams).describe(table);
        new DistributedRoutes(
                        ledgers,
                        settings.clock,
                        settings.hart,
                        settings.breaker == null ? HaltSwitch.none() : settings.breaker,
                        limiter)
                .describe(table);
        new TokenRoutes(tokens, audit, limiter, credentials.areNeeded()).describe(table);
        Supplier<Gpus> gpus = () -> settings.hart.unwrap(Gpus.class);
        new GpuRoutes(gpus, leases).describe(table);
        Supplier<ModelLibrary> library = () -> settings.hart.unwrap(ModelLibrary.class);
        new ModelRoutes(library, () -> settings.hart.unwrap(Models.class), gpus, background).describe(table);
        new VoiceRoutes(library, new SpokenAudio(settings.clock)).describe(table);
        events = new SystemEvents(settings.hart, settings.clock);
        new SystemRoutes(() -> settings.hart.unwrap(SystemHealth.class), events, streams).describe(table);
        new SecurityRoutes(settings.hart, settings.watchdog, settings.safety).describe(table);
        Set<String> names = new LinkedHashSet<>(settings.hosts);
        names.add(settings.bind);
        FrontDoor door =
                new FrontDoor(table, new HostNames(names), new Origins(settings.origins), credentials, visits, limiter);
        javalin = Javalin.create(config -> configure(config, settings, door));
        try {
            javalin.start();
        } catch (JavalinBindException e) {
            closeThreads();
            throw new InvalidConfigurationException(
                    "cannot listen on %s port %d: it is in use or not this machine's; choose another port, or 0 for any free one"
                            .formatted(settings.bind, settings.port),
                    e);
        }
        String host = settings.bind.contains(":") ? "[" + settings.bind + "]" : settings.bind;
        baseUri = URI.create((settings.certificate == null ? "http://" : "https://") + host + ":" + javalin.port());
        LOG.info("listening on {} with {} routes", baseUri, table.routes().size());
    }

    /** Settings of a server for this runtime. */
    public static HartServerBuilder of(Hart hart) {
        return new HartServerBuilder(hart);
    }

    private static void configure(JavalinConfig config, HartServerBuilder settings, FrontDoor door) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.jetty.host = settings.bind;
        config.jetty.port = settings.port;
        if (ConcurrencyUtil.isLoomAvailable()) {
            config.concurrency.useVirtualThreads = true;
        } else {
            QueuedThreadPool threads = new QueuedThreadPool(THREADS);
            threads.setName("hart-http");
            config.jetty.threadPool = threads;
        }
        config.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
        ServerCertificate certificate = settings.certificate;
        if (certificate != null) {
            config.jetty.addConnector((server, http) -> secure(server, http, settings, certificate));
        }
        door.open(config);
    }

    /** Which names may call is the business of {@link HostNames}, so the certificate's names do not count here. */
    private static Connector secure(
            Server server, HttpConfiguration http, HartServerBuilder settings, ServerCertificate certificate) {
        HttpConfiguration https = new HttpConfiguration(http);
        https.addCustomizer(new SecureRequestCustomizer(false));
        ServerConnector connector = new ServerConnector(
                server,
                new SslConnectionFactory(certificate.context(), HttpVersion.HTTP_1_1.asString()),
                new HttpConnectionFactory(https));
        connector.setHost(settings.bind);
        connector.setPort(settings.port);
        return connector;
    }

    /** A clock that a test moves gives the time of the limits too; else they go by monotonic time. */
    private static LongSupplier nanoTime(HartServerBuilder settings) {
        return settings.ownClock
                ? () -> ChronoUnit.NANOS.between(Instant.EPOCH, settings.clock.instant())
                : System::nanoTime;
    }

    /** Where the server listens, such as {@code http://127.0.0.1:6777}. */
    public URI baseUri() {
        return baseUri;
    }

    /** Every route. */
    public List<Route> routes() {
        return table.routes();
    }

    /** The routes as an OpenAPI 3.1 document. */
    public Map<String, Object> openApi() {
        return OpenApi.document(table.routes());
    }

    /** How many are watching events of runs and ledgers. */
    int viewers() {
        return streams.viewers();
    }

    /** Lets nobody in any more, waits at most that long for the requests being served, and stops listening. Idempotent. */
    public void stop(Duration longest) {
        if (!stopped.compareAndSet(false, true)) {
            return;
        }
        streams.close();
        events.close();
        relay.close();
        if (!visits.close(longest)) {
            LOG.warn("stopped with requests unfinished after {}", longest);
        }
        javalin.stop();
        leases.close();
        background.shutdown();
    }

    /** {@link #stop} with 30 seconds. */
    @Override
    public void close() {
        stop(CLOSE_WAITS);
    }

    private void closeThreads() {
        streams.close();
        events.close();
        relay.close();
        background.shutdown();
    }
}
