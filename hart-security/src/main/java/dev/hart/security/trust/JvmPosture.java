package dev.hart.security.trust;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * How open the running JVM is to being changed, as far as a JVM can see that itself: by the options that it was started
 * with. An agent that attaches later, native code, a debugger that came by another way, and whoever owns the host are not
 * seen, and can change anything.
 *
 * @param findings what each is about, such as the option
 */
public record JvmPosture(Map<Finding, String> findings) {
    /** What was found; the {@link #isSerious serious} ones let others change running code. */
    public enum Finding {
        /** An agent was loaded at the start: -javaagent, -agentlib or -agentpath. */
        AGENT(true),
        /** A debugger may connect, or did. */
        DEBUG(true),
        /** Classes are not verified when they are loaded. */
        NO_VERIFICATION(true),
        /** A module is opened, exported or read further than it says: --add-opens and its kin. */
        OPENED(true),
        /** Classes of a module are replaced: --patch-module. */
        PATCHED(true),
        /** Classes are put before the JDK's: -Xbootclasspath. */
        BOOT_CLASS_PATH(true),
        /** The JVM is managed from another machine. */
        REMOTE_MANAGEMENT(true),
        /** Agents may attach while the JVM runs: there is no -XX:+DisableAttachMechanism. */
        ATTACH_ENABLED(false),
        /** HART is on the class path, where modules protect nothing. */
        CLASS_PATH(false);

        private final boolean serious;

        Finding(boolean serious) {
            this.serious = serious;
        }

        /** Whether strict enforcement refuses it. */
        public boolean isSerious() {
            return serious;
        }
    }

    public JvmPosture {
        findings = Map.copyOf(findings);
    }

    /** Looks at this JVM. */
    public static JvmPosture scan() {
        List<String> options =
                new ArrayList<>(ManagementFactory.getRuntimeMXBean().getInputArguments());
        for (String variable : new String[] {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"}) {
            String value = System.getenv(variable);
            if (value != null) {
                options.addAll(List.of(value.trim().split("\\s+")));
            }
        }
        return of(options, JvmPosture.class.getModule().isNamed());
    }

    static JvmPosture of(List<String> options, boolean named) {
        Map<Finding, String> findings = new EnumMap<>(Finding.class);
        boolean attach = true;
        for (String option : options) {
            if (option.startsWith("-agentlib:jdwp")
                    || option.startsWith("-Xrunjdwp")
                    || option.equals("-Xdebug")
                    || option.startsWith("-agentlib:hprof")) {
                findings.putIfAbsent(Finding.DEBUG, option);
            } else if (option.startsWith("-javaagent:")
                    || option.startsWith("-agentlib:")
                    || option.startsWith("-agentpath:")
                    || option.startsWith("-Xrun")) {
                findings.putIfAbsent(Finding.AGENT, option);
            } else if (option.equals("-noverify")
                    || option.equals("-Xverify:none")
                    || option.startsWith("-XX:-BytecodeVerification")) {
                findings.putIfAbsent(Finding.NO_VERIFICATION, option);
            } else if (option.startsWith("--add-opens")
                    || option.startsWith("--add-exports")
                    || option.startsWith("--add-reads")
                    || option.startsWith("--illegal-access")) {
                findings.putIfAbsent(Finding.OPENED, option);
            } else if (option.startsWith("--patch-module")) {
                findings.putIfAbsent(Finding.PATCHED, option);
            } else if (option.startsWith("-Xbootclasspath")) {
                findings.putIfAbsent(Finding.BOOT_CLASS_PATH, option);
            } else if (option.startsWith("-Dcom.sun.management.jmxremote")) {
                findings.putIfAbsent(Finding.REMOTE_MANAGEMENT, option);
            } else if (option.equals("-XX:+DisableAttachMechanism")) {
                attach = false;
            }
        }
        if (attach) {
            findings.put(Finding.ATTACH_ENABLED, "start with -XX:+DisableAttachMechanism to close it");
        }
        if (!named) {
            findings.put(Finding.CLASS_PATH, "start HART on the module path to close it");
        }
        return new JvmPosture(findings);
    }

    /** Whether nothing serious was found. */
    public boolean isSound() {
        return findings.keySet().stream().noneMatch(Finding::isSerious);
    }

    /** What was found, such as {@code AGENT (-javaagent:x.jar), ATTACH_ENABLED (…)}. */
    @Override
    public String toString() {
        List<String> said = new ArrayList<>();
        new TreeSet<>(findings.keySet()).forEach(finding -> said.add(finding + " (" + findings.get(finding) + ")"));
        return said.isEmpty() ? "nothing found" : String.join(", ", said);
    }
}
