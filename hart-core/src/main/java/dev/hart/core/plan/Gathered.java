package dev.hart.core.plan;

import dev.hart.Inputs;
import dev.hart.core.json.JsonText;
import dev.hart.core.plan.Draft.Taken;
import dev.hart.error.CannotPlanException.Missing;
import dev.hart.error.InputInvalidException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request, with the values that came with it, and those that a person was asked for and gave.
 *
 * @param request the words that were said first
 * @param given the values, in the order in which they were given
 */
public record Gathered(String request, List<Given> given) {
    private static final Pattern INPUT = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,63}");

    public Gathered {
        given = List.copyOf(given);
    }

    /**
     * A request and the values that came with it.
     *
     * @throws InputInvalidException when one has a name that no input may have, or is null
     */
    public static Gathered of(String request, Inputs inputs) {
        List<Given> given = new ArrayList<>();
        inputs.values().forEach((name, value) -> {
            if (!INPUT.matcher(name).matches()) {
                throw new InputInvalidException(name, "is no name: a letter, then letters, digits and _, at most 64");
            }
            if (value == null) {
                throw new InputInvalidException(name, "is null; leave it out");
            }
            given.add(new Given(new Missing("", "", name, "", Map.of("type", type(value))), value));
        });
        return new Gathered(request, given);
    }

    private static String type(Object value) {
        if (value instanceof String) {
            return "string";
        } else if (value instanceof Boolean) {
            return "boolean";
        } else if (value instanceof Long) {
            return "integer";
        } else if (value instanceof Number) {
            return "number";
        }
        return value instanceof List<?> ? "array" : "object";
    }

    /**
     * The answer to a question, or a value that came with the request: no question was asked for that.
     *
     * @param value a JSON value
     */
    public record Given(Missing missing, @Nullable Object value) {
        boolean isInput() {
            return missing.question().isEmpty();
        }

        String words() {
            return value instanceof String text ? text : JsonText.of(value);
        }
    }

    /** The same with one more value. */
    public Gathered with(Given next) {
        List<Given> all = new ArrayList<>(given);
        all.add(next);
        return new Gathered(request, all);
    }

    /** The request and the values as one text: what would have been said had all been known. */
    public String text() {
        StringBuilder text = new StringBuilder(request);
        given.forEach(each -> text.append(before(each)).append(each.words()).append(')'));
        return text.toString();
    }

    private static String before(Given each) {
        return " (" + each.missing().argument() + ": ";
    }

    /** The names of the values that came with the request and that no step takes. */
    public List<String> unusedBy(Draft draft) {
        return given.stream()
                .filter(each ->
                        each.isInput() && draft.actions().stream().noneMatch(action -> takes(action.args(), each)))
                .map(each -> each.missing().argument())
                .toList();
    }

    private static boolean takes(@Nullable Object argument, Given each) {
        if (argument instanceof Map<?, ?> map && !map.equals(each.value())) {
            return map.values().stream().anyMatch(inner -> takes(inner, each));
        }
        if (argument instanceof List<?> list && !list.equals(each.value())) {
            return list.stream().anyMatch(inner -> takes(inner, each));
        }
        return argument instanceof String text
                ? text.replace("\\{{", "{{").contains(each.words())
                : JsonText.of(argument).equals(JsonText.of(each.value()));
    }

    /** The value that was given for an argument; null when none was. */
    @Nullable
    Given given(String part, String tool, String argument) {
        return given.stream()
                .filter(each -> each.isInput()
                        ? each.missing().argument().equals(argument.substring(argument.lastIndexOf('.') + 1))
                        : each.missing().part().equals(part)
                                && each.missing().tool().equals(tool)
                                && each.missing().argument().equals(argument))
                .findFirst()
                .orElse(null);
    }

    /** What was taken from the request, and the values as they stand in {@link #text()}. */
    List<Taken> taken(List<Taken> fromRequest) {
        List<Taken> taken = new ArrayList<>(fromRequest);
        Set<String> names = new HashSet<>();
        taken.forEach(each -> names.add(each.input()));
        int at = request.length();
        for (Given each : given) {
            int start = at + before(each).length();
            int end = start + each.words().length();
            String argument = each.missing().argument();
            String name = argument.substring(argument.lastIndexOf('.') + 1);
            for (int n = 2; !names.add(name); n++) {
                name = argument.substring(argument.lastIndexOf('.') + 1) + n;
            }
            taken.add(new Taken(name, each.value(), start, end, each.missing().schema()));
            at = end + 1;
        }
        return taken;
    }
}
