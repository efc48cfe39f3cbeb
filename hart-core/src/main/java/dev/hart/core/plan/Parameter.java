package dev.hart.core.plan;

import dev.hart.core.plan.Lexicon.Unit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the planner knows about one argument of a tool, read from its schema, name and description.
 *
 * @param path the argument's name, or the names from the outermost object to it
 * @param stems of the words of the name
 * @param hints stems of the words of the description
 * @param schema of the argument
 * @param type of the value, or of the items when {@code list}
 * @param options the only values that are allowed; empty for any
 * @param examples values that the description names
 * @param dimension what the unit named by the description measures; empty when it names none
 * @param unit the first unit word in the description; empty when it names none
 */
record Parameter(
        List<String> path,
        List<String> stems,
        List<String> hints,
        Map<String, @Nullable Object> schema,
        Type type,
        boolean list,
        boolean required,
        List<String> options,
        List<String> examples,
        Set<Role> roles,
        String dimension,
        String unit) {

    enum Type {
        TEXT,
        INTEGER,
        NUMBER,
        BOOLEAN,
        OBJECT,
        ANY
    }

    /** What kind of thing the value names. */
    enum Role {
        PLACE,
        COUNTRY,
        STATE,
        CITY,
        PERSON,
        DATE,
        TIME,
        YEAR,
        PATH,
        URL,
        EMAIL,
        CURRENCY,
        UNIT,
        FORMULA,
        COLOR,
        COLUMN,
        /** What is written or sent: the result of an earlier step more often than words of the request. */
        CONTENT,
        /** Where something begins or comes from. */
        SOURCE,
        /** Where something ends or goes to. */
        TARGET,
        TITLE
    }

    private static final Map<Role, Pattern> BY_NAME = Map.ofEntries(
            Map.entry(
                    Role.PLACE,
                    words("location|city|cities|state|country|countries|place|region|address|county|town|destination"
                            + "|origin|airport|area|jurisdiction|loc|nation|province|venue")),
            Map.entry(Role.COUNTRY, words("country|countries|nation")),
            Map.entry(Role.STATE, words("state|province")),
            Map.entry(Role.CITY, words("city|cities|town")),
            Map.entry(
                    Role.PERSON,
                    words("player|actor|artist|author|scientist|composer|musician|director|person|athlete|celebrity"
                            + "|politician|painter|sculptor|lawyer|singer|patient|employee|customer|recipient|leader")),
            Map.entry(Role.DATE, words("date|dates|birthdate|deadline")),
            Map.entry(Role.TIME, words("time")),
            Map.entry(Role.YEAR, words("year")),
            Map.entry(Role.PATH, words("path|file|filename|filepath|directory|folder")),
            Map.entry(Role.URL, words("url|uri|link|website")),
            Map.entry(Role.EMAIL, words("email|mail")),
            Map.entry(Role.CURRENCY, words("currency|currencies")),
            Map.entry(Role.UNIT, words("unit|units")),
            Map.entry(Role.FORMULA, words("function|expression|equation|formula|polynomial")),
            Map.entry(Role.COLOR, words("color|colour|colors")),
            Map.entry(Role.COLUMN, words("column|columns|field")),
            Map.entry(
                    Role.CONTENT,
                    words("text|content|contents|body|message|data|rows|value|values|input|document|json")),
            Map.entry(
                    Role.SOURCE, words("from|start|starting|origin|source|initial|begin|base|departure|old|lower|low")),
            Map.entry(
                    Role.TARGET,
                    words("to|end|ending|destination|target|final|arrival|dest|new|upper|high|replacement")),
            Map.entry(Role.TITLE, words("title|book|movie|song|event|album|game|show|film")));
    private static final Pattern PLACE_HINT =
            words("city|cities|country|state|location|locations|town|place|geographical area|airport");
    private static final Pattern CITY_HINT = words("the city|name of the city|city");
    private static final Pattern DATE_FORM = Pattern.compile(
            "\\b(yyyy[-/]mm[-/]dd|dd[-/]mm[-/]yyyy|mm[-/]dd[-/]y{2,4}|yyyy[-/]mm|mm[-/]yyyy|yyyy)\\b",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern QUOTED = Pattern.compile("['\"`]([^'\"`]{1,40})['\"`]");
    private static final Pattern EXAMPLES = Pattern.compile(
            "(?:e\\.?g\\.?,?:?|i\\.e\\.?|such as|like|for example,?|for instance,?|can be|could be|either|choices are|options:?"
                    + "|options include|one of|allowed values:?|\\()\\s*([^().;]*)",
            Pattern.CASE_INSENSITIVE);
    private static final int MAX_EXAMPLE_WORDS = 3;
    private static final int MAX_EXAMPLES = 20;

    /** The argument's own name. */
    String name() {
        return path.get(path.size() - 1);
    }

    boolean is(Role role) {
        return roles.contains(role);
    }

    boolean isNumeric() {
        return type == Type.INTEGER || type == Type.NUMBER;
    }

    String description() {
        return schema.get("description") instanceof String text ? text : "";
    }

    /** The form in which a date is wanted, such as {@code YYYY-MM-DD}; ISO 8601 unless the description names one. */
    String dateForm() {
        Matcher form = DATE_FORM.matcher(description());
        return form.find() ? form.group(1).replaceAll("(?i)y{3,4}", "yyyy") : "yyyy-mm-dd";
    }

    boolean namesDateForm() {
        return DATE_FORM.matcher(description()).find();
    }

    /** The argument of a schema. */
    static Parameter of(List<String> path, Map<String, @Nullable Object> schema, boolean required) {
        boolean list = typeOf(schema).equals("array");
        Map<String, @Nullable Object> item = list ? object(schema.get("items")) : schema;
        String name = path.get(path.size() - 1);
        String description =
                Objects.requireNonNullElse(schema.get("description"), "").toString();
        Type type = type(typeOf(item));
        Unit unit = null;
        String unitWord = "";
        if (type == Type.INTEGER || type == Type.NUMBER) {
            for (String word : (description + " " + String.join(" ", Tokens.words(name))).split("[^\\p{L}%$]+", -1)) {
                Unit known = unitOf(word);
                if (known != null && (word.length() > 1 || word.equals("%"))) {
                    unit = known;
                    unitWord = word.toLowerCase(Locale.ROOT);
                    break;
                }
            }
        }
        Map<String, @Nullable Object> parts = Map.copyOf(withoutNulls(schema));
        return new Parameter(
                List.copyOf(path),
                stemsOf(name),
                Tokens.stems(description),
                parts,
                type,
                list,
                required,
                texts(item.get("enum")),
                examples(description),
                roles(name, description, schema, type),
                unit == null ? "" : unit.dimension(),
                unitWord);
    }

    /** Those of its words, and of the name as a whole, which a request may use. */
    private static List<String> stemsOf(String name) {
        List<String> stems = new ArrayList<>(Tokens.stems(name));
        if (stems.size() > 1) {
            stems.add(Stemmer.stem(name.toLowerCase(Locale.ROOT)));
        }
        return List.copyOf(stems);
    }

    private static @Nullable Unit unitOf(String word) {
        return Lexicon.english().unit(word.toLowerCase(Locale.ROOT));
    }

    private static Set<Role> roles(String name, String description, Map<String, @Nullable Object> schema, Type type) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        String words = String.join(" ", Tokens.words(name));
        BY_NAME.forEach((role, pattern) -> {
            if (pattern.matcher(words).find()) {
                roles.add(role);
            }
        });
        if (type == Type.TEXT) {
            String lower = description.toLowerCase(Locale.ROOT);
            boolean named = roles.contains(Role.PERSON) || roles.contains(Role.TITLE) || roles.contains(Role.DATE);
            if (!named
                    && !words.contains("name")
                    && !words.contains("type")
                    && PLACE_HINT.matcher(firstPart(lower)).find()) {
                roles.add(Role.PLACE);
            }
            if (roles.contains(Role.PLACE)
                    && CITY_HINT.matcher(firstPart(lower)).find()) {
                roles.add(Role.CITY);
            }
            if (Objects.requireNonNull(BY_NAME.get(Role.PERSON))
                            .matcher(firstPart(lower))
                            .find()
                    && words.contains("name")) {
                roles.add(Role.PERSON);
            }
            if (lower.contains("hex") || words.contains("format") || words.contains("type")) {
                roles.remove(Role.DATE);
                roles.remove(Role.TIME);
            }
        }
        Object format = schema.get("format");
        if (format != null) {
            switch (format.toString()) {
                case "date", "date-time" -> roles.add(Role.DATE);
                case "path" -> roles.add(Role.PATH);
                case "uri", "url" -> roles.add(Role.URL);
                case "email" -> roles.add(Role.EMAIL);
                default -> {} // other formats say nothing about where the value stands in a sentence
            }
        }
        return Set.copyOf(roles);
    }

    private static String firstPart(String description) {
        int end = description.indexOf('.');
        return end < 0 ? description : description.substring(0, end);
    }

    private static List<String> examples(String description) {
        Set<String> examples = new LinkedHashSet<>();
        int defaults = description.toLowerCase(Locale.ROOT).indexOf("default");
        String head = defaults < 0 ? description : description.substring(0, defaults);
        Matcher quoted = QUOTED.matcher(head);
        while (quoted.find()) {
            examples.add(quoted.group(1));
        }
        Matcher listed = EXAMPLES.matcher(head.replaceAll("['\"`]", ""));
        while (listed.find()) {
            for (String example : listed.group(1).split(",|\\bor\\b|\\band\\b|/|:", -1)) {
                String word = example.strip()
                        .replaceAll("(?i)^e\\.?g\\.?|\\betc$", "")
                        .strip();
                if (!word.isEmpty() && word.split("\\s+", -1).length <= MAX_EXAMPLE_WORDS) {
                    examples.add(word);
                }
            }
        }
        return examples.stream().limit(MAX_EXAMPLES).toList();
    }

    private static Pattern words(String alternatives) {
        return Pattern.compile("\\b(?:" + alternatives + ")\\b");
    }

    static String typeOf(Map<String, @Nullable Object> schema) {
        Object type = schema.get("type");
        if (type instanceof List<?> types) {
            return types.stream()
                    .filter(t -> !"null".equals(t))
                    .findFirst()
                    .map(Object::toString)
                    .orElse("");
        }
        return type == null ? "" : type.toString();
    }

    private static Type type(String type) {
        return switch (type) {
            case "string" -> Type.TEXT;
            case "integer" -> Type.INTEGER;
            case "number" -> Type.NUMBER;
            case "boolean" -> Type.BOOLEAN;
            case "object" -> Type.OBJECT;
            default -> Type.ANY;
        };
    }

    @SuppressWarnings("unchecked") // a JSON object has text keys
    static Map<String, @Nullable Object> object(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, @Nullable Object>) map : Map.of();
    }

    private static Map<String, @Nullable Object> withoutNulls(Map<String, @Nullable Object> schema) {
        Map<String, @Nullable Object> kept = new java.util.LinkedHashMap<>(schema);
        kept.values().removeIf(Objects::isNull);
        return kept;
    }

    private static List<String> texts(@Nullable Object values) {
        List<String> texts = new ArrayList<>();
        if (values instanceof List<?> list) {
            for (Object value : list) {
                if (value instanceof String text) {
                    texts.add(text);
                }
            }
        }
        return List.copyOf(texts);
    }
}
