package dev.hart.core.run;

import dev.hart.Retention;
import dev.hart.RunEvent;
import dev.hart.core.recipe.RecipeStore;
import dev.hart.error.InputInvalidException;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Ledgers;
import dev.hart.ledger.Task;
import dev.hart.recipe.RecipeVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Deletes runs and versions from the store. A run's ledger goes in one commit; so do the versions of a recipe. */
public final class StoredRetention implements Retention {
    private static final int PAGE = 200;

    private final Ledgers ledgers;
    private final RecipeStore recipes;
    private final RunReader reader;

    public StoredRetention(RunContext context) {
        this.ledgers = context.ledgers();
        this.recipes = context.recipes();
        this.reader = new RunReader(context);
    }

    @Override
    public int deleteRunsEndedBefore(Instant moment) {
        Map<String, @Nullable String> outerOf = new HashMap<>();
        List<String> ended = new ArrayList<>();
        Set<String> needed = new HashSet<>(recipes.teachers());
        eachRun(task -> {
            String runId = task.ledger().sessionId();
            outerOf.put(runId, new Payload(task.context()).optionalText("outer"));
            Instant end = task.completedAt();
            if (task.status().isTerminal() && end != null && end.isBefore(moment)) {
                ended.add(runId);
            } else {
                needed.add(runId);
                Payload started = started(runId);
                if (started != null && started.has("rerunOf")) {
                    needed.add(new Payload(started.object("rerunOf")).text("run"));
                }
            }
        });
        int deleted = 0;
        for (String runId : ended) {
            if (!isNeeded(runId, needed, outerOf) && ledgers.delete(LedgerId.run(runId))) {
                deleted++;
            }
        }
        return deleted;
    }

    /** Whether it, or a run around it, stays. */
    private static boolean isNeeded(String runId, Set<String> needed, Map<String, @Nullable String> outerOf) {
        for (String run = runId; run != null; run = outerOf.get(run)) {
            if (needed.contains(run)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public List<RecipeVersion> deleteVersionsBehind(String nameOrId, int newest) {
        if (newest < 1) {
            throw new InputInvalidException("newest", "must be at least 1, was " + newest);
        }
        String recipeId = recipes.get(nameOrId).recipeId();
        Set<Integer> used = new HashSet<>();
        eachRun(task -> {
            Payload started = started(task.ledger().sessionId());
            if (started != null
                    && started.has("recipeId")
                    && started.text("recipeId").equals(recipeId)) {
                used.add(started.integer("recipeVersion"));
            }
        });
        return recipes.deleteBehind(recipeId, newest, used);
    }

    private void eachRun(Consumer<Task> action) {
        long before = Long.MAX_VALUE;
        List<Task> page;
        do {
            page = ledgers.containersNamed(JournalEntry.RUN, PAGE, before);
            page.forEach(action);
            before = page.isEmpty() ? before : page.get(page.size() - 1).createdNo();
        } while (page.size() == PAGE);
    }

    /** What a run set out to do; null when it has not come to that. */
    private @Nullable Payload started(String runId) {
        List<RunEvent> events = new ArrayList<>();
        long seq = 0;
        long next;
        while ((next = reader.page(runId, seq, events)) != seq) {
            for (RunEvent event : events) {
                if (event.type() == RunEvent.Type.RUN_STARTED) {
                    return new Payload(event.data());
                }
            }
            events.clear();
            seq = next;
        }
        return null;
    }
}
