package dev.hart.server;

import dev.hart.HartClock;
import dev.hart.security.trust.HaltCommand;
import dev.hart.spi.TaskKeeper;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands orders that this node has taken on to its peers, each in the order in which they were taken, until the peer
 * acknowledges one or it is valid no longer. A node takes an order once, by its sequence, so orders run in no circle.
 * Thread-safe.
 */
final class OrderRelay implements AutoCloseable {
    /** Orders that one peer waits for; an older one makes room. */
    private static final int MOST = 64;

    private static final Duration AT_FIRST = Duration.ofSeconds(2);
    private static final Duration AT_MOST = Duration.ofSeconds(60);
    private static final Duration IDLE = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(OrderRelay.class);

    private final List<Line> lines = new ArrayList<>();

    /** What waits for one peer, and who brings it. */
    private static final class Line {
        private final Peer peer;
        private final HartClock clock;
        private final Deque<Waiting> waiting = new ConcurrentLinkedDeque<>();
        private final Semaphore news = new Semaphore(0);
        private final TaskKeeper.Kept kept;

        Line(int number, Peer peer, HartClock clock, TaskKeeper keeper) {
            this.peer = peer;
            this.clock = clock;
            this.kept = keeper.keep("orders-to-peer-" + number, AT_MOST, this::deliver);
        }

        private record Waiting(byte[] envelope, HaltCommand order) {}

        void add(Waiting next) {
            if (waiting.size() == MOST) {
                LOG.warn("order {} was not delivered to {}: newer ones wait", waiting.pollFirst(), peer);
            }
            waiting.addLast(next);
            news.release();
        }

        /** Brings what waits; gives how long to wait for the next try. */
        private Duration deliver(Runnable heartbeat) throws InterruptedException {
            Duration pause = AT_FIRST;
            Waiting next = waiting.peekFirst();
            while (next != null) {
                heartbeat.run();
                if (clock.instant().isAfter(next.order().notAfter())) {
                    LOG.warn("order {} was not delivered to {} in its time", next.order(), peer);
                    waiting.remove(next);
                } else if (deliver(next)) {
                    waiting.remove(next);
                    pause = AT_FIRST;
                } else {
                    await(pause);
                    pause = pause.compareTo(AT_MOST.dividedBy(2)) < 0 ? pause.multipliedBy(2) : AT_MOST;
                }
                next = waiting.peekFirst();
            }
            await(IDLE);
            return Duration.ZERO;
        }

        /** Returns when something comes, or the time is over. */
        private void await(Duration longest) throws InterruptedException {
            if (news.tryAcquire(longest.toMillis(), TimeUnit.MILLISECONDS)) {
                news.drainPermits();
            }
        }

        /** Whether the peer needs it no longer: it has taken it, knows it, or will never take it. */
        private boolean deliver(Waiting next) {
            try {
                int status = peer.post("/api/guardrails/commands", next.envelope());
                boolean later = status == 429 || status >= 500;
                LOG.info(
                        "peer {} answered {} to order {}",
                        peer,
                        status,
                        next.order().sequence());
                return !later;
            } catch (IOException e) {
                LOG.warn(
                        "peer {} could not be reached with order {}",
                        peer,
                        next.order().sequence(),
                        e);
                return false;
            }
        }
    }

    OrderRelay(List<Peer> peers, HartClock clock, TaskKeeper keeper) {
        for (int i = 0; i < peers.size(); i++) {
            lines.add(new Line(i + 1, peers.get(i), clock, keeper));
        }
    }

    /** Hands on what was just taken. Returns at once. */
    void handOn(byte[] envelope, HaltCommand order) {
        lines.forEach(line -> line.add(new Line.Waiting(envelope.clone(), order)));
    }

    /** What was not delivered is given up. */
    @Override
    public void close() {
        lines.forEach(line -> line.kept.close());
    }
}
