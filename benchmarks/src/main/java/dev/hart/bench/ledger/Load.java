package dev.hart.bench.ledger;

/** How the commands come: a task's life is three of them, create, claim and complete. */
enum Load {
    /** One thread, which waits until a command is durable before it gives the next. */
    ONE_THREAD("1", "1 thread", 1, 1),
    /** Sixteen threads that each do so. */
    THREADS_16("16", "16 threads", 16, 1),
    /** One thread that makes a hundred commands of one kind durable at once. */
    BATCH_100("batch", "batches of 100", 1, 100);

    private final String metric;
    private final String label;
    private final int threads;
    private final int batch;

    Load(String metric, String label, int threads, int batch) {
        this.metric = metric;
        this.label = label;
        this.threads = threads;
        this.batch = batch;
    }

    /** In the names of figures. */
    String metric() {
        return metric;
    }

    String label() {
        return label;
    }

    int threads() {
        return threads;
    }

    /** Commands in one commit. */
    int batch() {
        return batch;
    }
}
