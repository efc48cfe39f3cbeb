package dev.hart.security;

import dev.hart.guard.Rail;
import dev.hart.guard.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Which rules of the book count on which rail. */
final class BuiltInRules {
    private static final int SECRET_IN_REPLY = 85;
    private static final int SECRET_IN_RESULT = 40;

    private final RuleBook book;
    private final TextScan scan;
    private final SecretRedactor secrets = new SecretRedactor();

    BuiltInRules(RuleBook book) {
        this.book = book;
        this.scan = new TextScan(book);
    }

    Map<String, String> titles() {
        return book.titles();
    }

    List<Evidence> findings(Rail rail, Subject subject) {
        if (subject.text().isBlank()) {
            return List.of();
        }
        List<Evidence> found = new ArrayList<>();
        for (Evidence evidence : scan.scan(subject.text(), subject.provenance())) {
            if (applies(rail, evidence.rule())) {
                found.add(evidence);
            }
        }
        if (rail == Rail.RESPONSE || rail == Rail.TOOL_RESULT) {
            int weight = rail == Rail.RESPONSE ? SECRET_IN_REPLY : SECRET_IN_RESULT;
            secrets.firstCredential(subject.text())
                    .ifPresent(span -> found.add(new Evidence("SECRET", weight, span.start(), span.end())));
        }
        return found;
    }

    private static boolean applies(Rail rail, String rule) {
        if (rule.equals("MALFORMED")) {
            return true;
        }
        return switch (rule.charAt(0)) {
            case 'I' -> rail != Rail.PLAN && (rail != Rail.RESPONSE || rule.equals("I8"));
            case 'V' -> rail == Rail.PROMPT || rail == Rail.PLAN || rail == Rail.RESPONSE;
            case 'D' -> rail == Rail.RESPONSE;
            case 'S' -> rail == Rail.PROMPT || rail == Rail.PLAN;
            default -> throw new IllegalStateException("rule " + rule + " belongs to no group");
        };
    }
}
