package dev.hart.gpu.sidecar;

import dev.hart.gpu.VramLease;
import dev.hart.gpu.model.ModelProcess;
import dev.hart.gpu.model.ProcessExit;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A sidecar from one start to its end. Thread-safe. */
public final class SidecarRun implements ModelProcess {
    private final Sidecar sidecar;
    private final String token;
    final @Nullable VramLease lease;
    final Child child;
    final long since;
    final CompletableFuture<ProcessExit> exit = new CompletableFuture<>();
    volatile int port;

    // Guarded by the sidecar's lock.
    int misses;
    long nextCheck;
    /** It was killed because it did not answer, so its exit code says nothing. */
    boolean killed;
    /** At the last look; -1 before. */
    long residentBytes = -1;
    /** Why it was killed, when it held too much memory. */
    @Nullable
    String overLimit;

    SidecarRun(Sidecar sidecar, Child child, String token, @Nullable VramLease lease, long since) {
        this.sidecar = sidecar;
        this.child = child;
        this.token = token;
        this.lease = lease;
        this.since = since;
    }

    /** Where it listens: a port of {@code 127.0.0.1}. */
    public URI address() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /**
     * A call to it, with its token.
     *
     * @param path begins with {@code /}; may have a query
     */
    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(address().resolve(requirePath(path))).header("Authorization", "Bearer " + token);
    }

    static String requirePath(String path) {
        if (!path.startsWith("/") || path.startsWith("//")) {
            throw new IllegalArgumentException("path must begin with one /, was '" + path + "'");
        }
        return path;
    }

    public long pid() {
        return child.handle().pid();
    }

    /** The last 64 KiB that it wrote to standard output and standard error, without secrets. */
    public String output() {
        return child.output().text();
    }

    @Override
    public CompletionStage<ProcessExit> exit() {
        return exit.minimalCompletionStage();
    }

    /** Stops it, and what it started. A second call changes nothing, and a later run of the same sidecar goes on. */
    @Override
    public void close() {
        sidecar.stop(this);
    }

    @Override
    public String toString() {
        return "process %d of sidecar '%s' at %s".formatted(pid(), sidecar.tool(), address());
    }
}
