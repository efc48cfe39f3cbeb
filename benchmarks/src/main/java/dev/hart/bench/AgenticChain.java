package dev.hart.bench;

import dev.langchain4j.agentic.Agent;
import dev.langchain4j.agentic.AgenticServices;
import dev.langchain4j.agentic.scope.AgenticScopeAccess;
import dev.langchain4j.agentic.scope.AgenticScopePersister;
import dev.langchain4j.service.MemoryId;
import dev.langchain4j.service.V;
import java.nio.file.Path;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A sequence of LangChain4j's agentic module, one agent without a model a step. One at a time: its store is the process's. */
final class AgenticChain implements Chain {
    private static final String NUMBER = "number";

    private final Counting sequence;

    /** Public, as LangChain4j makes a proxy of it. */
    public interface Counting extends AgenticScopeAccess {
        @Agent
        Long count(@MemoryId String run, @V(NUMBER) Long start);
    }

    /** @param folder where the state is written and synced, as LangChain4j asks its store to; null to keep it in memory */
    AgenticChain(@Nullable Path folder) {
        AgenticScopePersister.setStore(folder == null ? null : new ScopeFiles(folder));
        sequence = AgenticServices.sequenceBuilder(Counting.class)
                .subAgents(IntStream.range(0, StepRate.STEPS)
                        .<Object>mapToObj(step -> AgenticServices.agentAction(
                                scope -> scope.writeState(NUMBER, scope.readState(NUMBER, 0L) + 1)))
                        .toList())
                .outputKey(NUMBER)
                .build();
    }

    @Override
    public long run(long start) {
        String run = UUID.randomUUID().toString();
        long number = sequence.count(run, start);
        // What has ended is given back: kept, it would fill the memory.
        sequence.evictAgenticScope(run);
        return number;
    }

    @Override
    public long commits() {
        return 0;
    }

    @Override
    public void close() {
        AgenticScopePersister.setStore(null);
    }
}
