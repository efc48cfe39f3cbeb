CREATE TABLE recipe (
    no             BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipe_id      TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    name           TEXT    NOT NULL,
    parent_version INTEGER,
    content_hash   TEXT    NOT NULL,
    status         TEXT    NOT NULL,
    learned_by     TEXT,
    created_at     BIGINT  NOT NULL,
    content        TEXT    NOT NULL,
    UNIQUE (recipe_id, version),
    UNIQUE (name, version)
);
