package dev.hart.bench;

import static org.bsc.langgraph4j.action.AsyncNodeAction.node_async;

import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.bsc.langgraph4j.CompileConfig;
import org.bsc.langgraph4j.CompiledGraph;
import org.bsc.langgraph4j.GraphStateException;
import org.bsc.langgraph4j.RunnableConfig;
import org.bsc.langgraph4j.StateGraph;
import org.bsc.langgraph4j.checkpoint.BaseCheckpointSaver;
import org.bsc.langgraph4j.checkpoint.FileSystemSaver;
import org.bsc.langgraph4j.checkpoint.MemorySaver;
import org.bsc.langgraph4j.serializer.std.ObjectStreamStateSerializer;
import org.bsc.langgraph4j.state.AgentState;
import org.jspecify.annotations.Nullable;

/** A graph of LangGraph4j, one node a step, with a checkpoint after each. */
final class LangGraphChain implements Chain {
    private static final String NUMBER = "number";

    private final CompiledGraph<AgentState> graph;

    /** @param folder where checkpoints are written, without a sync; null to keep them in memory */
    LangGraphChain(@Nullable Path folder) throws GraphStateException {
        ObjectStreamStateSerializer<AgentState> serializer = new ObjectStreamStateSerializer<>(AgentState::new);
        StateGraph<AgentState> steps = new StateGraph<>(serializer);
        String before = StateGraph.START;
        for (int i = 1; i <= StepRate.STEPS; i++) {
            String name = "count" + i;
            steps.addNode(
                    name,
                    node_async(state -> Map.of(NUMBER, state.<Long>value(NUMBER).orElseThrow() + 1)));
            steps.addEdge(before, name);
            before = name;
        }
        steps.addEdge(before, StateGraph.END);
        BaseCheckpointSaver saver = folder == null ? new MemorySaver() : new FileSystemSaver(folder, serializer);
        // A run that has ended gives its checkpoints back: kept, those in memory would fill it.
        graph = steps.compile(CompileConfig.builder()
                .checkpointSaver(saver)
                .releaseThread(true)
                .build());
    }

    @Override
    public long run(long start) {
        RunnableConfig thread =
                RunnableConfig.builder().threadId(UUID.randomUUID().toString()).build();
        return graph.invoke(Map.of(NUMBER, start), thread)
                .flatMap(state -> state.<Long>value(NUMBER))
                .orElseThrow();
    }

    @Override
    public long commits() {
        return 0;
    }

    @Override
    public void close() {}
}
