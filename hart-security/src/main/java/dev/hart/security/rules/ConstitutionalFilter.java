package dev.hart.security.rules;

import dev.hart.guard.Provenance;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.guard.Verdict;
import dev.hart.security.Guardrails;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Puts goals, prompts, skill packets and changes of code to the rules. Texts go through the {@link Guardrails}, whose word
 * rules are the only ones; this class adds what no text shows: who sends, and which file is meant. Immutable and
 * thread-safe.
 */
public final class ConstitutionalFilter {
    private final Guardrails guardrails;

    public ConstitutionalFilter(Guardrails guardrails) {
        this.guardrails = guardrails;
    }

    /** Injection, harmful content and self-interest in title, description and settings. */
    public Verdict checkGoal(Goal goal) {
        return guardrails.check(Rail.GOAL, Subject.text(goal.text(), Provenance.USER));
    }

    /** Injection and harmful content. */
    public Verdict checkPrompt(String prompt, Provenance provenance) {
        return guardrails.check(Rail.PROMPT, Subject.text(prompt, provenance));
    }

    /** A skill packet by its words and its sender: a suspicious or banned node exports nothing (C16). */
    public Verdict checkSkillPacket(SkillPacket packet, PeerIntegrity.Status sender) {
        if (sender == PeerIntegrity.Status.SUSPICIOUS || sender == PeerIntegrity.Status.BANNED) {
            return new Verdict.Refused(
                    "C16",
                    "the sending node is " + sender.name().toLowerCase(Locale.ROOT) + ", so it exports no skill");
        }
        return guardrails.check(
                Rail.SKILL_EXPORT, Subject.text(packet.description() + "\n" + packet.taskId(), Provenance.PEER));
    }

    /**
     * A change of code by its canonical paths, those that its diff names among them, and by the words of its diff (C13).
     * A path counts as protected in any case, with any {@code .}, {@code ..}, empty or encoded part.
     */
    public Verdict checkCodeChange(CodeChange change) {
        Set<String> paths = new LinkedHashSet<>(change.paths());
        paths.addAll(pathsOf(change.diff()));
        if (paths.isEmpty()) {
            return new Verdict.Refused("C13", "the change names no file, so nobody can tell what it changes");
        }
        for (String path : paths) {
            String refusal = ProtectedPaths.refusal(path);
            if (!refusal.isEmpty()) {
                return new Verdict.Refused("C13", refusal);
            }
        }
        return guardrails.check(Rail.CODE_CHANGE, Subject.text(added(change.diff()), Provenance.USER));
    }

    private static List<String> pathsOf(String diff) {
        List<String> paths = new ArrayList<>();
        for (String line : diff.split("\\R", -1)) {
            if (line.startsWith("+++ ") || line.startsWith("--- ")) {
                addPath(line.substring(4), paths);
            } else if (line.startsWith("rename ") || line.startsWith("copy ")) {
                String rest = line.substring(line.indexOf(' ') + 1);
                if (rest.startsWith("from ") || rest.startsWith("to ")) {
                    addPath(rest.substring(rest.indexOf(' ') + 1), paths);
                }
            } else if (line.startsWith("diff --git ")) {
                // "a/x b/x": the paths have no marked end, so each word that begins like one is looked at.
                for (String word : line.substring("diff --git ".length()).split(" ", -1)) {
                    addPath(word, paths);
                }
            }
        }
        return paths;
    }

    private static void addPath(String text, List<String> paths) {
        int tab = text.indexOf('\t');
        String path = (tab < 0 ? text : text.substring(0, tab)).strip();
        if (path.length() > 1 && path.startsWith("\"") && path.endsWith("\"")) {
            path = unquoted(path.substring(1, path.length() - 1));
        }
        if (path.startsWith("a/") || path.startsWith("b/")) {
            path = path.substring(2);
        }
        if (!path.isEmpty() && !path.equals("/dev/null")) {
            paths.add(path);
        }
    }

    /** A name as git quotes it: octal digits for bytes, and letters for controls, which become blanks here. */
    private static String unquoted(String quoted) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(quoted.length());
        for (int i = 0; i < quoted.length(); i++) {
            char c = quoted.charAt(i);
            if (c != '\\' || i + 1 == quoted.length()) {
                int end = quoted.offsetByCodePoints(i, 1);
                bytes.writeBytes(quoted.substring(i, end).getBytes(StandardCharsets.UTF_8));
                i = end - 1;
                continue;
            }
            String octal = quoted.substring(i + 1, Math.min(i + 4, quoted.length()));
            if (octal.matches("[0-3][0-7]{2}")) {
                bytes.write(Integer.parseInt(octal, 8));
                i += 3;
            } else {
                char escaped = quoted.charAt(++i);
                bytes.write(escaped == '"' || escaped == '\\' ? escaped : ' ');
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** The lines that the change brings in; a text that is no diff is read whole. */
    private static String added(String diff) {
        if (!diff.contains("\n@@") && !diff.startsWith("@@")) {
            return diff;
        }
        StringBuilder added = new StringBuilder();
        for (String line : diff.split("\\R", -1)) {
            if (line.startsWith("+")) {
                added.append(line, 1, line.length()).append('\n');
            }
        }
        return added.toString();
    }
}
