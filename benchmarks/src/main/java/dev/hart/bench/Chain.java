package dev.hart.bench;

/** A chain of {@link StepRate#STEPS} steps in one library, each of which counts one on from the number of the one before. */
interface Chain extends AutoCloseable {
    /** Runs the whole chain; from any thread, as many times as wanted. */
    long run(long start) throws Exception;

    /** Commits to a database so far; 0 where there is none. */
    long commits();

    @Override
    void close();
}
