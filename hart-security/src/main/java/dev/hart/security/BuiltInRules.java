package dev.hart.security;

import dev.hart.guard.Hazard;
import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import dev.hart.security.canonical.SignedBytes;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Which rules of the book count on which rail. */
final class BuiltInRules {
    static final String SECRET = "SECRET";
    static final String PERSONAL = "PII";
    private static final String WHOLE = "I14";

    /** What a group of rules is called in {@link #RAILS}. */
    enum Group {
        INJECTION,
        /** Only I8: data in an address. */
        LEAK,
        CONTENT,
        DESPAIR_AND_HATE,
        SELF_INTEREST,
        /** Only I14: what a request reads like as a whole. */
        WHOLE
    }

    /**
     * @param groups that count
     * @param secret weight of a credential, 0 for none
     * @param personal weight of personal data, 0 for none
     * @param numbersOnly only card and social security numbers count as personal data
     */
    record RailRules(List<Group> groups, int secret, int personal, boolean numbersOnly) {}

    static final Map<Rail, RailRules> RAILS = rails();

    private final RuleBook book;
    private final TextScan scan;
    private final SecretRedactor secrets = new SecretRedactor();
    private final PiiScanner personal = new PiiScanner();
    private final JailbreakScore jailbreak = new JailbreakScore();

    BuiltInRules(RuleBook book) {
        this.book = book;
        this.scan = new TextScan(book);
    }

    private static Map<Rail, RailRules> rails() {
        Map<Rail, RailRules> rails = new EnumMap<>(Rail.class);
        List<Group> wish = List.of(Group.INJECTION, Group.CONTENT, Group.SELF_INTEREST);
        List<Group> foreign = List.of(Group.INJECTION, Group.CONTENT);
        List<Group> request = List.of(Group.INJECTION, Group.CONTENT, Group.SELF_INTEREST, Group.WHOLE);
        rails.put(Rail.PROMPT, new RailRules(request, 0, 0, false));
        rails.put(Rail.GOAL, new RailRules(request, 0, 0, false));
        rails.put(Rail.PLAN, new RailRules(List.of(Group.CONTENT, Group.SELF_INTEREST), 0, 0, false));
        rails.put(Rail.ACTION, new RailRules(List.of(Group.INJECTION), 0, 0, false));
        rails.put(Rail.TOOL_RESULT, new RailRules(List.of(Group.INJECTION), 40, 0, false));
        rails.put(Rail.DISPATCH, new RailRules(wish, 40, 0, false));
        rails.put(
                Rail.RESPONSE, new RailRules(List.of(Group.LEAK, Group.CONTENT, Group.DESPAIR_AND_HATE), 85, 40, true));
        rails.put(Rail.PEER_MESSAGE, new RailRules(foreign, 40, 0, false));
        rails.put(Rail.SKILL_EXPORT, new RailRules(List.of(Group.CONTENT, Group.DESPAIR_AND_HATE), 85, 60, false));
        rails.put(
                Rail.SKILL_IMPORT,
                new RailRules(List.of(Group.INJECTION, Group.CONTENT, Group.DESPAIR_AND_HATE), 40, 0, false));
        rails.put(Rail.CODE_CHANGE, new RailRules(List.of(Group.CONTENT, Group.SELF_INTEREST), 85, 0, false));
        rails.put(Rail.REWARD, new RailRules(foreign, 0, 0, false));
        rails.put(Rail.MODEL_UPDATE, new RailRules(foreign, 0, 0, false));
        rails.put(Rail.EGRESS, new RailRules(List.of(Group.LEAK), 85, 60, false));
        return Map.copyOf(rails);
    }

    Map<String, String> titles() {
        return book.titles();
    }

    Map<String, Hazard> hazards() {
        return book.hazards();
    }

    RuleBook book() {
        return book;
    }

    /** All that decides, as it counts in the guardrail hash. */
    Map<String, Object> described() {
        Map<String, Object> described = new TreeMap<>();
        Map<String, Object> ids = new TreeMap<>();
        book.titles()
                .forEach((id, title) -> ids.put(
                        id,
                        Map.of(
                                "hazard",
                                book.hazards().containsKey(id)
                                        ? book.hazards().get(id).code()
                                        : "",
                                "title",
                                title)));
        described.put("rules", ids);
        described.put("phrases", book.sources());
        described.put("markers", Markers.described());
        described.put("secrets", SecretRedactor.described());
        described.put("personal", PiiScanner.described());
        Map<String, Object> rails = new TreeMap<>();
        RAILS.forEach((rail, rules) -> rails.put(
                rail.name(),
                Map.of(
                        "groups", rules.groups().stream().map(Group::name).toList(),
                        "numbersOnly", rules.numbersOnly(),
                        "personal", String.valueOf(rules.personal()),
                        "secret", String.valueOf(rules.secret()))));
        described.put("rails", rails);
        Map<String, Object> digests = new TreeMap<>();
        for (String file : RuleBook.FILES) {
            digests.put(file, SignedBytes.sha256(RuleBook.bytes(file)));
        }
        digests.put(Folding.FOLD_FILE, SignedBytes.sha256(RuleBook.bytes(Folding.FOLD_FILE)));
        digests.put(JailbreakScore.WEIGHTS_FILE, SignedBytes.sha256(RuleBook.bytes(JailbreakScore.WEIGHTS_FILE)));
        digests.put(Folding.LOOK_ALIKE_FILE, SignedBytes.sha256(RuleBook.bytes(Folding.LOOK_ALIKE_FILE)));
        described.put("digests", digests);
        described.put("weights", TextScan.described());
        described.put("whole", JailbreakScore.described());
        described.put(
                "vectors",
                Vectors.read().stream()
                        .map(v -> List.of(v.rail().name(), v.provenance().name(), v.verdict(), v.text()))
                        .toList());
        return described;
    }

    List<Evidence> findings(Rail rail, Subject subject) {
        if (subject.text().isBlank()) {
            return List.of();
        }
        RailRules rules = Objects.requireNonNull(RAILS.get(rail));
        List<Evidence> found = new ArrayList<>();
        for (Evidence evidence : scan.scan(subject.text(), subject.provenance())) {
            if (applies(rules.groups(), evidence.rule())) {
                found.add(evidence);
            }
        }
        int whole = rules.groups().contains(Group.WHOLE) ? jailbreak.weight(subject.text()) : 0;
        if (whole > 0) {
            found.add(new Evidence(WHOLE, whole, -1, -1));
        }
        if (rules.secret() > 0) {
            secrets.firstCredential(subject.text())
                    .ifPresent(span -> found.add(new Evidence(SECRET, rules.secret(), span.start(), span.end())));
        }
        if (rules.personal() > 0) {
            personal.scan(subject.text()).stream()
                    .filter(item -> !rules.numbersOnly() || item.kind().isNumberOfPerson())
                    .findFirst()
                    .ifPresent(item -> found.add(new Evidence(PERSONAL, rules.personal(), item.start(), item.end())));
        }
        return found;
    }

    private static boolean applies(List<Group> groups, String rule) {
        if (rule.equals("MALFORMED")) {
            return true;
        }
        return switch (rule.charAt(0)) {
            case 'I' -> groups.contains(Group.INJECTION) || (rule.equals("I8") && groups.contains(Group.LEAK));
            case 'V' -> groups.contains(Group.CONTENT);
            case 'D' -> groups.contains(Group.DESPAIR_AND_HATE);
            case 'S' -> groups.contains(Group.SELF_INTEREST);
            default -> throw new IllegalStateException("rule " + rule + " belongs to no group");
        };
    }
}
