CREATE TABLE ledger (
    ledger_id      TEXT PRIMARY KEY,
    agent_id       TEXT    NOT NULL,
    session_id     TEXT    NOT NULL,
    created_at     INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE ledger_head (
    ledger_id TEXT    NOT NULL,
    stripe    INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    hash      BLOB    NOT NULL,
    PRIMARY KEY (ledger_id, stripe)
) WITHOUT ROWID;

CREATE TABLE task (
    created_no        INTEGER PRIMARY KEY AUTOINCREMENT,
    ledger_id         TEXT    NOT NULL,
    task_id           TEXT    NOT NULL,
    parent_task_id    TEXT,
    description       TEXT    NOT NULL,
    status            TEXT    NOT NULL,
    container         INTEGER NOT NULL,
    context_json      TEXT    NOT NULL,
    result_json       TEXT,
    blocked_reason    TEXT,
    failure_reason    TEXT,
    reason            TEXT,
    retry_count       INTEGER NOT NULL,
    max_retries       INTEGER NOT NULL,
    not_before        INTEGER,
    supersedes        TEXT,
    unmet_edges       INTEGER NOT NULL,
    owner_node        TEXT,
    owner_incarnation TEXT,
    version           INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    started_at        INTEGER,
    completed_at      INTEGER,
    UNIQUE (ledger_id, task_id)
);

CREATE INDEX task_run ON task (created_no) WHERE task_id = 'run';

CREATE INDEX task_run_open ON task (created_no) WHERE task_id = 'run' AND status IN ('pending', 'in_progress', 'paused');

CREATE TABLE task_edge (
    ledger_id TEXT    NOT NULL,
    to_task   TEXT    NOT NULL,
    from_task TEXT    NOT NULL,
    satisfied INTEGER NOT NULL,
    PRIMARY KEY (ledger_id, to_task, from_task)
) WITHOUT ROWID;

CREATE INDEX task_edge_from ON task_edge (ledger_id, from_task);

CREATE TABLE task_event (
    ledger_id TEXT    NOT NULL,
    stripe    INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    task_id   TEXT    NOT NULL,
    type      TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    actor     TEXT    NOT NULL,
    payload   TEXT    NOT NULL,
    hash      BLOB    NOT NULL,
    PRIMARY KEY (ledger_id, stripe, seq)
) WITHOUT ROWID;
