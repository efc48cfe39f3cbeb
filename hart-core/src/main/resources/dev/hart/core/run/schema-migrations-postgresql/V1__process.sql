CREATE TABLE process (
    id          TEXT   NOT NULL PRIMARY KEY,
    host        TEXT   NOT NULL,
    started_at  BIGINT NOT NULL,
    lease_until BIGINT NOT NULL
);
