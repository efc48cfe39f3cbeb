package dev.hart.core.plan;

import dev.hart.core.plan.Parameter.Role;
import dev.hart.core.plan.Parameter.Type;
import dev.hart.core.plan.PlannedStep.Link;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds what the earlier steps of a plan give to a later one: "it", "the result", "the total", or an argument that is still open. */
record Linker(Clause clause, List<PlannedStep> earlier) {
    private static final Set<Role> NEVER_A_RESULT =
            Set.of(Role.PATH, Role.URL, Role.COLUMN, Role.EMAIL, Role.UNIT, Role.DATE, Role.PLACE, Role.PERSON);

    /** Tokens of the clause that stand for an earlier result, with the place of the step that gives it. */
    Map<Integer, Integer> references() {
        Map<Integer, Integer> references = new HashMap<>();
        if (earlier.isEmpty()) {
            return references;
        }
        Lexicon lexicon = Lexicon.english();
        for (int i = clause.begin(); i < clause.end(); i++) {
            Token token = clause.token(i);
            if (!token.isWord()) {
                continue;
            }
            boolean definite = i > clause.begin()
                    && (clause.token(i - 1).is("the")
                            || clause.token(i - 1).is("that")
                            || clause.token(i - 1).is("this"));
            if (lexicon.isAnaphor(token.lower()) && (definite || !lexicon.isGeneric(token.stem()))) {
                references.put(i, earlier.size() - 1);
            } else if (definite) {
                int step = namedStep(token);
                if (step >= 0) {
                    references.put(i, step);
                }
            }
        }
        return references;
    }

    /** The latest step whose tool is about the word, "the total" for a sum; -1 when there is none. */
    private int namedStep(Token noun) {
        for (int i = earlier.size() - 1; i >= 0; i--) {
            ToolProfile tool = earlier.get(i).match().tool();
            Set<String> topics = new HashSet<>(tool.nameStems());
            topics.addAll(earlier.get(i).clause().topic());
            topics.addAll(tool.topicStems());
            if (topics.stream().anyMatch(stem -> Lexicon.english().likeness(noun.stem(), stem) >= 0.8)) {
                return i;
            }
        }
        return -1;
    }

    /** What an open argument gets: from the step that the words refer to, else from the latest step whose result fits. */
    Optional<Link> link(Parameter parameter, Map<Integer, Integer> references) {
        boolean referred = !references.isEmpty();
        if (!parameter.roles().stream().noneMatch(NEVER_A_RESULT::contains)
                && !(referred && parameter.is(Role.CONTENT))) {
            return Optional.empty();
        }
        int latest = references.values().stream().max(Integer::compare).orElse(earlier.size() - 1);
        for (int i = latest; i >= 0; i--) {
            Optional<Link> link = result(i, parameter);
            if (link.isPresent()) {
                return link;
            }
        }
        return Optional.empty();
    }

    private Optional<Link> result(int step, Parameter parameter) {
        Map<String, @Nullable Object> output =
                earlier.get(step).match().tool().spec().outputSchema();
        Map<String, @Nullable Object> fields = Parameter.object(output.get("properties"));
        for (Map.Entry<String, @Nullable Object> field : fields.entrySet()) {
            boolean named = Tokens.stems(field.getKey()).stream()
                    .anyMatch(stem -> parameter.stems().contains(stem) || said(stem));
            if (fits(Parameter.object(field.getValue()), parameter) && (named || fields.size() == 1)) {
                return Optional.of(new Link(step, field.getKey()));
            }
        }
        return fits(output, parameter) ? Optional.of(new Link(step, "")) : Optional.empty();
    }

    private boolean said(String stem) {
        return clause.topic().contains(stem);
    }

    /** Whether a result of the schema can be the argument; texts take every result, as it is written out. */
    private static boolean fits(Map<String, @Nullable Object> output, Parameter parameter) {
        String type = Parameter.typeOf(output);
        if (type.isEmpty()) {
            return parameter.is(Role.CONTENT) || parameter.type() == Type.ANY;
        }
        if (parameter.type() == Type.ANY) {
            return !type.equals("null");
        }
        if (parameter.list()) {
            return type.equals("array");
        }
        return switch (parameter.type()) {
            case TEXT ->
                parameter.options().isEmpty()
                        && !type.equals("null")
                        && (parameter.is(Role.CONTENT)
                                || type.equals("string")
                                || Objects.equals(type, "number")
                                || type.equals("integer"));
            case NUMBER -> type.equals("number") || type.equals("integer");
            case INTEGER -> type.equals("integer");
            case BOOLEAN -> type.equals("boolean");
            case OBJECT -> type.equals("object");
            case ANY -> true;
        };
    }
}
