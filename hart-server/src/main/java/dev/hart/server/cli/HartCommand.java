package dev.hart.server.cli;

import dev.hart.error.HartException;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.server.JsonText;
import dev.hart.server.Version;
import java.io.ObjectInputFilter;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command {@code hart}. Its exit code is 0 when all went well, 1 when something failed or was refused, 2 for misuse, 3
 * when a check of a node's start has failed.
 */
@Command(
        name = "hart",
        description = "Agents that learn a task once and replay it from then on.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = HartCommand.VersionLine.class)
public final class HartCommand implements Runnable {
    static final int OK = 0;
    static final int FAILED = 1;
    /** A check of a node's start has failed; 2 is picocli's, for misuse. */
    static final int REFUSED = 3;

    private static final String VERBOSE = "--verbose";

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-v", VERBOSE},
            scope = ScopeType.INHERIT,
            description = "show the stack of an error")
    private boolean verbose;

    /** Runs the command line and ends the JVM with its exit code. */
    public static void main(String[] arguments) {
        refuseSerializedObjects();
        System.exit(execute(Terminal.ofProcess(), arguments));
    }

    /** HART reads no serialized Java objects, so in a JVM of its own nothing may. A filter that the JVM was started with stays. */
    static void refuseSerializedObjects() {
        if (ObjectInputFilter.Config.getSerialFilter() == null) {
            ObjectInputFilter.Config.setSerialFilter(object -> ObjectInputFilter.Status.REJECTED);
        }
    }

    static int execute(Terminal terminal, String... arguments) {
        if (arguments.length == 1 && arguments[0].equals("--version")) {
            terminal.line(versionLine());
            return OK;
        }
        HartCommand root = new HartCommand();
        CommandLine line = new CommandLine(root)
                .addSubcommand(new RunCommand(terminal))
                .addSubcommand(new RerunCommand(terminal))
                .addSubcommand(
                        new CommandLine(new RecipesCommand(terminal)).addSubcommand(new RolloutsCommand(terminal)))
                .addSubcommand(new SchedulesCommand(terminal))
                .addSubcommand(new RunsCommand(terminal))
                .addSubcommand(new LedgerCommand(terminal))
                .addSubcommand(new PruneCommand(terminal))
                .addSubcommand(new ServeCommand(terminal))
                .addSubcommand(new GpuCommand(terminal))
                .addSubcommand(new DoctorCommand(terminal));
        line.setOut(new java.io.PrintWriter(terminal.out(), true));
        line.setErr(new java.io.PrintWriter(terminal.err(), true));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(terminal.coloured() ? Ansi.ON : Ansi.OFF));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            report(terminal, failure, Arrays.asList(arguments));
            return FAILED;
        });
        return line.execute(arguments);
    }

    /** One clear line, or one JSON document where JSON was asked for; the stack only on request. */
    private static void report(Terminal terminal, Exception failure, java.util.List<String> arguments) {
        boolean known = failure instanceof HartException || failure instanceof NoSuchFileException;
        String message = failure instanceof NoSuchFileException
                ? "there is no file " + failure.getMessage()
                : known ? String.valueOf(failure.getMessage()) : failure.toString();
        if (arguments.contains("--json")) {
            Map<String, Object> error = new LinkedHashMap<>();
            error.put("success", false);
            error.put("error", message);
            error.put("code", failure instanceof HartException e ? e.code() : "internal");
            terminal.err().println(JsonText.write(error));
        } else {
            terminal.err().println(terminal.tone(Terminal.Tone.BAD, "hart: ") + message);
            advice(failure).ifPresent(text -> terminal.err().println("      " + text));
        }
        if (arguments.contains(VERBOSE) || arguments.contains("-v")) {
            failure.printStackTrace(terminal.err());
        } else if (!known) {
            terminal.err().println("      this is a fault of HART: run it again with --verbose to see where");
        }
    }

    private static java.util.Optional<String> advice(Exception failure) {
        return failure instanceof InvalidConfigurationException
                ? java.util.Optional.of("hart doctor shows the settings in use")
                : java.util.Optional.empty();
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command? See below.");
    }

    private static String versionLine() {
        return "hart " + Version.current() + " (Java " + Runtime.version() + ")";
    }

    /** For {@code --version} beside other options. */
    static final class VersionLine implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {versionLine()};
        }
    }
}
