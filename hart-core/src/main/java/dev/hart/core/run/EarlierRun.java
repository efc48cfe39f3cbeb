package dev.hart.core.run;

import dev.hart.RunEvent;
import dev.hart.recipe.Step;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a run recorded, for another run to keep. Never changes. */
final class EarlierRun {
    private static final int EVENTS_NAMED = 20;

    final RunProgress progress;
    private final Map<StepRef, Recorded> steps = new HashMap<>();
    /** What a person would go by among the events: the beginning, and the end of each step. */
    private final Map<Long, String> landmarks = new LinkedHashMap<>();

    private final TreeMap<Long, RunEvent> events = new TreeMap<>();

    /**
     * A step with its result.
     *
     * @param event its end in the journal of the earlier run
     * @param toolVersion of the tool that was called; null when it is unknown or there was none
     * @param madeBy the run and event that the result comes from: the earlier run, or the one that it kept it from
     * @param flagged the rules that the gate flagged it by
     */
    record Recorded(
            Step step,
            long event,
            Map<String, @Nullable Object> args,
            @Nullable String toolVersion,
            @Nullable Object output,
            Place madeBy,
            List<String> flagged) {}

    /** An event of a run. */
    record Place(String runId, long event) {}

    /**
     * Takes in a journal.
     *
     * @param progress the fold of {@code journal}
     */
    EarlierRun(RunProgress progress, List<RunEvent> journal) {
        this.progress = progress;
        Map<StepRef, String> toolVersions = new HashMap<>();
        for (RunEvent event : journal) {
            events.put(event.seq(), event);
            if (!event.action().equals(JournalEntry.RUN) && !progress.byTask.containsKey(event.action())) {
                // An action of a definition that a verifier has changed since.
                continue;
            }
            Payload payload = new Payload(event.data());
            if (event.type() == RunEvent.Type.RUN_STARTED) {
                landmarks.put(event.seq(), event.type().wireName());
            } else if (event.type() == RunEvent.Type.STEP_STARTED) {
                toolVersion(toolVersions, ref(event), payload);
            } else if (event.type() == RunEvent.Type.STEP_FINISHED) {
                toolVersion(toolVersions, ref(event), payload);
                landmarks.put(
                        event.seq(), event.type().wireName() + " " + ref(event).action());
                record(ref(event), event, payload, toolVersions.get(ref(event)));
            }
        }
    }

    private static void toolVersion(Map<StepRef, String> versions, StepRef ref, Payload payload) {
        String version = payload.optionalText("toolVersion");
        if (version != null) {
            versions.put(ref, version);
        }
    }

    private StepRef ref(RunEvent event) {
        Payload payload = new Payload(event.data());
        ActionProgress action = progress.action(event.action());
        int step = payload.integer("step");
        return payload.fallback() == 0
                ? new StepRef(action.root().action.name(), 0, action.placeInWhole(step))
                : new StepRef(action.action.name(), payload.fallback(), step);
    }

    private void record(StepRef ref, RunEvent event, Payload payload, @Nullable String toolVersion) {
        ActionProgress action = progress.action(event.action()).root();
        Route route = ref.fallback() == 0 ? action.whole() : action.route(ref.fallback());
        Map<String, @Nullable Object> args = route.args.get(ref.index());
        if (args == null || action.isRefused()) {
            steps.remove(ref);
            return;
        }
        Step step = route.step(ref.index());
        Place madeBy = payload.has("keptFrom")
                ? new Payload(payload.object("keptFrom")).place()
                : new Place(progress.runId, event.seq());
        steps.put(
                ref,
                new Recorded(
                        step,
                        event.seq(),
                        args,
                        toolVersion == null ? step.toolVersion() : toolVersion,
                        route.results.get(ref.index()),
                        madeBy,
                        payload.texts("flagged")));
    }

    /** The recorded end of a step; null when there is none, or its result was refused by the verifier. */
    @Nullable
    Recorded step(StepRef ref) {
        return steps.get(ref);
    }

    /** The action of that name; null when there is none. */
    @Nullable
    ActionProgress action(String name) {
        return progress.actions().stream()
                .filter(action -> action.action.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    long lastEvent() {
        return Objects.requireNonNull(events.lastKey());
    }

    boolean has(long event) {
        return events.containsKey(event);
    }

    /** Events to choose from, in words. */
    String landmarks() {
        String first = landmarks.entrySet().stream()
                .limit(EVENTS_NAMED)
                .map(landmark -> landmark.getKey() + " (" + landmark.getValue() + ")")
                .collect(Collectors.joining(", "));
        return landmarks.size() > EVENTS_NAMED ? first + ", …" : first;
    }
}
