package dev.hart.core.plan;

import dev.hart.core.model.ModelCall;
import dev.hart.core.plan.Draft.DraftAction;
import dev.hart.core.plan.Draft.Taken;
import dev.hart.core.plan.ModelPlannerCheck.Plan;
import dev.hart.recipe.Placeholder;
import dev.hart.recipe.StepKind;
import dev.hart.tool.ToolSpec;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds which arguments of a plan came from the request. A literal whose words stand in the request, as whole words and in
 * the request's own spelling before any other, is an input of the recipe that may be learned; any other literal is a
 * constant. A model is not asked about this: it might say anything.
 */
final class ModelPlannerInputs {
    private static final Pattern NUMBER = Pattern.compile("[-+]?\\d{1,30}(?:,\\d{3}){0,9}(?:\\.\\d{1,30})?");
    private static final Pattern NOT_IN_NAMES = Pattern.compile("[^A-Za-z0-9_]+");
    private static final Pattern NOT_IN_WORDS = Pattern.compile("[^\\p{L}\\p{N}]+");
    private static final String QUOTES = "\"'`“”„‘’«»";
    private static final int MAX_NAME = 64;

    private final String request;
    private final Set<String> names = new HashSet<>();
    private final List<Taken> taken = new ArrayList<>();

    private ModelPlannerInputs(String request) {
        this.request = request;
    }

    /** A literal argument. */
    private record Literal(String action, String argument, Object value, Map<String, @Nullable Object> schema) {}

    /** Where words stand in the request. */
    private record Span(int start, int end) {}

    static Draft draft(String request, Plan plan, List<ToolSpec> tools, List<ModelCall> calls) {
        return new Draft(
                recipeName(plan.name(), request),
                plan.actions(),
                new ModelPlannerInputs(request).take(literals(plan.actions(), tools)),
                plan.answers().stream().distinct().toList(),
                calls,
                plan.flows());
    }

    /** The arguments of actions that came from the words of a request. */
    static List<Taken> taken(String request, List<DraftAction> actions, List<ToolSpec> tools) {
        return new ModelPlannerInputs(request).take(literals(actions, tools));
    }

    private List<Taken> take(List<Literal> literals) {
        // The longest first: "march.csv" is one value, not the "march" of another argument.
        literals.stream()
                .sorted(Comparator.comparingInt(
                        literal -> -String.valueOf(literal.value()).length()))
                .forEach(this::take);
        return taken.stream().sorted(Comparator.comparingInt(Taken::start)).toList();
    }

    private void take(Literal literal) {
        if (taken.stream().anyMatch(earlier -> literal.value().equals(earlier.value()))) {
            return;
        }
        Span span = literal.value() instanceof String text ? find(text) : find((Number) literal.value());
        if (span != null) {
            taken.add(new Taken(inputName(literal), literal.value(), span.start(), span.end(), literal.schema()));
        }
    }

    private @Nullable Span find(String text) {
        Span exact = find(request, text);
        return exact != null || text.length() < 2
                ? exact
                : find(request.toLowerCase(Locale.ROOT), text.toLowerCase(Locale.ROOT));
    }

    private @Nullable Span find(String where, String text) {
        // Lower case may change a text's length, and then places no longer mean the same.
        if (text.isBlank() || where.length() != request.length()) {
            return null;
        }
        for (int start = where.indexOf(text); start >= 0; start = where.indexOf(text, start + 1)) {
            Span span = new Span(start, start + text.length());
            if (isFree(span) && (isQuoted(span) || (text.length() > 1 && isWhole(span) && hasWord(text)))) {
                return span;
            }
        }
        return null;
    }

    private @Nullable Span find(Number number) {
        BigDecimal value = number instanceof BigDecimal decimal ? decimal : BigDecimal.valueOf(number.longValue());
        Matcher matcher = NUMBER.matcher(request);
        while (matcher.find()) {
            Span span = new Span(matcher.start(), matcher.end());
            if (isFree(span)
                    && standsAlone(span)
                    && new BigDecimal(matcher.group().replace(",", "")).compareTo(value) == 0) {
                return span;
            }
        }
        return null;
    }

    private boolean isFree(Span span) {
        return taken.stream().allMatch(other -> span.end() <= other.start() || span.start() >= other.end());
    }

