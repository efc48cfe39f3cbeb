package dev.hart.gpu;

/** What somebody is told from now on. Closing it ends that; a second close changes nothing. */
@FunctionalInterface
public interface Listening extends AutoCloseable {
    @Override
    void close();
}
