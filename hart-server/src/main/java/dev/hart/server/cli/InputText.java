package dev.hart.server.cli;

import dev.hart.Inputs;
import dev.hart.recipe.RecipeVersion;
import dev.hart.server.JsonText;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Values given on the command line as {@code NAME=VALUE}. */
final class InputText {
    private final CommandSpec command;

    InputText(CommandSpec command) {
        this.command = command;
    }

    /** All inputs of a run. */
    Inputs inputs(RecipeVersion recipe, Map<String, String> texts) {
        Inputs inputs = Inputs.none();
        for (Map.Entry<String, String> text : texts.entrySet()) {
            inputs = inputs.and(text.getKey(), input(recipe, text.getKey(), text.getValue()));
        }
        return inputs;
    }

    /** The text itself where the recipe takes a text, or is not known; else the JSON value that it is. */
    @Nullable
    Object input(@Nullable RecipeVersion recipe, String name, String text) {
        boolean wantsText = recipe == null
                || !(recipe.recipe().inputs().get("properties") instanceof Map<?, ?> properties)
                || !(properties.get(name) instanceof Map<?, ?> schema)
                || "string".equals(schema.get("type"));
        return wantsText ? text : json("--input", name, text);
    }

    /** The JSON value that the text is. */
    @Nullable
    Object json(String option, String name, String text) {
        try {
            return JsonText.readValue(text);
        } catch (IOException e) {
            throw new ParameterException(
                    command.commandLine(),
                    option + " " + name + " must be JSON, such as 42, true or \"text\", was " + text);
        }
    }
}
