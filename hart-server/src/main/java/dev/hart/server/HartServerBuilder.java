package dev.hart.server;

import static java.util.Objects.requireNonNull;

import dev.hart.Hart;
import dev.hart.HartClock;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.security.node.NodeSafety;
import dev.hart.security.node.Watchdog;
import dev.hart.security.trust.BootReport;
import dev.hart.security.trust.CircuitBreaker;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what differs from a server's defaults. Not thread-safe. */
public final class HartServerBuilder {
    /** Where a HART server listens unless told otherwise. */
    public static final int DEFAULT_PORT = 6777;

    private static final Logger LOG = LoggerFactory.getLogger(HartServerBuilder.class);

    final Hart hart;
    int port = DEFAULT_PORT;
    String bind = "127.0.0.1";
    final Set<String> hosts = new LinkedHashSet<>();

    @Nullable
    Credential credential;

    final Map<String, Credential> agents = new LinkedHashMap<>();

    @Nullable
    CircuitBreaker breaker;

    HartClock clock = HartClock.system();
    boolean ownClock;
    Duration heartbeat = Duration.ofSeconds(10);
    final Set<String> origins = new LinkedHashSet<>();

    @Nullable
    ServerCertificate certificate;

    @Nullable
    Watchdog watchdog;

    @Nullable
    NodeSafety safety;

    final List<Peer> peers = new ArrayList<>();

    HartServerBuilder(Hart hart) {
        this.hart = hart;
    }

    /** Where to listen, 0 to 65535; {@value #DEFAULT_PORT} unless set, 0 for any free port. */
    public HartServerBuilder port(int port) {
        if (port < 0 || port > 65_535) {
            throw new InvalidConfigurationException("port must be 0 to 65535, was " + port);
        }
        this.port = port;
        return this;
    }

    /** The address to listen on; 127.0.0.1 unless set. One that other machines can reach needs an {@link #apiKey}. */
    public HartServerBuilder bind(String address) {
        this.bind = requireNonNull(address);
        return this;
    }

    /** One more name by which callers may call the server, beside localhost and the address it listens on. */
    public HartServerBuilder allowHost(String name) {
        hosts.add(requireNonNull(name));
        return this;
    }

    /**
     * The key that callers must send, as {@code Authorization: Bearer …} or {@code X-API-Key}; none unless set.
     *
     * @throws InvalidConfigurationException when it is shorter than 16 characters
     */
    public HartServerBuilder apiKey(String key) {
        this.credential = new Credential(key);
        return this;
    }

    /**
     * One more site whose pages may call the server, beside its own, such as {@code https://app.example}. May be called again.
     *
     * @throws InvalidConfigurationException unless it is a scheme, a host and perhaps a port, and nothing else
     */
    public HartServerBuilder allowOrigin(String origin) {
        if (!origin.matches("https?://(\\[[0-9a-f:.]+]|[a-z0-9.-]+)(:[0-9]{1,5})?")) {
            throw new InvalidConfigurationException(
                    "an origin is like https://app.example or http://localhost:3000, in lower case and without a path,"
                            + " was '"
                            + origin + "'");
        }
        this.origins.add(origin);
        return this;
    }

    /**
     * Serves HTTPS, and nothing else, with a certificate in PEM files.
     *
     * @param chain the server's certificate, then those between it and the root
     * @param key its private key in PKCS#8, not encrypted, readable by its owner alone
     * @throws InvalidConfigurationException when the files cannot be read, or do not belong together
     */
    public HartServerBuilder tls(Path chain, Path key) {
        this.certificate = ServerCertificate.ofPem(chain, key);
        return this;
    }

    /**
     * Serves HTTPS, and nothing else, with the certificate of a key store.
     *
     * @param file in PKCS#12, with one key
     * @throws InvalidConfigurationException when it cannot be read, or the password is wrong
     */
    public HartServerBuilder tlsKeyStore(Path file, String password) {
        this.certificate = ServerCertificate.ofKeyStore(file, password);
        return this;
    }

    /** Shows the tasks of a watchdog, which stays the caller's, under {@code /api/security/watchdog}. */
    public HartServerBuilder watchdog(Watchdog watchdog) {
        this.watchdog = requireNonNull(watchdog);
        return this;
    }

