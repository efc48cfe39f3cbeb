CREATE TABLE sentence_vector (
    model         TEXT NOT NULL,
    sentence_hash TEXT NOT NULL,
    vector        BYTEANOT NULL,
    PRIMARY KEY (model, sentence_hash)
);
