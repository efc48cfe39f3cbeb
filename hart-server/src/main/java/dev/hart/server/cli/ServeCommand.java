package dev.hart.server.cli;

import dev.hart.Hart;
import dev.hart.RunHandle;
import dev.hart.error.HaltedException;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.security.node.NodeSafety;
import dev.hart.security.trust.BootReport;
import dev.hart.security.trust.CircuitBreaker;
import dev.hart.server.HartServer;
import dev.hart.server.HartServerBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hart serve}. */
@Command(
        name = "serve",
        description = "Serves the routes and the web console until it is stopped.",
        footer = {
            "",
            "HART_API_KEY    the key that callers must send; needed to listen beyond loopback",
            "HART_AGENT_KEYS keys with which agents may take part in distributed work, as name=key,name=key",
            "HART_BIND       like --bind",
            "HART_TLS_CERT, HART_TLS_KEY  like --tls-cert and --tls-key",
            "CORS_ORIGINS    sites whose pages may call the server, such as https://app.example, separated by commas",
            "HART_DATABASE   like --database",
            "HART_TRUST_ANCHORS, HART_OPERATOR_KEYS, HART_PEERS, HART_LAN_PEERS  like --trust-anchor, --operator-key,",
            "                --peer and --lan-peer, separated by commas",
            "HART_RELEASE, HART_ENFORCEMENT_MODE  like --release and --enforcement",
            "ALLOWED_HOSTS   names by which callers may call the server, separated by commas"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it was stopped",
            "1:it could not start, such as for a port in use",
            "2:the command was misused",
            "3:a check of the start has failed, such as for a jar that was changed"
        },
        mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

    private final Terminal terminal;

    @Mixin
    private RuntimeOptions options = new RuntimeOptions();

    @Mixin
    private TrustOptions trust = new TrustOptions();

    @Option(names = "--port", description = "where to listen, 0 for any free port (6777)")
    private @Nullable Integer port;

    @Option(names = "--bind", paramLabel = "ADDRESS", description = "the address to listen on (127.0.0.1)")
    private @Nullable String bind;

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "serve HTTPS with this certificate and those above it, in PEM")
    private @Nullable Path tlsCertificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "its private key, in PEM (PKCS#8)")
    private @Nullable Path tlsKey;

    ServeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        try (NodeSafety safety = trust.settings(options.dataDirectory(), terminal.environment())
                        .open();
                Hart hart = options.open(safety)) {
            HartServerBuilder settings = settings(hart).safety(safety);
            trust.peers(settings, terminal.environment());
            BootReport report = safety.verify(hart);
            if (!report.allowsAgents()) {
                refuse(report);
                return HartCommand.REFUSED;
            }
            safety.watch();
            CircuitBreaker breaker = safety.breaker();
            breaker.onChange(() -> goOn(hart, breaker));
            try (HartServer server = settings.start()) {
                hart.schedules().start();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> endInOrder(stop, stopped), "hart-stop"));
                List<RunHandle> takenUp = breaker.isHalted() ? List.of() : hart.resume();
                terminal.line("HART listens on " + server.baseUri() + "  (console and routes; stop with Ctrl-C)");
                terminal.field("Data", options.place());
                terminal.field("Workspace", options.workspace().toString());
                tellTrust(safety, report);
                if (!takenUp.isEmpty()) {
                    terminal.field("Resumed", RunPrinter.counted(takenUp.size(), "run") + " that had been cut off");
                }
                terminal.out().flush();
                stop.await();
            }
        } finally {
            stopped.countDown();
        }
        return HartCommand.OK;
    }

    private void tellTrust(NodeSafety safety, BootReport report) {
        terminal.field("Posture", Postures.line(safety.anchors() != null, report));
        terminal.field("Rules", safety.guardrailHash());
        CircuitBreaker breaker = safety.breaker();
        if (breaker.takesOrders() || breaker.isHalted()) {
            terminal.field(
                    "Trust",
                    (breaker.isHalted() ? "halted: " + breaker.causes() : "running") + ", node " + breaker.nodeId());
        }
    }

    private void refuse(BootReport report) {
        terminal.err()
                .println(terminal.tone(Terminal.Tone.BAD, "hart: ")
                        + "the checks of the start have failed, so nothing was started (enforcement "
                        + report.enforcement().name().toLowerCase(Locale.ROOT) + ")");
        Postures.failures(report).forEach(line -> terminal.err().println("      " + line));
        terminal.err().println("      docs/trust.md says what each check looks at");
    }

    /** Takes up the paused runs when the node may go on. */
    private static void goOn(Hart hart, CircuitBreaker breaker) {
        if (!breaker.isHalted()) {
            new Thread(() -> takeUp(hart), "hart-take-up").start();
        }
    }

    private static void takeUp(Hart hart) {
        try {
            hart.resume();
        } catch (HaltedException | IllegalStateException e) {
            LOG.info("paused runs were not taken up: halted again, or closed", e);
        } catch (RuntimeException e) {
            LOG.error("paused runs could not be taken up; resume them by hand", e);
        }
    }

    private static void endInOrder(CountDownLatch stop, CountDownLatch stopped) {
        stop.countDown();
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private HartServerBuilder settings(Hart hart) {
        HartServerBuilder settings = HartServer.of(hart).port(port());
        String address = bind == null ? variable("HART_BIND") : bind;
        if (!address.isEmpty()) {
            settings.bind(address);
        }
        for (String name : variable("ALLOWED_HOSTS").split(",")) {
            if (!name.isBlank()) {
                settings.allowHost(name.strip());
            }
        }
        for (String origin : variable("CORS_ORIGINS").split(",")) {
            if (!origin.isBlank()) {
                settings.allowOrigin(origin.strip());
            }
        }
        secure(settings);
        if (!variable("HART_API_KEY").isEmpty()) {
            settings.apiKey(variable("HART_API_KEY"));
        }
        for (String agent : variable("HART_AGENT_KEYS").split(",")) {
            if (!agent.isBlank()) {
                int equals = agent.indexOf('=');
                if (equals < 0) {
                    throw new InvalidConfigurationException("HART_AGENT_KEYS must be like name=key,name=key");
                }
                settings.agentKey(
                        agent.substring(0, equals).strip(),
                        agent.substring(equals + 1).strip());
            }
        }
        return settings;
    }

    private void secure(HartServerBuilder settings) {
        Path certificate = tlsCertificate == null ? file("HART_TLS_CERT") : tlsCertificate;
        Path key = tlsKey == null ? file("HART_TLS_KEY") : tlsKey;
        if (certificate != null && key != null) {
            settings.tls(certificate, key);
        } else if (certificate != null || key != null) {
            throw new InvalidConfigurationException("HTTPS needs both --tls-cert and --tls-key");
        }
    }

    private @Nullable Path file(String name) {
        return variable(name).isEmpty() ? null : Path.of(variable(name));
    }

    private int port() {
        if (port != null) {
            return port;
        }
        String variable = variable("HARTOS_BACKEND_PORT");
        if (variable.isEmpty()) {
            return HartServerBuilder.DEFAULT_PORT;
        }
        try {
            return Integer.parseInt(variable);
        } catch (NumberFormatException e) {
            throw new InvalidConfigurationException("HARTOS_BACKEND_PORT must be a port, was '" + variable + "'", e);
        }
    }

    private String variable(String name) {
        return terminal.environment().getOrDefault(name, "").strip();
    }
}
