package dev.hart.security.rules;

import dev.hart.security.canonical.CanonicalText;
import dev.hart.security.canonical.SignedBytes;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * SHA-256 of the class files of the rules, by class name. A list made at the release and signed there shows later that a
 * class was replaced, added or left out; a class from another jar than its neighbours is noticed without any list.
 *
 * <p>What it reads is the class file that the loader would hand out, not the code in memory: an agent that redefines a
 * class goes unseen, and whoever replaces this class too sees what he likes. Immutable.
 */
public final class ClassDigests {
    private static final String TYPE = "application/vnd.hart.class-digests";
    private static final String UNREADABLE = "unreadable";
    private static final List<Class<?>> RULES = List.of(
            Attestation.class,
            CanonicalText.class,
            SignedBytes.class,
            Caps.class,
            ClassDigests.class,
            CodeChange.class,
            ComputeDemocracy.class,
            ConflictResolver.class,
            Constitution.class,
            ConstitutionalFilter.class,
            ConstructiveFilter.class,
            EnergyAwareness.class,
            FraudAlert.class,
            FraudSignals.class,
            Goal.class,
            Governance.class,
            GovernanceDecision.class,
            GovernanceScorers.class,
            GuardrailEnforcer.class,
            GuardrailNetwork.class,
            HiveEthos.class,
            Names.class,
            Outliers.class,
            PeerIntegrity.class,
            ProtectedPaths.class,
            QuarantineEntry.class,
            QuarantineStore.class,
            Rule.class,
            RuleVectors.class,
            Signal.class,
            SignatureCheck.class,
            SkillPacket.class,
            TrustContract.class,
            TrustContracts.class,
            TrustQuarantine.class,
            WorldModelSafetyBounds.class);

    private final Map<String, String> digests;
    private final List<String> strangers;

    private ClassDigests(Map<String, String> digests, List<String> strangers) {
        this.digests = Map.copyOf(digests);
        this.strangers = List.copyOf(strangers);
    }

    /** Those of every class of this package, nested and anonymous ones too. */
    public static ClassDigests ofRules() {
        return of(RULES);
    }

    /** Those of some classes, with everything nested in them. */
    public static ClassDigests of(List<Class<?>> classes) {
        Map<String, String> digests = new TreeMap<>();
        List<String> strangers = new ArrayList<>();
        String home = home(classes.get(0));
        for (Class<?> type : classes) {
            add(type, digests);
            if (!home(type).equals(home)) {
                strangers.add(type.getName());
            }
        }
        return new ClassDigests(digests, strangers);
    }

    /** Lower-case hex SHA-256 by class name; {@code unreadable} where there was no class file. */
    public Map<String, String> byClass() {
        return digests;
    }

    /** A line {@code <digest> <class name>} for each class, sorted by name, each ended by a line feed: what a release signs. */
    public String lines() {
        StringBuilder lines = new StringBuilder();
        new TreeMap<>(digests)
                .forEach((name, digest) ->
                        lines.append(digest).append(' ').append(name).append('\n'));
        return lines.toString();
    }

    /** Lower-case hex SHA-256 of {@link #lines}: shown beside the guardrail hash, never mixed into it. */
    public String sha256() {
        return SignedBytes.sha256(lines());
    }

    /** The bytes that a release signs for a list of digests. */
    public static byte[] toSign(String lines) {
        return SignedBytes.of(TYPE, lines.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * What differs from a list that a release signed, a sentence each; empty when nothing does.
     *
     * @param signedLines as {@link #lines} gave them
     * @param publicKeyHex the key that the host trusts for releases
     */
    public List<String> differences(
            String signedLines, String signatureHex, String publicKeyHex, SignatureCheck signatures) {
        return signatures.isValid(publicKeyHex, toSign(signedLines), signatureHex)
                ? differences(signedLines)
                : List.of("the list of class digests is not signed by the release key");
    }

    /** What differs from an earlier list, a sentence each; empty when nothing does. */
    public List<String> differences(String earlierLines) {
        List<String> found = new ArrayList<>();
        strangers.forEach(name -> found.add("class " + name + " comes from another place than its neighbours"));
        Map<String, String> missing = new TreeMap<>();
        for (String line : earlierLines.split("\n", -1)) {
            int space = line.indexOf(' ');
            if (space > 0) {
                missing.put(line.substring(space + 1), line.substring(0, space));
            } else if (!line.isEmpty()) {
                found.add("the list of class digests has a line without a class: " + line);
            }
        }
        new TreeMap<>(digests).forEach((name, digest) -> {
            String expected = missing.remove(name);
            if (digest.equals(UNREADABLE)) {
                found.add("class " + name + " cannot be read");
            } else if (expected == null) {
                found.add("class " + name + " is not on the list");
            } else if (!expected.equals(digest)) {
                found.add("class " + name + " was changed");
            }
        });
        missing.keySet().forEach(name -> found.add("class " + name + " is missing"));
        return List.copyOf(found);
    }

    private static void add(Class<?> type, Map<String, String> digests) {
        digests.put(type.getName(), digest(type, type.getName()));
        for (int i = 1; ; i++) { // what the compiler made without a name is numbered from 1
            String name = type.getName() + "$" + i;
            String digest = digest(type, name);
            if (digest.equals(UNREADABLE)) {
                break;
            }
            digests.put(name, digest);
        }
        for (Class<?> nested : type.getDeclaredClasses()) {
            add(nested, digests);
        }
    }

    private static String digest(Class<?> near, String name) {
        try (InputStream in = near.getResourceAsStream("/" + name.replace('.', '/') + ".class")) {
            return in == null ? UNREADABLE : SignedBytes.sha256(in.readAllBytes());
        } catch (IOException e) {
            return UNREADABLE;
        }
    }

    private static String home(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        URL place = source == null ? null : source.getLocation();
        return place == null ? "" : place.toString();
    }
}
