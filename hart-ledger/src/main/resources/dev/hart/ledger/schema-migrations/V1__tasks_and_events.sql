CREATE TABLE ledger (
    ledger_id TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- The last event of each chain.
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

-- What the events of a task amount to; it can be rebuilt from them. Times are milliseconds since 1970, UTC.
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
    not_before INTEGER,
    version INTEGER NOT NULL,
    owner_node_id TEXT,
    incarnation TEXT,
    last_event_seq INTEGER NOT NULL,
    UNIQUE (ledger_id, task_id)
);

-- The tasks of one name in all ledgers, newest first: the task "run" of every run.
CREATE INDEX task_by_name ON task (task_id, created_no);

-- Those of them that have not ended.
CREATE INDEX task_open_by_name ON task (task_id, created_no)
    WHERE status NOT IN ('completed', 'failed', 'cancelled', 'terminated', 'skipped', 'not_applicable', 'rolled_back');

CREATE INDEX task_by_parent ON task (ledger_id, parent_task_id) WHERE parent_task_id IS NOT NULL;

-- to_task waits until from_task succeeds.
CREATE TABLE task_edge (
    ledger_id TEXT NOT NULL,
    to_task TEXT NOT NULL,
    from_task TEXT NOT NULL,
    satisfied INTEGER NOT NULL,
    PRIMARY KEY (ledger_id, to_task, from_task)
) WITHOUT ROWID;

CREATE INDEX task_edge_by_from ON task_edge (ledger_id, from_task);