    private boolean isQuoted(Span span) {
        return QUOTES.indexOf(charAt(span.start() - 1)) >= 0 && QUOTES.indexOf(charAt(span.end())) >= 0;
    }

    private boolean isWhole(Span span) {
        return !(Character.isLetterOrDigit(request.charAt(span.start())) && joins(span.start() - 1))
                && !(Character.isLetterOrDigit(request.charAt(span.end() - 1)) && joins(span.end()));
    }

    private boolean joins(int place) {
        char c = charAt(place);
        return Character.isLetterOrDigit(c) || c == '_';
    }

    private static boolean hasWord(String text) {
        return text.chars().anyMatch(Character::isLetterOrDigit);
    }

    /** Not part of a word, a path, a date or a longer number. */
    private boolean standsAlone(Span span) {
        char before = charAt(span.start() - 1);
        char after = charAt(span.end());
        char next = charAt(span.end() + 1);
        boolean goesOn = Character.isLetterOrDigit(after)
                || after == '_'
                || ("./-:,".indexOf(after) >= 0 && Character.isLetterOrDigit(next));
        return !goesOn && !Character.isLetterOrDigit(before) && "_./-:,".indexOf(before) < 0;
    }

    /** The char at a place in the request; a blank outside it. */
    private char charAt(int place) {
        return place < 0 || place >= request.length() ? ' ' : request.charAt(place);
    }

    private String inputName(Literal literal) {
        String base = NOT_IN_NAMES.matcher(literal.argument()).replaceAll("_");
        if (base.isEmpty() || !Character.isLetter(base.charAt(0))) {
            base = "input_" + base;
        }
        String name = shortened(base, MAX_NAME);
        if (names.contains(name)) {
            name = shortened(literal.action() + "_" + base, MAX_NAME);
        }
        for (int i = 2; !names.add(name); i++) {
            name = shortened(base, MAX_NAME - 4) + "_" + i;
        }
        return name;
    }

    private static String shortened(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length);
    }

    private static List<Literal> literals(List<DraftAction> actions, List<ToolSpec> tools) {
        Map<String, ToolSpec> byName = tools.stream().collect(Collectors.toMap(ToolSpec::name, tool -> tool));
        List<Literal> found = new ArrayList<>();
        for (DraftAction action : actions) {
            ToolSpec tool = action.kind() == StepKind.TOOL && action.tool() != null ? byName.get(action.tool()) : null;
            if (tool != null) {
                action.args()
                        .forEach((name, value) -> collect(
                                action.name(),
                                name,
                                value,
                                ModelPlannerTypes.property(tool.inputSchema(), name),
                                found));
            }
        }
        return found;
    }

    private static void collect(
            String action, String argument, @Nullable Object value, Map<?, ?> schema, List<Literal> found) {
        if (value instanceof List<?> items) {
            Map<?, ?> item = schema.get("items") instanceof Map<?, ?> declared ? declared : Map.of();
            items.forEach(each -> collect(action, argument, each, item, found));
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((key, each) -> collect(
                    action, String.valueOf(key), each, ModelPlannerTypes.property(schema, String.valueOf(key)), found));
        } else if (value instanceof Number
                || (value instanceof String text && Placeholder.in(text).isEmpty())) {
            found.add(new Literal(action, argument, value, withType(schema, value)));
        }
    }

    /** An argument without a declared type gets that of its value. */
    private static Map<String, @Nullable Object> withType(Map<?, ?> schema, Object value) {
        if (schema.isEmpty()) {
            return Map.of("type", value instanceof String ? "string" : "number");
        }
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        schema.forEach((key, item) -> copy.put(String.valueOf(key), item));
        return copy;
    }

    private static String recipeName(String proposed, String request) {
        return Stream.of(proposed, request, "recipe")
                .map(ModelPlannerInputs::joined)
                .filter(name -> !name.isEmpty())
                .findFirst()
                .orElseThrow();
    }

    private static String joined(String text) {
        String name = NOT_IN_WORDS.matcher(shortened(text, 200)).replaceAll("-").toLowerCase(Locale.ROOT);
        name = shortened(name.replaceAll("[^a-z0-9-]", "").replaceAll("-{2,}", "-"), MAX_NAME);
        return name.replaceAll("^-|-$", "");
    }
}
