-- Tasks and edges follow from the events: they are made anew, by code that knows how.
DROP TABLE task;

DROP TABLE task_edge;

ALTER TABLE ledger ADD COLUMN options_json TEXT;

-- open, paused, or corrupt: found to differ from what was written, and only read since.
ALTER TABLE ledger ADD COLUMN status TEXT NOT NULL DEFAULT 'open';

-- The version of the code that made its tasks from its events.
ALTER TABLE ledger ADD COLUMN projection INTEGER NOT NULL DEFAULT 1;

CREATE INDEX ledger_by_projection ON ledger (projection);

-- The event before this one that changed the same task; 0 for none, and for events that change no task.
ALTER TABLE task_event ADD COLUMN previous_seq INTEGER NOT NULL DEFAULT 0;

-- What the events of a task amount to; it can be rebuilt from them. Times are milliseconds since 1970, UTC.
CREATE TABLE task (
    created_no INTEGER PRIMARY KEY,
    ledger_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    description TEXT NOT NULL,
    task_type TEXT NOT NULL,
    execution_mode TEXT NOT NULL,
    parent_task_id TEXT,
    context_json TEXT NOT NULL,
    container BOOLEAN NOT NULL,
    max_retries INTEGER NOT NULL,
    supersedes TEXT,
    created_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    priority INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    started_at INTEGER,
    completed_at INTEGER,
    result_json TEXT,
    result_hash TEXT,
    error_message TEXT,
    failure_reason TEXT,
    blocked_reason TEXT,
    pending_reason TEXT,
    retry_count INTEGER NOT NULL,
    not_before INTEGER,
    running_since INTEGER,
    time_spent_ms INTEGER NOT NULL,
    version INTEGER NOT NULL,
    owner_node_id TEXT,
    worker_id TEXT,
    incarnation TEXT,
    lease_token INTEGER NOT NULL,
    last_event_seq INTEGER NOT NULL,
    -- What few tasks have, such as a delegation or a budget.
    more_json TEXT,
    archived BOOLEAN NOT NULL,
    -- These follow from other rows, and the two after them from this one.
    unmet_edges INTEGER NOT NULL,
    has_dependents BOOLEAN NOT NULL,
    has_open_children BOOLEAN NOT NULL,
    claimable BOOLEAN NOT NULL,
    due_at INTEGER,
    -- Signs of life, which no event tells.
    lease_until INTEGER,
    heartbeat_at INTEGER,
    UNIQUE (ledger_id, task_id)
);

-- What a worker claims next.
CREATE INDEX task_claimable ON task (ledger_id, priority DESC, created_no) WHERE claimable;

-- What has to be looked at next though nobody calls.
CREATE INDEX task_due ON task (due_at) WHERE due_at IS NOT NULL;

-- The leases of a node.
CREATE INDEX task_leased ON task (owner_node_id) WHERE lease_until IS NOT NULL;

CREATE INDEX task_by_status ON task (ledger_id, status);

CREATE INDEX task_by_parent ON task (ledger_id, parent_task_id) WHERE parent_task_id IS NOT NULL;

CREATE INDEX task_open_by_parent ON task (ledger_id, parent_task_id)
    WHERE parent_task_id IS NOT NULL AND status NOT IN ('completed', 'failed', 'cancelled', 'terminated', 'skipped', 'not_applicable', 'rolled_back');

-- The containers of one name in all ledgers, newest first: the task "run" of every run.
CREATE INDEX task_by_name ON task (task_id, created_no) WHERE container;

-- Those of them that have not ended.
CREATE INDEX task_open_by_name ON task (task_id, created_no)
    WHERE container AND status NOT IN ('completed', 'failed', 'cancelled', 'terminated', 'skipped', 'not_applicable', 'rolled_back');

-- to_task waits for from_task.
CREATE TABLE task_edge (
    ledger_id TEXT NOT NULL,
    to_task TEXT NOT NULL,
    from_task TEXT NOT NULL,
    kind TEXT NOT NULL,
    outcome TEXT NOT NULL,
    strict BOOLEAN NOT NULL,
    PRIMARY KEY (ledger_id, to_task, from_task, kind)
) WITHOUT ROWID;

-- With all columns: without statistics SQLite would read all edges of the ledger instead of using a shorter one.
CREATE INDEX task_edge_by_from ON task_edge (ledger_id, from_task, to_task, kind, outcome, strict);

-- What a completed task told those that wait for it.
CREATE TABLE task_message (
    ledger_id TEXT NOT NULL,
    to_task TEXT NOT NULL,
    from_task TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    message_type TEXT NOT NULL,
    data_json TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (ledger_id, to_task, from_task, attempt, message_type)
) WITHOUT ROWID;

-- What verifiers said of results.
CREATE TABLE task_verification (
    ledger_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    verifier_id TEXT NOT NULL,
    result_hash TEXT NOT NULL,
    verdict BOOLEAN NOT NULL,
    evidence_json TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (ledger_id, task_id, attempt, verifier_id)
) WITHOUT ROWID;

-- Requests with an idempotency key: what was asked for, the event that answers it, and what of the answer no event of the
-- task tells.
CREATE TABLE task_request (
    ledger_id TEXT NOT NULL,
    idem_key TEXT NOT NULL,
    task_id TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    seq INTEGER NOT NULL,
    rest_json TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (ledger_id, idem_key)
) WITHOUT ROWID;

CREATE TABLE ledger_snapshot (
    ledger_id TEXT NOT NULL,
    snapshot_id TEXT NOT NULL,
    label TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    tasks_json TEXT NOT NULL,
    PRIMARY KEY (ledger_id, snapshot_id)
) WITHOUT ROWID;

CREATE TABLE ledger_checkpoint (
    ledger_id TEXT NOT NULL,
    no INTEGER NOT NULL,
    heads_json TEXT NOT NULL,
    signed_at INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (ledger_id, no)
) WITHOUT ROWID;

-- The keys that signed checkpoints; a key that follows another one names it, and both have signed that.
CREATE TABLE ledger_key (
    key_id TEXT PRIMARY KEY,
    public_key BLOB NOT NULL,
    known_since INTEGER NOT NULL,
    old_key_id TEXT,
    old_signature BLOB,
    new_signature BLOB
) WITHOUT ROWID;

-- How far a subscriber has been told.
CREATE TABLE subscription (
    subscriber_id TEXT NOT NULL,
    ledger_id TEXT NOT NULL,
    stripe INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    PRIMARY KEY (subscriber_id, ledger_id, stripe)
) WITHOUT ROWID;
