-- Versions that are not the current one though they are trained and no older than it: candidates, and those that lost.
CREATE TABLE recipe_withheld (
    recipe_id TEXT    NOT NULL,
    version   INTEGER NOT NULL,
    standing  TEXT    NOT NULL,
    imported  INTEGER NOT NULL,
    reasons   TEXT    NOT NULL,
    PRIMARY KEY (recipe_id, version)
);

CREATE TABLE recipe_guard (
    recipe_id TEXT NOT NULL PRIMARY KEY,
    guard     TEXT NOT NULL
);

-- Times are milliseconds since 1970, UTC.
CREATE TABLE rollout (
    rollout_id TEXT    NOT NULL PRIMARY KEY,
    recipe_id  TEXT    NOT NULL,
    baseline   INTEGER NOT NULL,
    candidate  INTEGER NOT NULL,
    plan       TEXT    NOT NULL,
    cause      TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    started_at BIGINT  NOT NULL,
    ends_at    BIGINT  NOT NULL,
    ended_at   BIGINT,
    reasons    TEXT    NOT NULL
);

CREATE UNIQUE INDEX rollout_running ON rollout (recipe_id) WHERE state = 'RUNNING';

-- What each run of a rollout came to, for the version that it ran.
CREATE TABLE rollout_trial (
    rollout_id  TEXT    NOT NULL,
    run_id      TEXT    NOT NULL,
    arm         TEXT    NOT NULL,
    passed      INTEGER NOT NULL,
    agreed      INTEGER,
    millis      BIGINT  NOT NULL,
    micro_spark BIGINT  NOT NULL,
    problems    TEXT    NOT NULL,
    PRIMARY KEY (rollout_id, run_id, arm)
);

-- What the last replays of each version of a guarded recipe came to.
CREATE TABLE replay_result (
    recipe_id TEXT    NOT NULL,
    version   INTEGER NOT NULL,
    run_id    TEXT    NOT NULL,
    at        BIGINT  NOT NULL,
    passed    INTEGER NOT NULL,
    problems  TEXT    NOT NULL,
    PRIMARY KEY (recipe_id, version, run_id)
);

CREATE TABLE recipe_drift (
    recipe_id TEXT    NOT NULL,
    version   INTEGER NOT NULL,
    since     BIGINT  NOT NULL,
    PRIMARY KEY (recipe_id, version)
);
