package dev.hart.server;

import dev.hart.Hart;
import dev.hart.HartClock;
import dev.hart.Run;
import dev.hart.RunEvent;
import dev.hart.RunHandle;
import dev.hart.RunState;
import dev.hart.Runs;
import dev.hart.error.HartException;
import dev.hart.error.RunNotFoundException;
import dev.hart.server.Documents.RunDocument;
import dev.hart.server.Documents.RunLine;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The runs that this server started and that the journal may not know: those still being planned, and the last ones that
 * could not be planned. Every other run is read from the journal. Thread-safe.
 */
final class LiveRuns {
    private static final int MAX_RUNNING = 200;
    private static final int MAX_KEPT = 1_000;

    private final Hart hart;
    private final HartClock clock;
    private final Map<String, Live> live = new LinkedHashMap<>();

    private record Live(RunHandle handle, String request, Instant startedAt) {}

    LiveRuns(Hart hart, HartClock clock) {
        this.hart = hart;
        this.clock = clock;
    }

    /** Starts a run, unless too many are going on. */
    RunHandle start(String request, Supplier<RunHandle> start) {
        synchronized (live) {
            long running = live.values().stream()
                    .filter(run -> !run.handle().future().isDone())
                    .count();
            if (running >= MAX_RUNNING) {
                throw new Refused(
                        503,
                        "too_many_runs",
                        MAX_RUNNING + " runs are going on; try again when one has ended",
                        Map.of("Retry-After", "5"));
            }
        }
        RunHandle handle = start.get();
        synchronized (live) {
            live.put(handle.id(), new Live(handle, request, clock.instant()));
            Iterator<Live> oldest = live.values().iterator();
            while (live.size() > MAX_KEPT && oldest.hasNext()) {
                if (oldest.next().handle().future().isDone()) {
                    oldest.remove();
                }
            }
        }
        handle.future().thenRun(() -> {
            synchronized (live) {
                live.remove(handle.id());
            }
        });
        return handle;
    }

    Optional<RunHandle> handle(String id) {
        return find(id).map(Live::handle);
    }

    /** The newest runs first. */
    List<RunLine> list(int limit) {
        Instant now = clock.instant();
        Map<String, RunLine> lines = new LinkedHashMap<>();
        List<Live> own;
        synchronized (live) {
            own = new ArrayList<>(live.values());
        }
        Collections.reverse(own);
        List<Runs.Summary> journalled = hart.runs().list(limit);
        own.forEach(run -> lines.put(run.handle().id(), line(run, now)));
        List<String> known = journalled.stream().map(Runs.Summary::id).toList();
        lines.keySet().removeAll(known);
        journalled.forEach(run -> lines.put(run.id(), RunLine.of(run, now)));
        return lines.values().stream()
                .sorted((a, b) -> b.startedAt().compareTo(a.startedAt()))
                .limit(limit)
                .toList();
    }

    /**
     * One run as it stands.
     *
     * @throws RunNotFoundException when neither the journal nor this server knows it
     */
    RunDocument get(String id) {
        // First this server's own, then the journal: a run that begins in between is found in the second.
        Optional<Live> own = find(id);
        Optional<Runs.Summary> summary = hart.runs().find(id);
        if (summary.isEmpty()) {
            return unjournalled(own.orElseThrow(() -> new RunNotFoundException("there is no run " + id)));
        }
        RunLine line = RunLine.of(summary.get(), clock.instant());
        if (summary.get().state() == RunState.RUNNING) {
            return RunDocument.of(line).waiting(hart);
        }
        Run run = hart.runs().get(id);
        RunDocument document = RunDocument.of(line, run);
        return run.state() == RunState.PAUSED ? document.waiting(hart) : document;
    }

    /**
     * How to follow a run's journal from behind {@code afterSeq} until the run ends or is paused. The stream is empty for a
     * run that never starts; opening it waits while the run is being planned.
     *
     * @throws RunNotFoundException when there is no such run
     */
    Supplier<Stream<RunEvent>> events(String id, long afterSeq) {
        Optional<RunHandle> handle = handle(id);
        if (hart.runs().find(id).isPresent()) {
            return () -> hart.runs().events(id, afterSeq);
        }
        RunHandle starting = handle.orElseThrow(() -> new RunNotFoundException("there is no run " + id));
        return () -> {
            try {
                return starting.events().filter(event -> event.seq() > afterSeq);
            } catch (RunNotFoundException e) {
                return Stream.empty();
            }
        };
    }

    private Optional<Live> find(String id) {
        synchronized (live) {
            return Optional.ofNullable(live.get(id));
        }
    }

    private RunDocument unjournalled(Live run) {
        RunLine line = line(run, clock.instant());
        if (run.handle().future().isCompletedExceptionally()) {
            try {
                run.handle().future().join();
            } catch (CompletionException e) {
                if (e.getCause() instanceof HartException failure) {
                    return RunDocument.of(line, failure);
                }
            }
        }
        return RunDocument.of(line);
    }

    private static RunLine line(Live run, Instant now) {
        boolean failed = run.handle().future().isCompletedExceptionally();
        return new RunLine(
                run.handle().id(),
                failed ? RunState.FAILED : RunState.RUNNING,
                Optional.empty(),
                run.request(),
                Optional.empty(),
                run.startedAt(),
                Optional.empty(),
                failed ? 0 : Math.max(0, Duration.between(run.startedAt(), now).toMillis()),
                List.of());
    }
}
