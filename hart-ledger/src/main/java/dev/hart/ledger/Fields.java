package dev.hart.ledger;

/**
 * Names of the fields that few tasks have, in events and in the column {@code more_json}. Times are milliseconds since 1970,
 * durations milliseconds, Spark micro-Spark.
 */
final class Fields {
    static final String AUTO_COMPLETE = "auto_complete";
    static final String TIME_BUDGET = "time_budget_ms";
    static final String TIMEOUT = "timeout_ms";
    static final String SPARK_BUDGET = "spark_budget_micro";
    static final String SLA_TARGET = "sla_target_ms";
    static final String DEADLINE = "deadline";
    static final String HEARTBEAT_INTERVAL = "heartbeat_interval_ms";
    static final String COMPUTE = "compute_requirements";
    static final String CAPABILITIES = "required_capabilities";
    static final String LOCALITY = "locality";
    static final String SENSITIVITY = "sensitivity";
    static final String DATA_HASH = "data_hash";

    static final String SPARK_SPENT = "spark_spent_micro";
    static final String SPARK_RESERVED = "spark_reserved_micro";
    static final String SLA_BREACHED = "sla_breached";
    static final String CANCEL_REQUESTED = "cancel_requested";
    static final String PAUSE_REQUESTED = "pause_requested";
    static final String PROGRESS = "progress_pct";
    static final String STATUS_MESSAGES = "status_messages";
    static final String STEPS = "checkpoints";
    static final String BLOCKED_DETAIL = "blocked_detail";
    static final String PAUSED_AT = "paused_at";
    static final String RESUMED_AT = "resumed_at";
    static final String PAUSE_COUNT = "pause_count";
    static final String STOP_REASON = "stop_reason";
    static final String TERMINATION_REASON = "termination_reason";
    static final String DEFERRED_AT = "deferred_at";
    static final String DEFERRED_UNTIL = "deferred_until";
    static final String DEFERRED_REASON = "deferred_reason";
    static final String SCHEDULED_AT = "scheduled_at";
    static final String DELEGATED_TO = "delegated_to";
    static final String DELEGATED_AT = "delegated_at";
    static final String DELEGATION_TYPE = "delegation_type";
    static final String DELEGATION_RESULT = "delegation_result";
    static final String ROLLED_BACK_AT = "rolled_back_at";
    static final String ROLLBACK_REASON = "rollback_reason";
    static final String ORIGINAL_RESULT = "original_result";
    static final String SIBLINGS = "sibling_task_ids";
    static final String OWNER_USER = "owner_user_id";
    static final String OWNER_PROMPT = "owner_prompt_id";
    static final String OWNED_AT = "owned_at";
    static final String LAST_RETRY_AT = "last_retry_at";
    static final String RETRY_ERRORS = "retry_errors";

    private Fields() {}
}
