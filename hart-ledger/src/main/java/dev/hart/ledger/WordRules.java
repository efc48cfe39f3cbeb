package dev.hart.ledger;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Classifies by words of the description. */
final class WordRules implements Classifier {
    private static final Pattern ON_FAILURE =
            words("if\\b.{0,200}\\bfail\\w*|on (?:failure|error)|in case of (?:failure|error)|otherwise|fall ?back");
    private static final Pattern ON_SUCCESS = words("if\\b.{0,200}\\bsucceed\\w*|on success");
    private static final Pattern AFTERWARDS =
            words("then|after\\w*|once|next|finally|follow(?:s|ing)?[ -]?up|when done");
    private static final Pattern BEFOREHAND = words("first|before\\w*|needs?|needed|requires?|required|prerequisite");
    private static final Pattern URGENT = words("urgent\\w*|critical\\w*|asap|immediately|emergency");
    private static final Pattern UNHURRIED =
            words("low[ -]priority|eventually|nice[ -]to[ -]have|some ?day|when there is time|optional\\w*");

    private static Pattern words(String alternatives) {
        return Pattern.compile("\\b(?:" + alternatives + ")\\b");
    }

    @Override
    public String classify(Discovery discovery) {
        String text = discovery.description().toLowerCase(Locale.ROOT);
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put(
                "priority",
                URGENT.matcher(text).find() ? 80L : UNHURRIED.matcher(text).find() ? 20L : 50L);
        String related = discovery.discoveredBy();
        Relationship relationship = related == null ? Relationship.INDEPENDENT : relationship(text);
        answer.put("relationship", relationship.wireName());
        if (related != null) {
            answer.put("related_to_task_id", related);
        }
        if (relationship == Relationship.CONDITIONAL) {
            answer.put(
                    "condition",
                    Map.of("required_outcome", ON_FAILURE.matcher(text).find() ? "failure" : "success"));
        } else if (relationship == Relationship.SIBLING) {
            answer.put("execution_mode", ExecutionMode.PARALLEL.wireName());
        }
        answer.put("reasoning", "words of the description");
        return CanonicalJson.write(answer);
    }

    private static Relationship relationship(String text) {
        if (ON_FAILURE.matcher(text).find() || ON_SUCCESS.matcher(text).find()) {
            return Relationship.CONDITIONAL;
        } else if (AFTERWARDS.matcher(text).find()) {
            return Relationship.SEQUENTIAL;
        } else if (BEFOREHAND.matcher(text).find()) {
            return Relationship.CHILD;
        }
        return Relationship.SIBLING;
    }
}
