CREATE TABLE sentence_vector (
    model         TEXT NOT NULL,
    sentence_hash TEXT NOT NULL,
    vector        BYTEA NOT NULL,
    PRIMARY KEY (model, sentence_hash)
);
