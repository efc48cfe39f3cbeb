package dev.hart.signing;

import dev.hart.error.HartException;
import dev.hart.security.trust.MalformedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.security.SecureRandom;
import java.time.InstantSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command {@code hart-signing}: what trust anchors and issuers sign. Its exit code is 0 when all went well, 1 when
 * something was refused or failed, 2 for misuse. It shows ids, public keys and what it signs, never a private key.
 */
@Command(
        name = "hart-signing",
        description = "Signs certificates, revocation lists, halt orders and releases, beside HART.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true)
public final class SigningCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Runs the command line and ends the JVM with its exit code. */
    public static void main(String[] arguments) {
        PrintWriter out = new PrintWriter(System.out, true);
        PrintWriter err = new PrintWriter(System.err, true);
        System.exit(execute(out, err, InstantSource.system(), arguments));
    }

    static int execute(PrintWriter out, PrintWriter err, InstantSource clock, String... arguments) {
        SecureRandom random = new SecureRandom();
        CommandLine line = new CommandLine(new SigningCommand())
                .addSubcommand(new KeyCommand(out, random))
                .addSubcommand(new CertificateCommand(out, clock, random))
                .addSubcommand(new OrderCommand(out, clock))
                .addSubcommand(new ClearCommand(out, clock))
                .addSubcommand(new ReleaseCommand(out, clock))
                .addSubcommand(new SignCommand(out));
        line.setOut(out);
        line.setErr(err);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            err.println("hart-signing: " + said(failure));
            return 1;
        });
        return line.execute(arguments);
    }

    /** One clear line; the class of what nobody expected, without its text, which might quote a file. */
    private static String said(Exception failure) {
        if (failure instanceof NoSuchFileException missing) {
            return "there is no file " + missing.getFile();
        }
        if (failure instanceof FileAlreadyExistsException there) {
            return "there is a file " + there.getFile() + " already; give another place";
        }
        boolean known = failure instanceof SigningException
                || failure instanceof HartException
                || failure instanceof MalformedException
                || failure instanceof IllegalArgumentException
                || failure instanceof IOException;
        return known
                ? String.valueOf(failure.getMessage())
                : "failed with " + failure.getClass().getName();
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "say what to do: key, certificate, order, clear, release or sign");
    }
}
