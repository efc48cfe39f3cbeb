package dev.hart.ledger;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The histories that a task's document shows, gathered from its events in their order. */
final class TaskPast {
    private final List<@Nullable Object> states = new ArrayList<>();
    private final List<@Nullable Object> retryErrors = new ArrayList<>();
    private final List<@Nullable Object> ownership = new ArrayList<>();
    private boolean leased;

    void add(String type, long at, Map<String, ? extends @Nullable Object> payload) {
        switch (type) {
            case Projection.CREATED -> {
                Object status = payload.get("status");
                addState(status == null ? "pending" : status, null, at, "Task created");
            }
            case Projection.IMPORTED -> takeOver(at, payload);
            case Projection.UPDATED -> {
                if (payload.containsKey(Fields.OWNED_AT) || payload.containsKey("owner_node_id")) {
                    addOwnership("claimed", at, payload);
                }
            }
            case Projection.CLAIMED -> {
                addChange(at, payload);
                addOwnership("claimed", at, payload);
                leased = true;
            }
            default -> {
                if (payload.get("to") != null) {
                    addChange(at, payload);
                    if (leased) {
                        addOwnership("released", at, Map.of());
                        leased = false;
                    }
                }
            }
        }
        if (payload.containsKey("retry_count") && payload.get("error") != null) {
            retryErrors.add(payload.get("error"));
        }
    }

    private void addChange(long at, Map<String, ? extends @Nullable Object> payload) {
        addState(payload.get("to"), payload.get("from"), at, payload.get("reason"));
    }

    private void addState(@Nullable Object status, @Nullable Object previous, long at, @Nullable Object reason) {
        Map<String, @Nullable Object> entry = new LinkedHashMap<>();
        entry.put("status", status);
        if (previous != null) {
            entry.put("previous_status", previous);
        }
        entry.put("timestamp", EventChain.format(at));
        entry.put("reason", reason == null ? "" : reason);
        states.add(entry);
    }

    private void addOwnership(String action, long at, Map<String, ? extends @Nullable Object> payload) {
        Map<String, @Nullable Object> entry = new LinkedHashMap<>();
        entry.put("action", action);
        copy(payload, "node_id", entry, "node_id");
        copy(payload, "owner_node_id", entry, "node_id");
        copy(payload, "worker_id", entry, "agent_id");
        copy(payload, Fields.OWNER_USER, entry, "user_id");
        copy(payload, Fields.OWNER_PROMPT, entry, "prompt_id");
        entry.put("timestamp", EventChain.format(at));
        ownership.add(entry);
    }

    private static void copy(
            Map<String, ? extends @Nullable Object> from, String field, Map<String, @Nullable Object> to, String name) {
        if (from.get(field) != null) {
            to.put(name, from.get(field));
        }
    }

    /** The histories of another ledger's document stand for what was before. */
    private void takeOver(long at, Map<String, ? extends @Nullable Object> payload) {
        Object last = null;
        if (payload.get("history") instanceof Map<?, ?> history) {
            if (history.get("state_history") instanceof List<?> before && !before.isEmpty()) {
                states.clear();
                states.addAll(before);
                last = before.get(before.size() - 1) instanceof Map<?, ?> entry ? entry.get("status") : null;
            }
            if (history.get("retry_errors") instanceof List<?> before) {
                retryErrors.addAll(before);
            }
            if (history.get("ownership_history") instanceof List<?> before) {
                ownership.addAll(before);
            }
        }
        Object status = payload.get("status");
        if (status != null && !status.equals(last)) {
            addState(status, last, at, payload.get("reason"));
        }
    }

    List<@Nullable Object> states() {
        return states;
    }

    List<@Nullable Object> retryErrors() {
        return retryErrors;
    }

    List<@Nullable Object> ownership() {
        return ownership;
    }
}
