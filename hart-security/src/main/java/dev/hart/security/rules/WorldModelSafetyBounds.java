package dev.hart.security.rules;

import dev.hart.guard.Verdict;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Bounds on how fast skills and models may change what other nodes do: ten skill packets an hour from one node, each seen
 * by two witnesses, and 0.05 of accuracy a day. Thread-safe; counts are kept in memory and begin anew with the process.
 */
public final class WorldModelSafetyBounds {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofHours(24);
    private static final int MAX_NODES = 50_000;
    private static final int MAX_MODELS = 10_000;
    private static final int MAX_CHANGES = 1_000;

    private final ConstitutionalFilter filter;
    private final Clock clock;
    private final Map<String, Deque<Instant>> exports = new HashMap<>();
    private final Map<String, List<Accuracy>> accuracies = new HashMap<>();

    private record Accuracy(Instant since, BigDecimal value) {}

    public WorldModelSafetyBounds(ConstitutionalFilter filter, Clock clock) {
        this.filter = filter;
        this.clock = clock;
    }

    /**
     * Takes one of the node's ten exports of the past hour, unless the packet is refused: by {@code RATE}, by its words or
     * sender, by its {@code CATEGORY}, or by {@code WITNESS}. A refused packet uses up nothing. Judging and counting are
     * one step, so two threads never share the last place.
     *
     * @param node id of the exporting node
     */
    public Verdict export(String node, PeerIntegrity.Status status, SkillPacket packet) {
        Verdict verdict = filter.checkSkillPacket(packet, status); // reads a text, so outside of the lock
        synchronized (exports) {
            Instant now = clock.instant();
            Deque<Instant> recent = recent(node, now);
            if (recent.size() >= Caps.SKILL_PACKETS_PER_HOUR) {
                return new Verdict.Refused(
                        "RATE",
                        "node " + node + " exported " + Caps.SKILL_PACKETS_PER_HOUR
                                + " skill packets within an hour; the next may go at "
                                + recent.getFirst().plus(HOUR));
            }
            if (verdict instanceof Verdict.Refused) {
                return verdict;
            }
            if (Names.isOneOf(packet.category(), Constitution.PROHIBITED_CATEGORIES)
                    || Names.mixesScripts(packet.category())) {
                return new Verdict.Refused(
                        "CATEGORY", "skills of the category " + Names.squeeze(packet.category()) + " are not exported");
            }
            int witnesses = witnesses(node, packet);
            if (witnesses < Caps.WITNESSES) {
                return new Verdict.Refused(
                        "WITNESS",
                        "a skill packet needs " + Caps.WITNESSES + " witnesses other than the node itself, has "
                                + witnesses);
            }
            if (recent.isEmpty() && exports.size() >= MAX_NODES && !forgetIdle(now)) {
                return new Verdict.Refused(
                        "RATE", MAX_NODES + " nodes exported within the hour; no further one is counted, so none may");
            }
            recent.addLast(now);
            exports.put(node, recent);
            return verdict;
        }
    }

    /**
     * The accuracy that counts after a model reports {@code proposed}: at most 0.05 above the value in force 24 hours
     * earlier, or above its first value when it has no older one. Falls are taken as they are.
     *
     * @param current the value in force, from 0 to 1; read only when this model was never seen here
     * @param proposed 0 to 1
     */
    public BigDecimal accuracy(String model, BigDecimal current, BigDecimal proposed) {
        requireShare(current, "the current accuracy of " + model);
        requireShare(proposed, "the proposed accuracy of " + model);
        synchronized (accuracies) {
            Instant now = clock.instant();
            List<Accuracy> history = accuracies.get(model);
            if (history == null) {
                if (accuracies.size() >= MAX_MODELS) {
                    throw new IllegalStateException("accuracies of " + MAX_MODELS + " models are bounded; no more fit");
                }
                history = new ArrayList<>();
                history.add(new Accuracy(now, current));
                accuracies.put(model, history);
            }
            Instant before = now.minus(DAY);
            while (history.size() > 1 && !history.get(1).since().isAfter(before)) {
                history.remove(0);
            }
            BigDecimal limit = history.get(0).value().add(Caps.ACCURACY_GAIN_PER_DAY);
            BigDecimal accepted = proposed.min(limit);
            if (accepted.compareTo(history.get(history.size() - 1).value()) != 0) {
                history.add(new Accuracy(now, accepted));
            }
            if (history.size() > MAX_CHANGES) {
                Accuracy second = history.remove(1); // the lower of two stands for both, so the limit is never looser
                history.set(
                        0,
                        new Accuracy(
                                history.get(0).since(), history.get(0).value().min(second.value())));
            }
            return accepted;
        }
    }

    private Deque<Instant> recent(String node, Instant now) {
        Deque<Instant> recent = exports.getOrDefault(node, new ArrayDeque<>());
        while (!recent.isEmpty() && !now.isBefore(recent.getFirst().plus(HOUR))) {
            recent.removeFirst();
        }
        return recent;
    }

    /** Whether a node whose exports are all older than an hour could be dropped. */
    private boolean forgetIdle(Instant now) {
        return exports.values()
                .removeIf(times ->
                        times.isEmpty() || !now.isBefore(times.getLast().plus(HOUR)));
    }

    private static int witnesses(String node, SkillPacket packet) {
        Set<String> distinct = new HashSet<>();
        for (String witness : packet.witnesses()) {
            String id = witness.strip();
            if (!id.isEmpty() && !id.equals(node)) {
                distinct.add(id);
            }
        }
        return distinct.size();
    }

    private static void requireShare(BigDecimal value, String what) {
        if (value.signum() < 0 || value.compareTo(BigDecimal.ONE) > 0) {
            throw new IllegalArgumentException(what + " is from 0 to 1, was " + value);
        }
    }
}
