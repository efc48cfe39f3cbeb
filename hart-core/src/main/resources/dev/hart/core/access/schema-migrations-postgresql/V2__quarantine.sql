-- Agents and nodes in quarantine. Times are milliseconds since 1970, UTC.
CREATE TABLE quarantine (
    subject      TEXT    NOT NULL PRIMARY KEY,
    level        INTEGER NOT NULL,
    reason       TEXT    NOT NULL,
    since        BIGINT  NOT NULL,
    review_count INTEGER NOT NULL,
    last_review  BIGINT 
);

CREATE TABLE quarantine_note (
    subject TEXT    NOT NULL REFERENCES quarantine (subject) ON DELETE CASCADE,
    number  INTEGER NOT NULL,
    note    TEXT    NOT NULL,
    PRIMARY KEY (subject, number)
);
