-- Two statements; the second needs the first.
CREATE TABLE note (no INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
INSERT INTO note (no, text) VALUES (0, 'made by V1');
