package dev.hart.server;

import dev.hart.ledger.EventCursor;
import dev.hart.ledger.Ledger;
import dev.hart.ledger.LedgerEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A ledger's events for one reader, each with the place where the reader goes on. In a stripe they come by number and none
 * is skipped; stripes are put together by time as far as they were read at once.
 */
final class LedgerFeed implements Iterator<LedgerFeed.Item> {
    private static final int PAGE = 256;
    private static final long LOOK_MILLIS = 1_000;

    private final Ledger ledger;
    private final Deque<Item> read = new ArrayDeque<>();
    private final Semaphore news = new Semaphore(0);
    private EventCursor cursor;
    private volatile boolean closed;

    private LedgerFeed(Ledger ledger, EventCursor from) {
        this.ledger = ledger;
        this.cursor = from;
    }

    /**
     * @param next where a reader goes on who has seen the event
     */
    record Item(EventCursor next, LedgerEvent event) {}

    /** The events there are behind a place, at most {@code limit}. */
    static List<Item> page(Ledger ledger, EventCursor from, int limit) {
        int stripes = ledger.options().stripes();
        List<Deque<LedgerEvent>> chains = new ArrayList<>();
        for (int stripe = 0; stripe < stripes; stripe++) {
            chains.add(new ArrayDeque<>(ledger.events(stripe, from.seq(stripe), limit)));
        }
        List<Item> items = new ArrayList<>();
        Map<Integer, Long> seqs = new TreeMap<>(from.seqs());
        while (items.size() < limit) {
            Deque<LedgerEvent> oldest = null;
            for (Deque<LedgerEvent> chain : chains) {
                if (!chain.isEmpty()
                        && (oldest == null
                                || chain.getFirst()
                                        .at()
                                        .isBefore(oldest.getFirst().at()))) {
                    oldest = chain;
                }
            }
            if (oldest == null) {
                break;
            }
            LedgerEvent event = oldest.removeFirst();
            seqs.put(event.stripe(), event.seq());
            items.add(new Item(new EventCursor(seqs), event));
        }
        return items;
    }

    /** The events behind a place, and those to come, until the stream is closed. */
    static Stream<Item> follow(Ledger ledger, EventCursor from) {
        LedgerFeed feed = new LedgerFeed(ledger, from);
        var signals = ledger.onNews(feed.news::release);
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(feed, Spliterator.ORDERED), false)
                .onClose(() -> {
                    feed.closed = true;
                    signals.close();
                    feed.news.release();
                });
    }

    @Override
    public boolean hasNext() {
        try {
            while (read.isEmpty() && !closed) {
                read.addAll(page(ledger, cursor, PAGE));
                if (read.isEmpty()) {
                    news.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                    news.drainPermits();
                } else {
                    cursor = read.getLast().next();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        return !closed;
    }

    @Override
    public Item next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return read.removeFirst();
    }
}
