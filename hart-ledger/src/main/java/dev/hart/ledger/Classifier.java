package dev.hart.ledger;

/**
 * Says where a task belongs that was discovered while others were done. It is called outside any transaction, so it may ask a
 * model. Thread-safe.
 */
@FunctionalInterface
public interface Classifier {

    /**
     * The answer as the text of a JSON object; every part may be left out, and nothing in it is trusted:
     *
     * <pre>
     * {"relationship": "child" | "sibling" | "sequential" | "conditional" | "independent", "related_to_task_id": id,
     *  "execution_mode": "parallel" | "sequential", "priority": 0 to 100, "prerequisites": [id], "blocked_by": [id],
     *  "blocked_reason": reason,
     *  "condition": {"depends_on_outcome": id, "required_outcome": "success" | "failure" | "any", "condition_description": text},
     *  "delegation": {"should_delegate": flag, "delegate_to": agent, "delegation_type": type},
     *  "scheduling": {"defer": flag, "defer_until": time, "defer_reason": text, "scheduled_at": time},
     *  "retry_config": {"max_retries": 0 to 5, "retry_on_failure": flag}, "can_run_parallel_with": [id], "reasoning": text}
     * </pre>
     *
     * @throws Exception for whatever reason; the task is then added as an independent one
     */
    String classify(Discovery discovery) throws Exception;

    /**
     * The classifier that knows no model. The relationship follows from words of the description, if a task is known that was
     * being done: "if … fails" makes it conditional, "then", "after" and their like sequential, "first", "before" and "need" a
     * child, and any other description a sibling. "urgent" and its like raise the priority to 80, "low priority" and its like
     * lower it to 20.
     */
    static Classifier byRules() {
        return new WordRules();
    }
}
