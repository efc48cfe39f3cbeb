package dev.hart.core.run;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the threads of a runtime: virtual ones where the JVM has them (21 and later), else daemon threads. */
public final class Workers {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);
    private static final int MAX_THREADS = 256;

    private Workers() {}

    /** An executor for work that mostly waits. */
    public static ExecutorService create(String name) {
        if (Runtime.version().feature() >= 21) {
            try {
                return virtual(name);
            } catch (Throwable e) {
                LOG.info("no virtual threads in this JVM, using daemon threads: {}", e.toString());
            }
        }
        return bounded(name);
    }

    /** An executor that never lets work wait for other work, for work that waits for its own kind. */
    public static ExecutorService unbounded(String name) {
        if (Runtime.version().feature() >= 21) {
            return create(name);
        }
        return new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), daemons(name));
    }

    /** Takes an idle thread if there is one, else a new one, and lets work wait only when all are busy. */
    private static ExecutorService bounded(String name) {
        BlockingQueue<Runnable> handOver = new LinkedTransferQueue<>() {
            private static final long serialVersionUID = 1;

            @Override
            public boolean offer(Runnable task) {
                return tryTransfer(task);
            }
        };
        return new ThreadPoolExecutor(0, MAX_THREADS, 30, TimeUnit.SECONDS, handOver, daemons(name), (task, pool) -> {
            if (pool.isShutdown()) {
                throw new RejectedExecutionException("the runtime is closed");
            }
            handOver.add(task);
        });
    }

    /** Looked up by name: the code is compiled for Java 17. */
    private static ExecutorService virtual(String name) throws Throwable {
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        Class<?> builder = Class.forName("java.lang.Thread$Builder");
        Class<?> ofVirtual = Class.forName("java.lang.Thread$Builder$OfVirtual");
        MethodHandle make = lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(ofVirtual));
        MethodHandle named =
                lookup.findVirtual(ofVirtual, "name", MethodType.methodType(ofVirtual, String.class, long.class));
        MethodHandle factory = lookup.findVirtual(builder, "factory", MethodType.methodType(ThreadFactory.class));
        ThreadFactory threads = (ThreadFactory) factory.invoke(named.invoke(make.invoke(), name + "-", 0L));
        MethodHandle perTask = lookup.findStatic(
                Executors.class,
                "newThreadPerTaskExecutor",
                MethodType.methodType(ExecutorService.class, ThreadFactory.class));
        return (ExecutorService) perTask.invoke(threads);
    }

    /** A timer that forgets what is cancelled at once: almost every alarm is. */
    public static ScheduledExecutorService timer(String name) {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, daemons(name));
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }

    /** Names daemon threads {@code name-1}, {@code name-2}… */
    private static ThreadFactory daemons(String name) {
        java.util.concurrent.atomic.AtomicInteger number = new java.util.concurrent.atomic.AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
