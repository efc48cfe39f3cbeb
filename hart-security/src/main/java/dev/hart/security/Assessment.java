package dev.hart.security;

import dev.hart.guard.Verdict;
import dev.hart.guard.Verdict.Finding;
import java.util.List;

/**
 * A verdict of the built-in rules and how it came about: what a threshold is chosen by.
 *
 * @param score 0 to 100: of what was found, also of what is too little to flag
 * @param findings one for each rule, the heaviest first; at most 50
 */
public record Assessment(Verdict verdict, int score, List<Finding> findings) {
    public Assessment {
        findings = List.copyOf(findings);
    }
}
