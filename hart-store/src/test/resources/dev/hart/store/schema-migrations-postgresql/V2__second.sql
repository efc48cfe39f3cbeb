CREATE TABLE author (
    name TEXT PRIMARY KEY,
    note BIGINT REFERENCES note (no)
);
