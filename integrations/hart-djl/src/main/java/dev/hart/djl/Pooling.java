package dev.hart.djl;

/** How the vectors of a text's tokens become one vector. Which one is right is decided by how the model was trained. */
public enum Pooling {
    /** Their mean, as most sentence models have it, such as MiniLM. */
    MEAN,
    /** That of the first token, as BGE has it. */
    FIRST
}
