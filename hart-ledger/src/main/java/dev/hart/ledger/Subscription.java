package dev.hart.ledger;

import dev.hart.error.StoreUnavailableException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listener that is told a ledger's events; given by {@link Ledger#subscribe}. Thread-safe.
 *
 * <p>It reads each stripe by number. Writers of a stripe commit one after the other, so a number that is read was preceded by
 * all smaller ones, and none is skipped.
 */
public final class Subscription implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Subscription.class);
    private static final int PAGE = 256;
    private static final int MOST_TRIES = 10;
    private static final long POLL_MS = 1_000;
    private static final long FIRST_PAUSE_MS = 10;
    private static final long CLOSE_MS = 5_000;

    private final Ledgers ledgers;
    private final Ledger ledger;
    private final @Nullable String subscriberId;
    private final Consumer<LedgerEvent> listener;
    private final Semaphore news = new Semaphore(1);
    private final dev.hart.store.Subscription signals;
    private final Thread thread;
    private volatile EventCursor cursor;
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile @Nullable RuntimeException failure;

    Subscription(
            Ledgers ledgers,
            Ledger ledger,
            String channel,
            @Nullable String subscriberId,
            EventCursor from,
            Consumer<LedgerEvent> listener) {
        this.ledgers = ledgers;
        this.ledger = ledger;
        this.subscriberId = subscriberId;
        this.cursor = from;
        this.listener = listener;
        this.signals = ledgers.store.listen(channel, this::wake);
        this.thread = new Thread(this::run, "hart-ledger-events");
        this.thread.setDaemon(true);
    }

    Subscription begin() {
        thread.start();
        return this;
    }

    private void wake() {
        if (news.availablePermits() == 0) {
            news.release();
        }
    }

    private boolean isClosed() {
        return closing.getCount() == 0;
    }

    private void run() {
        try {
            while (!isClosed()) {
                try {
                    if (!tellAll()) {
                        return;
                    }
                } catch (StoreUnavailableException e) {
                    if (isClosed() || !ledgers.store.isOpen()) {
                        return;
                    }
                    log.warn(
                            "the events of {} cannot be read; this is tried again",
                            ledger.id().key(),
                            e);
                }
                news.tryAcquire(POLL_MS, TimeUnit.MILLISECONDS);
                news.drainPermits();
            }
        } catch (InterruptedException e) {
            // a listener that was interrupted wants the thread to end
        } catch (RuntimeException e) {
            failure = e;
            log.error("the subscription to {} has ended", ledger.id().key(), e);
        } finally {
            signals.close();
        }
    }

    /** Tells what is new; false when it gave up. */
    private boolean tellAll() throws InterruptedException {
        boolean more = true;
        while (more && !isClosed()) {
            more = false;
            int stripes = ledger.options().stripes();
            for (int stripe = 0; stripe < stripes && !isClosed(); stripe++) {
                List<LedgerEvent> page = ledger.events(stripe, cursor.seq(stripe), PAGE);
                boolean told = tell(stripe, page);
                if (!page.isEmpty()) {
                    keep(stripe);
                    more = true;
                }
                if (!told) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean tell(int stripe, List<LedgerEvent> page) throws InterruptedException {
        for (LedgerEvent event : page) {
            if (isClosed()) {
                return true;
            }
            if (!tell(event)) {
                return false;
            }
            cursor = cursor.with(stripe, event.seq());
        }
        return true;
    }

    // Whatever the listener throws is its owner's; an Error too must not end the thread unseen.
    private boolean tell(LedgerEvent event) throws InterruptedException {
        for (int tries = 1; ; tries++) {
            try {
                listener.accept(event);
                return true;
            } catch (RuntimeException | Error e) {
                if (isClosed()) {
                    return false;
                }
                if (tries == MOST_TRIES) {
                    failure = e instanceof RuntimeException thrown ? thrown : new IllegalStateException(e);
                    log.error(
                            "the listener failed {} times on event {} of {}; it is told nothing more",
                            tries,
                            event.seq(),
                            ledger.id().key(),
                            e);
                    return false;
                }
                log.warn(
                        "a listener failed on event {} of {}",
                        event.seq(),
                        ledger.id().key(),
                        e);
                if (closing.await(FIRST_PAUSE_MS << (tries - 1), TimeUnit.MILLISECONDS)) {
                    return false;
                }
            }
        }
    }

    private void keep(int stripe) {
        String subscriber = subscriberId;
        if (subscriber != null) {
            long seq = cursor.seq(stripe);
            ledgers.store.write(tx -> {
                EventCursor.store(tx, subscriber, ledger.id(), stripe, seq);
                return true;
            });
        }
    }

    /** The last event of each stripe that the listener has taken. */
    public EventCursor cursor() {
        return cursor;
    }

    /** What made it stop; empty while it runs. */
    public Optional<RuntimeException> failure() {
        return Optional.ofNullable(failure);
    }

    /** Tells nothing more, and waits at most 5 seconds for the listener to return. A second call changes nothing. */
    @Override
    public void close() {
        if (isClosed()) {
            return;
        }
        closing.countDown();
        signals.close();
        news.release();
        if (Thread.currentThread() != thread) {
            try {
                thread.join(CLOSE_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
