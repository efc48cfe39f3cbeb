package dev.hart.security.access;

import dev.hart.security.SecretRedactor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a call of a tool outside this process, such as one of an MCP server, may carry, beside the schema of its arguments. Every
 * value is looked at, however deep: a command is a list of words and never a line for a shell, a path stays below its folder, no text
 * has control characters, and no credential leaves the node or comes back. Pure and thread-safe.
 */
public final class SandboxedCall {
    /** Longest answer, in chars. */
    public static final int MAX_REPLY_CHARS = 1_048_576;

    private static final int MAX_ARGUMENT_CHARS = 1_048_576;
    private static final int MAX_DEPTH = 32;
    private static final int MAX_PROBLEMS = 20;
    private static final Set<String> COMMANDS = Set.of("command", "cmd", "shell", "exec", "argv", "commandline");
    private static final Set<String> PATHS = Set.of("path", "file", "filename", "directory", "folder", "dir");
    private static final SecretRedactor SECRETS = new SecretRedactor();

    private final List<String> problems = new ArrayList<>();
    private int chars;

    private SandboxedCall() {}

    /** What is wrong with the arguments, each with its place; empty when nothing is. */
    public static List<String> problems(Map<String, ? extends @Nullable Object> arguments) {
        SandboxedCall call = new SandboxedCall();
        call.value("", "", arguments, 0);
        return List.copyOf(call.problems);
    }

    /** Why an answer must not be used; empty when it may. */
    public static Optional<String> replyProblem(String reply) {
        if (reply.length() > MAX_REPLY_CHARS) {
            return Optional.of(
                    "the answer has " + reply.length() + " characters, at most " + MAX_REPLY_CHARS + " are read");
        }
        return SECRETS.redact(reply).equals(reply) ? Optional.empty() : Optional.of("the answer holds a credential");
    }

    private void problem(String place, String what) {
        if (problems.size() < MAX_PROBLEMS) {
            problems.add((place.isEmpty() ? "the arguments" : place) + " " + what);
        }
    }

    private void value(String place, String name, @Nullable Object value, int depth) {
        if (depth > MAX_DEPTH) {
            problem(place, "is nested deeper than " + MAX_DEPTH);
        } else if (value instanceof String text) {
            text(place, name, text);
        } else if (value instanceof Map<?, ?> fields) {
            for (Map.Entry<?, ?> field : fields.entrySet()) {
                String key = String.valueOf(field.getKey());
                plain(place, "a name", key);
                value(place.isEmpty() ? key : place + "." + key, key, field.getValue(), depth + 1);
            }
        } else if (value instanceof Collection<?> items) {
            int index = 0;
            for (Object item : items) {
                // Words of a command are given one by one, so none of them is a line for a shell.
                value(place + "[" + index++ + "]", isCommand(name) ? "" : name, item, depth + 1);
            }
        }
    }

    private void text(String place, String name, String text) {
        plain(place, "a text", text);
        if (isCommand(name)) {
            problem(place, "is a command as one text; give it as a list of words");
        }
        if (PATHS.contains(name.toLowerCase(Locale.ROOT)) && leaves(text)) {
            problem(place, "is a path that leaves its folder");
        }
        if (!SECRETS.redact(text).equals(text)) {
            problem(place, "holds a credential");
        }
    }

    private void plain(String place, String what, String text) {
        chars += text.length();
        if (chars > MAX_ARGUMENT_CHARS && chars - text.length() <= MAX_ARGUMENT_CHARS) {
            problem("", "have more than " + MAX_ARGUMENT_CHARS + " characters");
        }
        boolean control =
                text.chars().anyMatch(c -> (c < ' ' && c != '\n' && c != '\r' && c != '\t') || (c >= 0x7f && c < 0xa0));
        if (control) {
            problem(place, "has " + what + " with control characters");
        }
    }

    private static boolean isCommand(String name) {
        return COMMANDS.contains(name.toLowerCase(Locale.ROOT).replaceAll("[_-]", ""));
    }

    /** Whether a path is absolute, or has more steps up than down at some place. */
    private static boolean leaves(String path) {
        String slashes = path.replace('\\', '/');
        if (slashes.startsWith("/") || slashes.startsWith("~") || slashes.matches("(?s)[A-Za-z]:.*")) {
            return true;
        }
        int depth = 0;
        for (String step : slashes.split("/")) {
            depth += step.equals("..") ? -1 : step.isEmpty() || step.equals(".") ? 0 : 1;
            if (depth < 0) {
                return true;
            }
        }
        return false;
    }
}
