package dev.hart.core.plan;

import dev.hart.core.json.JsonText;
import dev.hart.core.plan.Draft.Taken;
import dev.hart.error.CannotPlanException.Missing;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request, with the values that a person was asked for and gave.
 *
 * @param request the words that were said first
 * @param given the values, in the order in which they were given
 */
public record Gathered(String request, List<Given> given) {
    public Gathered {
        given = List.copyOf(given);
    }

    /**
     * The answer to a question.
     *
     * @param value a JSON value
     */
    public record Given(Missing missing, @Nullable Object value) {
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

    /** The value that was given for an argument; null when none was. */
    @Nullable
    Given given(String part, String tool, String argument) {
        return given.stream()
                .filter(each -> each.missing().part().equals(part)
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