    /**
     * A key with which an agent may call the routes below {@code /api/distributed}, as itself and no other. May be called again
     * for other agents. A server with such keys needs an {@link #apiKey} too.
     *
     * @param agentId 1 to 200 of letters, digits, {@code . _ : ~ -}
     * @throws InvalidConfigurationException for another id, or a key shorter than 16 characters
     */
    public HartServerBuilder agentKey(String agentId, String key) {
        if (!agentId.matches("[A-Za-z0-9._:~-]{1,200}")) {
            throw new InvalidConfigurationException(
                    "an agent's id has letters, digits and . _ : ~ -, 1 to 200, was '" + agentId + "'");
        }
        this.agents.put(agentId, new Credential(key));
        return this;
    }

    /** The node's kill switch, whose orders {@code POST /api/guardrails/commands} takes; give the runtime the same one. */
    public HartServerBuilder circuitBreaker(CircuitBreaker breaker) {
        this.breaker = requireNonNull(breaker);
        return this;
    }

    /**
     * What watches over the node: its kill switch, its watchdog and what its start found, in the place of {@link #circuitBreaker}
     * and {@link #watchdog}. It stays the caller's. A node whose checks failed is not served: see {@link #start}.
     */
    public HartServerBuilder safety(NodeSafety safety) {
        this.safety = requireNonNull(safety);
        this.breaker = safety.breaker();
        this.watchdog = safety.watchdog();
        return this;
    }

    /**
     * Another node, to whose server this one hands on signed orders that it has taken. May be called again.
     *
     * @param address such as {@code https://node.example}: a name with public addresses only, looked up for each call
     * @throws InvalidConfigurationException for anything else
     */
    public HartServerBuilder peer(URI address) {
        peers.add(new Peer(address, false));
        return this;
    }

    /** The same for a node on the operator's own network, such as {@code http://10.0.0.7:6777}, whose address may be private. */
    public HartServerBuilder peerOnOwnNetwork(URI address) {
        peers.add(new Peer(address, true));
        return this;
    }

    /** Where rate limits take the time from; the system's clock unless set. */
    public HartServerBuilder clock(HartClock clock) {
        this.clock = requireNonNull(clock);
        this.ownClock = true;
        return this;
    }

    /** How often a quiet stream of events says that it is still there; every 10 seconds unless set. Longer than zero. */
    public HartServerBuilder heartbeat(Duration every) {
        if (every.isZero() || every.isNegative()) {
            throw new InvalidConfigurationException("heartbeat must be longer than zero, was " + every);
        }
        this.heartbeat = every;
        return this;
    }

    /**
     * Starts listening.
     *
     * @throws InvalidConfigurationException when other machines could reach a server without a key, the port is taken, the
     *     address is not this machine's, or the checks of the start do not let the node serve
     */
    public HartServer start() {
        InetAddress address;
        try {
            address = InetAddress.getByName(bind);
        } catch (UnknownHostException e) {
            throw new InvalidConfigurationException("cannot listen on '" + bind + "': no such address", e);
        }
        if (!address.isLoopbackAddress() && credential == null) {
            throw new InvalidConfigurationException("listening on " + bind
                    + " lets other machines in, and that needs a key: set HART_API_KEY, or listen on 127.0.0.1");
        }
        if (!address.isLoopbackAddress() && certificate == null) {
            LOG.warn("keys and tokens go to {} unencrypted: serve HTTPS, or put a proxy that does in front", bind);
        }
        if (!peers.isEmpty() && (breaker == null || !breaker.takesOrders())) {
            throw new InvalidConfigurationException(
                    "peers get the orders of trust anchors, and this node has none: name one");
        }
        requireCheckedStart(address);
        return new HartServer(this);
    }

    private void requireCheckedStart(InetAddress address) {
        BootReport report = safety == null ? null : safety.report();
        if (safety != null && report == null) {
            throw new InvalidConfigurationException(
                    "the checks of the start were not made: call NodeSafety.verify first");
        }
        if (report == null || report.posture() != BootReport.Posture.REFUSED) {
            return;
        }
        if (!report.allowsAgents() || !address.isLoopbackAddress() || !peers.isEmpty()) {
            throw new InvalidConfigurationException("the checks of the start have failed, and enforcement is "
                    + report.enforcement()
                    + ": in soft and hard nothing is served, in off and warn this machine alone, without peers");
        }
    }
}
