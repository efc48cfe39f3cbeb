-- Sign-ins and their refresh tokens, of which only the hashes are kept. Times are milliseconds since 1970, UTC.
CREATE TABLE token_family (
    family_id  TEXT    NOT NULL PRIMARY KEY,
    subject    TEXT    NOT NULL,
    scope      TEXT    NOT NULL,
    audience   TEXT    NOT NULL,
    revoked    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);

CREATE INDEX token_family_subject ON token_family (subject);
CREATE INDEX token_family_expires ON token_family (expires_at);

CREATE TABLE refresh_token (
    hash       TEXT    NOT NULL PRIMARY KEY,
    family_id  TEXT    NOT NULL REFERENCES token_family (family_id) ON DELETE CASCADE,
    used       INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);

CREATE INDEX refresh_token_family ON refresh_token (family_id);
