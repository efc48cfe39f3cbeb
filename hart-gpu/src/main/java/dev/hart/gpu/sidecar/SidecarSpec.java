package dev.hart.gpu.sidecar;

import dev.hart.gpu.model.RestartPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How to start a process that serves a model over HTTP, and how to tell that it is ready and well. Begin with {@link #of} or {@link
 * #known} and name what differs; each method gives a new value. Immutable; what it prints has no value of a variable in it.
 *
 * <p>The process binds a free port of {@code 127.0.0.1} and says which, once, in a line of its output; {@code PORT=<n>} unless {@link
 * #readyLine} says otherwise. It gets:
 *
 * <table>
 *   <caption>Variables</caption>
 *   <tr><td>{@code <TOOL>_OFFLOAD}</td><td>{@code gpu}, {@code cpu_offload} or {@code cpu_only}</td></tr>
 *   <tr><td>{@code <TOOL>_MODEL_DIR}</td><td>{@link #modelDirectory}, if set</td></tr>
 *   <tr><td>{@code HART_SIDECAR_HOST}</td><td>{@code 127.0.0.1}, which it has to bind</td></tr>
 *   <tr><td>{@code HART_SIDECAR_PORT}</td><td>{@link #port}, 0 unless set</td></tr>
 *   <tr><td>{@link #tokenVariable}</td><td>what the header {@code Authorization: Bearer …} of each call has to have</td></tr>
 *   <tr><td>{@code HART_FENCING_TOKEN}</td><td>that of its lease, if it has one</td></tr>
 *   <tr><td>{@code CUDA_VISIBLE_DEVICES}</td><td>the devices of its lease; empty without one</td></tr>
 * </table>
 *
 * and of this JVM's variables only those that programs need to run at all, and those that {@link #inherit} names.
 */
public final class SidecarSpec implements Cloneable {
    private static final Pattern PORT_LINE = Pattern.compile("^PORT=(.*)$");
    private static final Duration LONGEST = Duration.ofHours(1);

    private final String tool;
    private final List<String> command;
    private Map<String, String> environment = Map.of();
    private Set<String> secretVariables = Set.of();
    private Set<String> inherited = Set.of();
    private Pattern readyLine = PORT_LINE;
    private Duration startTimeout = Duration.ofSeconds(30);
    private Duration stopTimeout = Duration.ofSeconds(5);
    private @Nullable String healthPath = "/health";
    private Duration healthTimeout = Duration.ofSeconds(5);
    private String tokenVariable = "HART_SIDECAR_TOKEN";
    private int port;
    private long memoryLimit;
    private @Nullable Path modelDirectory;
    private @Nullable Path workingDirectory;
    private RestartPolicy restarts = RestartPolicy.DEFAULT;

    private SidecarSpec(String tool, List<String> command) {
        if (!tool.matches("[A-Za-z0-9._~-]{1,255}")) {
            throw new IllegalArgumentException("tool must be 1 to 255 of letters, digits, . _ ~ -, was '" + tool + "'");
        }
        this.tool = tool;
        this.command = List.copyOf(command);
        if (this.command.isEmpty() || this.command.get(0).isBlank()) {
            throw new IllegalArgumentException("command of " + tool + " must begin with a program");
        }
        if (this.command.get(0).startsWith("-")) {
            throw new IllegalArgumentException(
                    "command of %s must begin with a program, which does not begin with -; was '%s'"
                            .formatted(tool, this.command.get(0)));
        }
        for (String part : this.command) {
            if (part.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("command of " + tool + " must not hold the character 0");
            }
        }
    }

    /**
     * Any tool.
     *
     * @param tool its name, 1 to 255 of letters, digits, {@code . _ ~ -}
     * @param command the program and its arguments; no shell reads them
     */
    public static SidecarSpec of(String tool, List<String> command) {
        return new SidecarSpec(tool, command);
    }

    /**
     * A well-known tool with what is known about it, any other as with {@link #of}: how it says that it is ready, how long that
     * takes, and where it is asked how it does. The command is the caller's: HART brings no tool along.
     *
     * <ul>
     *   <li>{@code llama-server} (give it {@code --host 127.0.0.1 --port 0}): its log names the address; {@code /health}
     *   <li>{@code minicpm}: 120 seconds, {@code /status}
     *   <li>{@code diarization}: the line {@code DIARIZATION_READY:<port>}, 180 seconds, not asked afterwards
     *   <li>{@code whisper}, {@code ltx2}, {@code wan2gp}, {@code tts_audio_suite}, {@code acestep}, {@code omniparser}: the defaults
     * </ul>
     */
    public static SidecarSpec known(String tool, List<String> command) {
        SidecarSpec spec = of(tool, command);
        return switch (tool) {
            case "llama-server" ->
                spec.readyLine(Pattern.compile("listening on http://127\\.0\\.0\\.1:(\\d{1,5})(?!\\d)"))
                        .healthTimeout(Duration.ofSeconds(3))
                        .tokenVariable("LLAMA_API_KEY");
            case "minicpm" ->
                spec.startTimeout(Duration.ofMinutes(2)).health("/status").healthTimeout(Duration.ofSeconds(3));
            case "diarization" ->
                spec.readyLine(Pattern.compile("^DIARIZATION_READY:(.*)$"))
                        .startTimeout(Duration.ofMinutes(3))
                        .withoutHealth();
            default -> spec;
        };
    }

    /** A variable that it gets. */
    public SidecarSpec environment(String name, String value) {
        requireVariable(name);
        Map<String, String> more = new LinkedHashMap<>(environment);
        more.put(name, value);
        return with(spec -> spec.environment = Map.copyOf(more));
    }

    /** A variable whose value is never in a log, a message or {@link SidecarRun#output}. */
    public SidecarSpec secret(String name, String value) {
        Set<String> more = new LinkedHashSet<>(secretVariables);
        more.add(name);
        return environment(name, value).with(spec -> spec.secretVariables = Set.copyOf(more));
    }

    /** Variables that it gets from this JVM, as far as they are set. */
    public SidecarSpec inherit(String... names) {
        Set<String> more = new LinkedHashSet<>(inherited);
        for (String name : names) {
            more.add(requireVariable(name));
        }
        return with(spec -> spec.inherited = Set.copyOf(more));
    }

    /** What says that it is ready: found in one line of its output, with the port as its first group. */
    public SidecarSpec readyLine(Pattern line) {
        if (line.matcher("").groupCount() < 1) {
            throw new IllegalArgumentException("readyLine must have a group for the port, was " + line);
        }
        return with(spec -> spec.readyLine = line);
    }

    /** How long it may take until it is ready; 30 seconds unless set, at most an hour. */
    public SidecarSpec startTimeout(Duration timeout) {
        return with(spec -> spec.startTimeout = requireTime("startTimeout", timeout));
    }

    /** How long it may take to end when it is asked to, before it is killed; 5 seconds unless set, at most an hour. */
    public SidecarSpec stopTimeout(Duration timeout) {
        return with(spec -> spec.stopTimeout = requireTime("stopTimeout", timeout));
    }

    /** Where it answers 200 when it is ready and well; {@code /health} unless set. */
    public SidecarSpec health(String path) {
        SidecarRun.requirePath(path);
        return with(spec -> spec.healthPath = path);
    }

    /** It is not asked how it does: it is ready once it has named its port, and well while it runs. */
    public SidecarSpec withoutHealth() {
        return with(spec -> spec.healthPath = null);
    }

    /** How long it may take to tell how it does; 5 seconds unless set, at most an hour. */
    public SidecarSpec healthTimeout(Duration timeout) {
        return with(spec -> spec.healthTimeout = requireTime("healthTimeout", timeout));
    }

    /** The variable that holds its token; {@code HART_SIDECAR_TOKEN} unless set. */
    public SidecarSpec tokenVariable(String name) {
        return with(spec -> spec.tokenVariable = requireVariable(name));
    }

    /**
     * The port that it has to bind; any free one, which is 0, unless set. It is told in {@code HART_SIDECAR_PORT}, and one that names
     * another port is not ready. Give a tool that reads no such variable the port among its arguments.
     */
    public SidecarSpec port(int number) {
        ToolPort.require("port of " + tool, number);
        return with(spec -> spec.port = number);
    }

    /**
     * The port that {@link ToolPort} has for this tool.
     *
     * @param environment such as {@code System.getenv()}
     * @param osMode whether HART runs as the machine's system
     * @throws IllegalArgumentException when the table has none for it, or a variable's value is no port
     */
    public SidecarSpec fixedPort(Map<String, String> environment, boolean osMode) {
        return port(ToolPort.of(tool)
                .orElseThrow(() -> new IllegalArgumentException(
                        "tool '%s' has no fixed port: name one with port(…)".formatted(tool)))
                .number(OptionalInt.empty(), environment, osMode));
    }

    /**
     * Most memory, in bytes, that it may hold together with all that it started; any unless set. It is looked at every ten seconds:
     * one that holds more is killed, which counts as running out of memory, so a model comes back with less of the GPU. It is no
     * wall: what grows faster than that meets the limits of the system first.
     */
    public SidecarSpec memoryLimit(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("memoryLimit must be more than 0 bytes, was " + bytes);
        }
        return with(spec -> spec.memoryLimit = bytes);
    }

    /** Where its models are; it is told in {@code <TOOL>_MODEL_DIR}. */
    public SidecarSpec modelDirectory(Path folder) {
        return with(spec -> spec.modelDirectory = folder.toAbsolutePath());
    }

    /** Where it runs; where this JVM does unless set. */
    public SidecarSpec workingDirectory(Path folder) {
        return with(spec -> spec.workingDirectory = folder.toAbsolutePath());
    }

    /** Whether it is started again when it crashes; {@link RestartPolicy#DEFAULT} unless set. Loaded as a model, its model's counts. */
    public SidecarSpec restarts(RestartPolicy policy) {
        return with(spec -> spec.restarts = policy);
    }

    public String tool() {
        return tool;
    }

    List<String> command() {
        return command;
    }

    Map<String, String> environment() {
        return environment;
    }

    /** The values that nobody is to see. */
    List<String> secrets() {
        return secretVariables.stream()
                .map(name -> environment.getOrDefault(name, ""))
                .toList();
    }

    Set<String> inherited() {
        return inherited;
    }

    Pattern readyLine() {
        return readyLine;
    }

    Duration startTimeout() {
        return startTimeout;
    }

    Duration stopTimeout() {
        return stopTimeout;
    }

    Optional<String> healthPath() {
        return Optional.ofNullable(healthPath);
    }

    Duration healthTimeout() {
        return healthTimeout;
    }

    String tokenVariable() {
        return tokenVariable;
    }

    int port() {
        return port;
    }

    OptionalLong memoryLimit() {
        return memoryLimit == 0 ? OptionalLong.empty() : OptionalLong.of(memoryLimit);
    }

    Optional<Path> modelDirectory() {
        return Optional.ofNullable(modelDirectory);
    }

    Optional<Path> workingDirectory() {
        return Optional.ofNullable(workingDirectory);
    }

    RestartPolicy restarts() {
        return restarts;
    }

    /** {@code LLAMA_SERVER} of {@code llama-server}. */
    String variablePrefix() {
        return tool.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }

    private static String requireVariable(String name) {
        if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
            throw new IllegalArgumentException("a variable's name has letters, digits and _ only, was '" + name + "'");
        }
        return name;
    }

    private static Duration requireTime(String name, Duration timeout) {
        if (timeout.isZero() || timeout.isNegative() || timeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + " must be longer than zero and at most 1 hour, was " + timeout);
        }
        return timeout;
    }

    private SidecarSpec with(Consumer<SidecarSpec> change) {
        try {
            SidecarSpec copy = (SidecarSpec) clone();
            change.accept(copy);
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return "sidecar '%s', program %s with %d argument(s), variables %s"
                .formatted(tool, command.get(0), command.size() - 1, environment.keySet());
    }
}
