-- When the schedules of the newest trained version of each recipe are due next. Times are milliseconds since 1970, UTC.
CREATE TABLE schedule (
    recipe_id    TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    number       INTEGER NOT NULL,
    paused       INTEGER NOT NULL,
    next_at      INTEGER,
    last_at      INTEGER,
    last_run     TEXT,
    last_skipped TEXT,
    PRIMARY KEY (recipe_id, version, number)
);

CREATE INDEX schedule_due ON schedule (next_at) WHERE paused = 0;
