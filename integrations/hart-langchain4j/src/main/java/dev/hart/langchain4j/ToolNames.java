package dev.hart.langchain4j;

import dev.hart.model.Message;
import dev.hart.model.Message.AssistantMessage;
import dev.hart.model.Message.ToolMessage;
import dev.hart.model.ModelRequest;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Names of tools on the wire, where a dot is not allowed: {@code csv.sum} becomes {@code csv_sum}. */
final class ToolNames {
    private static final int MAX_LENGTH = 64;

    private final Map<String, String> onWire = new HashMap<>();
    private final Map<String, String> inHart = new HashMap<>();

    private ToolNames() {}

    /** Those of the tools that a request offers or speaks of. */
    static ToolNames of(ModelRequest request) {
        Set<String> tools = new LinkedHashSet<>();
        request.tools().forEach(tool -> tools.add(tool.name()));
        for (Message message : request.messages()) {
            if (message instanceof AssistantMessage assistant) {
                assistant.toolCalls().forEach(call -> tools.add(call.tool()));
            } else if (message instanceof ToolMessage result) {
                tools.add(result.tool());
            }
        }
        ToolNames names = new ToolNames();
        // Names that need no change keep theirs, whatever the order.
        tools.stream().filter(tool -> plain(tool).equals(tool)).forEach(names::add);
        tools.stream().filter(tool -> !plain(tool).equals(tool)).forEach(names::add);
        return names;
    }

    private static String plain(String tool) {
        String plain = tool.replaceAll("[^A-Za-z0-9_-]", "_");
        return plain.length() <= MAX_LENGTH ? plain : plain.substring(0, MAX_LENGTH);
    }

    private void add(String tool) {
        String base = plain(tool);
        String name = base;
        for (int i = 2; inHart.containsKey(name); i++) {
            name = base.substring(0, Math.min(base.length(), MAX_LENGTH - 4)) + "_" + i;
        }
        onWire.put(tool, name);
        inHart.put(name, tool);
    }

    String onWire(String tool) {
        return onWire.getOrDefault(tool, tool);
    }

    /** A name that was not offered stays as it is: HART refuses it. */
    String inHart(String name) {
        return inHart.getOrDefault(name, name);
    }
}
