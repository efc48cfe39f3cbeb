package dev.hart.recipe;

import dev.hart.Inputs;
import dev.hart.error.InputInvalidException;
import dev.hart.json.Json;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the result of a replay must be like, beside the recipe: it judges all versions by the same measure, so it is no part of
 * their content. Holding a result against it calls no tool and no model. Immutable.
 *
 * @param outputs a JSON Schema that all outputs together follow; null for none
 * @param expected what comes out for certain inputs
 * @param tolerance how far two numbers may be apart; 0 unless set
 * @param relativeTolerance the same as a share of the expected number; 0 unless set
 * @param ignored places that are never compared: JSON Pointers into the outputs, in which {@code *} stands for any one name or
 *     index
 * @param judges names of judges that were registered with {@link dev.hart.HartBuilder#judge}
 */
public record ResultCheck(
        @Nullable Map<String, @Nullable Object> outputs,
        List<Expected> expected,
        BigDecimal tolerance,
        BigDecimal relativeTolerance,
        List<String> ignored,
        List<String> judges) {
    private static final int MOST = 1_000;
    private static final Pattern POINTER = Pattern.compile("(/[^/]*)+");

    /**
     * A result that is known. Outputs that are not named are free.
     *
     * @param inputs of the replays that it is known for; null for all
     * @param outputs by name
     */
    public record Expected(@Nullable Map<String, @Nullable Object> inputs, Map<String, @Nullable Object> outputs) {
        // Written out, as compact constructors lose what their parameters' types say about null.
        public Expected(@Nullable Map<String, @Nullable Object> inputs, Map<String, @Nullable Object> outputs) {
            this.inputs = inputs == null ? null : Json.objectOf(inputs);
            this.outputs = Json.objectOf(outputs);
        }
    }

    // Written out, as compact constructors lose what their parameters' types say about null.
    public ResultCheck(
            @Nullable Map<String, @Nullable Object> outputs,
            List<Expected> expected,
            BigDecimal tolerance,
            BigDecimal relativeTolerance,
            List<String> ignored,
            List<String> judges) {
        this.outputs = outputs == null ? null : Json.objectOf(outputs);
        this.expected = List.copyOf(expected);
        this.tolerance = notNegative("tolerance", tolerance);
        this.relativeTolerance = notNegative("relativeTolerance", relativeTolerance);
        this.ignored = List.copyOf(ignored);
        this.judges = List.copyOf(judges);
        for (String pointer : ignored) {
            if (!POINTER.matcher(pointer).matches()) {
                throw new InputInvalidException(
                        "ignored", "has '" + pointer + "', which is no JSON Pointer such as /rows/*/at");
            }
        }
        if (expected.size() > MOST || ignored.size() > MOST || judges.size() > MOST) {
            throw new InputInvalidException("check", "has more than " + MOST + " expected results, places or judges");
        }
    }

    private static BigDecimal notNegative(String name, BigDecimal value) {
        if (value.signum() < 0) {
            throw new InputInvalidException(name, "must not be negative, was " + value);
        }
        return value;
    }

    /** A check that every result passes: a replay fails it only by failing. */
    public static ResultCheck none() {
        return new ResultCheck(null, List.of(), BigDecimal.ZERO, BigDecimal.ZERO, List.of(), List.of());
    }

    /** The same with a JSON Schema for all outputs together, of type object. */
    public ResultCheck outputs(Map<String, ? extends @Nullable Object> schema) {
        return new ResultCheck(Json.objectOf(schema), expected, tolerance, relativeTolerance, ignored, judges);
    }

    /** The same with outputs that replays with these inputs come to, such as those of a run that was good. */
    public ResultCheck expect(Inputs inputs, Map<String, ? extends @Nullable Object> outputs) {
        return with(new Expected(inputs.values(), Json.objectOf(outputs)));
    }

    /** The same with outputs that every replay comes to, whatever its inputs. */
    public ResultCheck expect(Map<String, ? extends @Nullable Object> outputs) {
        return with(new Expected(null, Json.objectOf(outputs)));
    }

    private ResultCheck with(Expected one) {
        List<Expected> more = new ArrayList<>(expected);
        more.add(one);
        return new ResultCheck(outputs, more, tolerance, relativeTolerance, ignored, judges);
    }

    /** The same with numbers that may differ by that much from the expected ones, also where two versions are compared. */
    public ResultCheck within(BigDecimal tolerance) {
        return new ResultCheck(outputs, expected, tolerance, relativeTolerance, ignored, judges);
    }

    /** The same with numbers that may differ by that share of the expected ones: 0.01 is one percent. */
    public ResultCheck withinShare(BigDecimal relativeTolerance) {
        return new ResultCheck(outputs, expected, tolerance, relativeTolerance, ignored, judges);
    }

    /** The same with places that are not compared, such as {@code /page/fetchedAt} or {@code /rows/*}{@code /id}. */
    public ResultCheck ignoring(String... pointers) {
        List<String> more = new ArrayList<>(ignored);
        more.addAll(List.of(pointers));
        return new ResultCheck(outputs, expected, tolerance, relativeTolerance, more, judges);
    }

    /** The same with a judge that was registered under this name. */
    public ResultCheck judgedBy(String judge) {
        List<String> more = new ArrayList<>(judges);
        more.add(judge);
        return new ResultCheck(outputs, expected, tolerance, relativeTolerance, ignored, more);
    }

    /** As JSON, with {@code outputs}, {@code expected}, {@code tolerance}, {@code relativeTolerance}, {@code ignored}, {@code judges}. */
    public Map<String, @Nullable Object> toJson() {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("outputs", outputs);
        List<Map<String, @Nullable Object>> results = new ArrayList<>();
        for (Expected one : expected) {
            Map<String, @Nullable Object> result = new LinkedHashMap<>();
            result.put("inputs", one.inputs());
            result.put("outputs", one.outputs());
            results.add(result);
        }
        json.put("expected", results);
        json.put("tolerance", tolerance);
        json.put("relativeTolerance", relativeTolerance);
        json.put("ignored", ignored);
        json.put("judges", judges);
        return Json.objectOf(json);
    }

    /**
     * The check that {@link #toJson} wrote; what is left out has its default.
     *
     * @throws InputInvalidException when a field is unknown or of the wrong type
     */
    public static ResultCheck of(Map<String, ? extends @Nullable Object> json) {
        JsonFields fields = new JsonFields("check", json);
        List<Expected> expected = new ArrayList<>();
        for (Map<String, @Nullable Object> one : fields.objects("expected")) {
            JsonFields result = new JsonFields("check.expected", one);
            Map<String, @Nullable Object> outputs = result.object("outputs");
            expected.add(new Expected(result.object("inputs"), outputs == null ? Map.of() : outputs));
            result.noMore();
        }
        ResultCheck check = new ResultCheck(
                fields.object("outputs"),
                expected,
                fields.decimal("tolerance", BigDecimal.ZERO),
                fields.decimal("relativeTolerance", BigDecimal.ZERO),
                fields.texts("ignored"),
                fields.texts("judges"));
        fields.noMore();
        return check;
    }
}
