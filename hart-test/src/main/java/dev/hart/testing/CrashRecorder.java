package dev.hart.testing;

import dev.hart.Hart;
import dev.hart.RunEvent;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Ledgers;
import dev.hart.spi.CallInterceptor;
import dev.hart.tool.ToolContext;
import dev.hart.tool.ToolResult;
import dev.hart.tool.ToolSpec;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes down what the runs of one process do, and kills the process at its crash point. Thread-safe. */
final class CrashRecorder implements CallInterceptor {
    /** What the system reports of a process that ended by SIGKILL: 128 + 9. */
    static final int KILLED = 137;

    private static final Set<String> EVENTS =
            Arrays.stream(RunEvent.Type.values()).map(RunEvent.Type::name).collect(Collectors.toUnmodifiableSet());
    /** More than the events of one commit. */
    private static final int PAGE = 1_000;

    private final CrashLog log;
    private final @Nullable CrashPoint point;
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger commits = new AtomicInteger();
    private volatile @Nullable Hart hart;

    /** @param point null for a process that is not killed */
    CrashRecorder(CrashLog log, @Nullable CrashPoint point) {
        this.log = log;
        this.point = point;
    }

    void watch(Hart opened) {
        this.hart = opened;
    }

    /** Told on the thread of the run, once the commit that holds the event is durable. */
    void event(RunEvent event) {
        if (event.seq() == 0) {
            return;
        }
        if (event.type() == RunEvent.Type.RUN_STARTED && event.data().get("outer") == null) {
            log.runStarted(event.runId());
        }
        if (isLastOfItsCommit(event)) {
            int number = commits.incrementAndGet();
            log.commit(number, event);
            dieAt(CrashPoint.Kind.COMMIT, number);
        }
    }

    /** Only this thread writes to the run: if its ledger has later events by now, they are of the same commit. */
    private boolean isLastOfItsCommit(RunEvent event) {
        Hart open = hart;
        return open != null
                && open.unwrap(Ledgers.class).ledger(LedgerId.run(event.runId())).events(event.seq(), PAGE).stream()
                        .noneMatch(later -> EVENTS.contains(later.type()));
    }

    @Override
    public ToolResult<@Nullable Object> call(
            ToolSpec tool, Map<String, @Nullable Object> arguments, ToolContext context, Next next) throws Exception {
        int number = calls.incrementAndGet();
        log.call(number, tool, arguments, context);
        ToolResult<@Nullable Object> result = next.call(arguments, context);
        log.answer(number, result);
        dieAt(CrashPoint.Kind.ANSWER, number);
        return result;
    }

    private void dieAt(CrashPoint.Kind kind, int number) {
        if (point != null && point.is(kind, number)) {
            Runtime.getRuntime().halt(KILLED);
        }
    }
}
