package dev.hart;

import dev.hart.tool.ToolSpec;
import dev.hart.tool.TypedTool;
import java.util.List;
import java.util.Optional;

/** The tools that one {@link Hart} may call. Thread-safe. */
public interface Tools {

    /**
     * Registers every method of the object that is annotated with {@link dev.hart.tool.Tool}.
     *
     * @throws dev.hart.error.ToolInvalidException when there is no such method, a signature has no JSON Schema, or a name
     *     is taken; nothing is registered then
     */
    void register(Object tools);

    /** Registers one tool given as an object; otherwise like {@link #register(Object)}. */
    void register(TypedTool<?, ?> tool);

    /** All tools by name. */
    List<ToolSpec> list();

    Optional<ToolSpec> find(String name);
}
