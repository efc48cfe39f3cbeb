CREATE TABLE action_experience (
    recipe_id   TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    flow_id     INTEGER NOT NULL,
    action_id   INTEGER NOT NULL,
    attempts    INTEGER NOT NULL,
    successes   INTEGER NOT NULL,
    total_ms    INTEGER NOT NULL,
    model_calls INTEGER NOT NULL,
    micro_spark INTEGER NOT NULL,
    dead_ends   TEXT    NOT NULL,
    fallbacks   TEXT    NOT NULL,
    tools       TEXT    NOT NULL,
    PRIMARY KEY (recipe_id, version, flow_id, action_id)
) WITHOUT ROWID;
