-- The number of the newest entry of each node's audit log, so that of two processes one writes the next entry.
CREATE TABLE audit_head (
    ledger_id TEXT   NOT NULL PRIMARY KEY,
    sequence  BIGINT NOT NULL
);
