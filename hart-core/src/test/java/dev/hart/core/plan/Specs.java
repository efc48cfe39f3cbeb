package dev.hart.core.plan;

import dev.hart.json.Schemas;
import dev.hart.tool.Effect;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolSpec;
import dev.hart.tools.BuiltInTools;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tools that the planner's tests plan with: the built-in ones as they are, and some of other fields. */
final class Specs {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private Specs() {}

    static List<ToolSpec> builtIn() {
        List<ToolSpec> specs = new ArrayList<>();
        for (Object family : BuiltInTools.create(Path.of("."), Set.of(), InstantSource.system())) {
            for (Method method : family.getClass().getMethods()) {
                Tool tool = method.getAnnotation(Tool.class);
                if (tool != null) {
                    specs.add(new ToolSpec(
                            tool.name(),
                            tool.description(),
                            Schemas.ofParameters(method),
                            Schemas.of(method.getGenericReturnType()),
                            tool.effect(),
                            TIMEOUT,
                            "1"));
                }
            }
        }
        specs.sort(Comparator.comparing(ToolSpec::name));
        return specs;
    }

    /** A tool with the given arguments, all of which are required. */
    static ToolSpec tool(String name, String description, Effect effect, Map<String, Map<String, Object>> properties) {
        return tool(name, description, effect, properties, List.copyOf(properties.keySet()));
    }

    static ToolSpec tool(
            String name,
            String description,
            Effect effect,
            Map<String, Map<String, Object>> properties,
            List<String> required) {
        Map<String, Object> schema = Map.of("type", "object", "properties", properties, "required", required);
        return new ToolSpec(name, description, schema, Map.of("type", "object"), effect, TIMEOUT, "1");
    }

    /** Arguments in order: name, type, description, name, type, description, … */
    static Map<String, Map<String, Object>> arguments(String... parts) {
        Map<String, Map<String, Object>> properties = new LinkedHashMap<>();
        for (int i = 0; i < parts.length; i += 3) {
            properties.put(parts[i], Map.of("type", parts[i + 1], "description", parts[i + 2]));
        }
        return properties;
    }
}
