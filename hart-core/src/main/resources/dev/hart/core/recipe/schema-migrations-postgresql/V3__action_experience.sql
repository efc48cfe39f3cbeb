CREATE TABLE action_experience (
    recipe_id   TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    flow_id     INTEGER NOT NULL,
    action_id   INTEGER NOT NULL,
    attempts    BIGINT  NOT NULL,
    successes   BIGINT  NOT NULL,
    total_ms    BIGINT  NOT NULL,
    model_calls BIGINT  NOT NULL,
    micro_spark BIGINT  NOT NULL,
    dead_ends   TEXT    NOT NULL,
    fallbacks   TEXT    NOT NULL,
    tools       TEXT    NOT NULL,
    PRIMARY KEY (recipe_id, version, flow_id, action_id)
);
