CREATE TABLE ledger (
    ledger_id TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    options_json TEXT,
    -- open, paused, or corrupt: found to differ from what was written, and only read since.
    status TEXT NOT NULL DEFAULT 'open',
    -- The version of the code that made its tasks from its events.
    projection BIGINT NOT NULL
);

CREATE INDEX ledger_by_projection ON ledger (projection);

-- The last event of each chain.
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
    -- The event before this one that changed the same task; 0 for none, and for events that change no task.
    previous_seq BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (ledger_id, stripe, seq)
);

CREATE SEQUENCE task_created_no;

-- What the events of a task amount to; it can be rebuilt from them. Times are milliseconds since 1970, UTC.
CREATE TABLE task (
    created_no BIGINT PRIMARY KEY,
    ledger_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    description TEXT NOT NULL,
    task_type TEXT NOT NULL,
    execution_mode TEXT NOT NULL,
    parent_task_id TEXT,
    context_json TEXT NOT NULL,
    container BOOLEAN NOT NULL,
    max_retries BIGINT NOT NULL,
    supersedes TEXT,
    created_at BIGINT NOT NULL,
    status TEXT NOT NULL,
    priority BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    started_at BIGINT,
    completed_at BIGINT,
    result_json TEXT,
    result_hash TEXT,
    error_message TEXT,
    failure_reason TEXT,
    blocked_reason TEXT,
    pending_reason TEXT,
    retry_count BIGINT NOT NULL,
    not_before BIGINT,
    running_since BIGINT,
    time_spent_ms BIGINT NOT NULL,
    version BIGINT NOT NULL,
    owner_node_id TEXT,
    worker_id TEXT,
    incarnation TEXT,
    lease_token BIGINT NOT NULL,
    last_event_seq BIGINT NOT NULL,
    -- What few tasks have, such as a delegation or a budget.
    more_json TEXT,
    archived BOOLEAN NOT NULL,
    -- These follow from other rows, and the two after them from this one.
    unmet_edges BIGINT NOT NULL,
    has_dependents BOOLEAN NOT NULL,
    has_open_children BOOLEAN NOT NULL,
    claimable BOOLEAN NOT NULL,
    due_at BIGINT,
    -- Signs of life, which no event tells.
    lease_until BIGINT,
    heartbeat_at BIGINT,
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
);

CREATE INDEX task_edge_by_from ON task_edge (ledger_id, from_task);

-- What a completed task told those that wait for it.
CREATE TABLE task_message (
    ledger_id TEXT NOT NULL,
    to_task TEXT NOT NULL,
    from_task TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    message_type TEXT NOT NULL,
    data_json TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (ledger_id, to_task, from_task, attempt, message_type)
);

-- What verifiers said of results.
CREATE TABLE task_verification (
    ledger_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    verifier_id TEXT NOT NULL,
    result_hash TEXT NOT NULL,
    verdict BOOLEAN NOT NULL,
    evidence_json TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (ledger_id, task_id, attempt, verifier_id)
);

-- Requests with an idempotency key: what was asked for, the event that answers it, and what of the answer no event of the
-- task tells.
CREATE TABLE task_request (
    ledger_id TEXT NOT NULL,
    idem_key TEXT NOT NULL,
    task_id TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    seq BIGINT NOT NULL,
    rest_json TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (ledger_id, idem_key)
);

CREATE TABLE ledger_snapshot (
    ledger_id TEXT NOT NULL,
    snapshot_id TEXT NOT NULL,
    label TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    tasks_json TEXT NOT NULL,
    PRIMARY KEY (ledger_id, snapshot_id)
);

CREATE TABLE ledger_checkpoint (
    ledger_id TEXT NOT NULL,
    no BIGINT NOT NULL,
    heads_json TEXT NOT NULL,
    signed_at BIGINT NOT NULL,
    key_id TEXT NOT NULL,
    signature BYTEA NOT NULL,
    PRIMARY KEY (ledger_id, no)
);

-- The keys that signed checkpoints; a key that follows another one names it, and both have signed that.
CREATE TABLE ledger_key (
    key_id TEXT PRIMARY KEY,
    public_key BYTEA NOT NULL,
    known_since BIGINT NOT NULL,
    old_key_id TEXT,
    old_signature BYTEA,
    new_signature BYTEA
);

-- How far a subscriber has been told.
CREATE TABLE subscription (
    subscriber_id TEXT NOT NULL,
    ledger_id TEXT NOT NULL,
    stripe BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (subscriber_id, ledger_id, stripe)
);
