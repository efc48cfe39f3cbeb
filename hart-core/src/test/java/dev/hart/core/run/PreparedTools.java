package dev.hart.core.run;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.core.model.ScriptedReplies;
import dev.hart.json.Schemas;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeBuilder;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolContext;
import dev.hart.tool.ToolResult;
import dev.hart.tool.ToolSpec;
import dev.hart.tool.TypedTool;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Tools that do what a test says and remember how they were called. */
final class PreparedTools {
    /** What a tool takes: any arguments. */
    record Anything(@Nullable Object text) {}

    /** What a tool does with its text. */
    @FunctionalInterface
    interface Body {
        @Nullable
        Object call(@Nullable Object text, ToolContext context) throws Exception;
    }

    private final List<ToolContext> calls = new CopyOnWriteArrayList<>();

    /** Every call so far, in order. */
    List<ToolContext> calls() {
        return calls;
    }

    /** Forgets the calls so far. */
    void clear() {
        calls.clear();
    }

    static Hart open(HartBuilder builder) {
        return builder.withoutBuiltInTools().create();
    }

    static Hart open() {
        return open(Hart.configure().inMemory().withoutModel());
    }

    /** A runtime that plans what is given. */
    static HartBuilder planning(String plan) {
        return Hart.configure().inMemory().model(new ScriptedReplies(plan));
    }

    /** A plan of one action {@code act} that calls the tool {@code act} with the text "now". */
    static String planOfOneAction() {
        return """
                {"name": "do it", "actions": [
                  {"name": "act", "description": "Act", "kind": "TOOL", "tool": "act", "args": {"text": "now"}}],
                 "answers": ["act"], "cannot": []}""";
    }

    void register(Hart hart, String name, Effect effect, Body body) {
        hart.tools().register(tool(name, effect, (text, context) -> ToolResult.ok(body.call(text, context))));
    }

    /** What a tool answers, failures included. */
    @FunctionalInterface
    interface Answering {
        ToolResult<Object> call(@Nullable Object text, ToolContext context) throws Exception;
    }

    TypedTool<Anything, Object> tool(String name, Effect effect, Answering body) {
        return tool(name, effect, "1", body);
    }

    TypedTool<Anything, Object> tool(String name, Effect effect, String version, Answering body) {
        ToolSpec spec = new ToolSpec(
                name,
                "Does " + name + ".",
                Map.of("type", "object", "properties", Map.of("text", Map.of()), "required", List.of()),
                Schemas.of(Object.class),
                effect,
                Duration.ofSeconds(30),
                version,
                Set.of(),
                Set.of(),
                Set.of());
        return new TypedTool<>() {
            @Override
            public ToolSpec spec() {
                return spec;
            }

            @Override
            public Class<Anything> inputType() {
                return Anything.class;
            }

            @Override
            public ToolResult<Object> call(Anything input, ToolContext context) throws Exception {
                calls.add(context);
                return body.call(input.text(), context);
            }
        };
    }

    /** A recipe of one action {@code act} that calls the tool {@code act} with the input {@code text}. */
    static RecipeBuilder oneAction() {
        return Recipe.named("one")
                .input("text", String.class)
                .action("act", a -> a.tool("act").with("text", "{{inputs.text}}"))
                .output("act", Object.class);
    }
}
