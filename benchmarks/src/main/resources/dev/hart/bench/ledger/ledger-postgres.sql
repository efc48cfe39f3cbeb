CREATE TABLE ledger (
    ledger_id TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE ledger_head (
    ledger_id TEXT NOT NULL,
    stripe BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (ledger_id, stripe)
);

CREATE TABLE task_event (
    ledger_id TEXT NOT NULL,
    stripe BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    task_id TEXT NOT NULL,
    type TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    payload TEXT NOT NULL,
    prev_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (ledger_id, stripe, seq)
);

CREATE TABLE task (
    created_no BIGINT PRIMARY KEY,
    ledger_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    description TEXT NOT NULL,
    task_type TEXT NOT NULL,
    execution_mode TEXT NOT NULL,
    priority BIGINT NOT NULL,
    parent_task_id TEXT,
    context_json TEXT NOT NULL,
    container BOOLEAN NOT NULL,
    max_retries BIGINT NOT NULL,
    supersedes TEXT,
    created_at BIGINT NOT NULL,
    status TEXT NOT NULL,
    claimable BOOLEAN NOT NULL,
    updated_at BIGINT NOT NULL,
    started_at BIGINT,
    completed_at BIGINT,
    result_json TEXT,
    result_hash TEXT,
    error_message TEXT,
    failure_reason TEXT,
    blocked_reason TEXT,
    blocked_detail TEXT,
    pending_reason TEXT,
    paused_at BIGINT,
    resumed_at BIGINT,
    pause_count BIGINT NOT NULL,
    stop_reason TEXT,
    termination_reason TEXT,
    retry_count BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    not_before BIGINT,
    version BIGINT NOT NULL,
    owner_node_id TEXT,
    incarnation TEXT,
    lease_token BIGINT NOT NULL,
    lease_until BIGINT,
    last_event_seq BIGINT NOT NULL,
    UNIQUE (ledger_id, task_id)
);

CREATE INDEX task_claimable ON task (ledger_id, priority DESC, created_no) WHERE claimable;
CREATE INDEX task_by_status ON task (ledger_id, status);
CREATE INDEX task_by_lease ON task (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX task_by_parent ON task (ledger_id, parent_task_id) WHERE parent_task_id IS NOT NULL;
