package dev.hart.core.run;

import dev.hart.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which run a rerun comes from, and what is changed.
 *
 * @param event what that run recorded up to here may be kept
 * @param inputs those that were given anew, by name
 * @param results those that were given, by the name of the output or action
 * @param recipe the label of the recipe that was given; null when it is that of the run
 */
public record Origin(
        String runId,
        long event,
        Map<String, @Nullable Object> inputs,
        Map<String, @Nullable Object> results,
        @Nullable String recipe) {
    // Written out, as compact constructors lose what their parameters' types say about null.
    public Origin(
            String runId,
            long event,
            Map<String, @Nullable Object> inputs,
            Map<String, @Nullable Object> results,
            @Nullable String recipe) {
        this.runId = runId;
        this.event = event;
        this.inputs = Json.objectOf(inputs);
        this.results = Json.objectOf(results);
        this.recipe = recipe;
    }

    /** Says it to a person; names what is changed, and shows no value. */
    String note() {
        List<String> changes = new ArrayList<>();
        inputs.keySet().forEach(name -> changes.add("input " + name));
        results.keySet().forEach(name -> changes.add("result " + name));
        if (recipe != null) {
            changes.add("recipe " + recipe);
        }
        return "runs run " + runId + " again from its event " + event
                + (changes.isEmpty() ? ", nothing changed" : ", changed: " + String.join(", ", changes));
    }
}
