CREATE TABLE ledger (
    ledger_id TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE ledger_head (
    ledger_id TEXT NOT NULL,
    stripe INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (ledger_id, stripe)
) WITHOUT ROWID;

CREATE TABLE task_event (
    ledger_id TEXT NOT NULL,
    stripe INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    task_id TEXT NOT NULL,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    payload TEXT NOT NULL,
    prev_hash BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (ledger_id, stripe, seq)
) WITHOUT ROWID;

CREATE TABLE task (
    created_no INTEGER PRIMARY KEY,
    ledger_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    description TEXT NOT NULL,
    task_type TEXT NOT NULL,
    execution_mode TEXT NOT NULL,
    priority INTEGER NOT NULL,
    parent_task_id TEXT,
    context_json TEXT NOT NULL,
    container INTEGER NOT NULL,
    max_retries INTEGER NOT NULL,
    supersedes TEXT,
    created_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    claimable INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    started_at INTEGER,
    completed_at INTEGER,
    result_json TEXT,
    result_hash TEXT,
    error_message TEXT,
    failure_reason TEXT,
    blocked_reason TEXT,
    blocked_detail TEXT,
    pending_reason TEXT,
    paused_at INTEGER,
    resumed_at INTEGER,
    pause_count INTEGER NOT NULL,
    stop_reason TEXT,
    termination_reason TEXT,
    retry_count INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    not_before INTEGER,
    version INTEGER NOT NULL,
    owner_node_id TEXT,
    incarnation TEXT,
    lease_token INTEGER NOT NULL,
    lease_until INTEGER,
    last_event_seq INTEGER NOT NULL,
    UNIQUE (ledger_id, task_id)
);

CREATE INDEX task_claimable ON task (ledger_id, priority DESC, created_no) WHERE claimable;
CREATE INDEX task_by_status ON task (ledger_id, status);
CREATE INDEX task_by_lease ON task (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX task_by_parent ON task (ledger_id, parent_task_id) WHERE parent_task_id IS NOT NULL;
