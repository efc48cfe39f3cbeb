package dev.hart.security.trust;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.error.StoreUnavailableException;
import dev.hart.security.trust.HaltAnswer.Reason;
import dev.hart.spi.HaltCause;
import dev.hart.spi.HaltSwitch;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's kill switch. Signed orders of the trust anchors halt the network, a region or this node and let them go on;
 * an operator at the node can stop it, and the node stops itself when it finds itself changed. What it was told is on the
 * disk before anyone is told that it was taken, so it stands still after a crash too; a state that cannot be read stands
 * still until an operator has looked.
 *
 * <p>An order is checked in this order: size, form, signatures, time, scope, sequence. Causes are independent: a RESUME
 * takes back only those of its own scope that are older. A stop by the operator ends by the operator alone, and TAMPER by
 * a restart whose boot checks pass. Thread-safe; asking costs one volatile read. Writes are made one at a time, and wait
 * for the disk.
 */
public final class CircuitBreaker implements HaltSwitch, AutoCloseable {
    /** The largest order that is looked at, in bytes. */
    public static final int MAX_ORDER = 16_384;

    private static final Logger LOG = LoggerFactory.getLogger(CircuitBreaker.class);
    private static final String FILE = "halt-state";
    private static final String LOCK = "halt-state.lock";
    private static final String ESTOP = "estop";
    private static final String TAMPER = "tamper";
    private static final String UNREADABLE = "unreadable";
    private static final Duration CLOCK_SKEW = Duration.ofSeconds(300);
    private static final Duration QUIET = Duration.ofMinutes(1);
    private static final int MAX_SOURCES = 1_024;

    private final CircuitBreakerBuilder settings;
    private final Path file;
    private final FileChannel lockChannel;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    /** When a refusal of each source was last told; guarded by itself, the oldest leaves first. */
    private final Map<String, Instant> told = new LinkedHashMap<>();
    /** Guards every change of {@link #state}, and is held while the disk writes. */
    private final Object changing = new Object();

    /** Whether what is on the disk cannot be read; guarded by {@link #changing}. */
    private boolean unreadable;
    /** TAMPER from this process, which only a restart ends; guarded by {@link #changing}. */
    private boolean tamperedNow;

    private volatile HaltState state;

    CircuitBreaker(CircuitBreakerBuilder settings, Path directory) {
        this.settings = settings;
        this.file = directory.resolve(FILE);
        this.lockChannel = lock(directory.resolve(LOCK));
        this.state = load();
    }

    /** A breaker that keeps its state in this folder, which must be there. */
    public static CircuitBreakerBuilder in(Path directory) {
        return new CircuitBreakerBuilder(directory);
    }

    private static FileChannel lock(Path file) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                @Nullable FileLock lock = channel.tryLock();
                if (lock != null) {
                    return channel;
                }
            } catch (OverlappingFileLockException e) {
                LOG.debug("{} is locked by this process", file, e);
            }
            channel.close();
            throw new InvalidConfigurationException("the halt state beside " + file
                    + " is in use by another circuit breaker: one per folder, share it or give another folder");
        } catch (IOException e) {
            throw new StoreUnavailableException("cannot open " + file + ": " + e, e);
        }
    }

    private HaltState load() {
        try {
            return Files.exists(file) ? HaltState.read(file) : new HaltState(0, Map.of());
        } catch (IOException | MalformedException e) {
            LOG.error(
                    "the halt state {} cannot be read, so this node stands still until an operator has looked",
                    file,
                    e);
            unreadable = true;
            HaltCause cause = cause(HaltCause.Kind.TAMPER, UNREADABLE, "the halt state cannot be read");
            return new HaltState(0, Map.of(UNREADABLE, cause));
        }
    }

    private HaltCause cause(HaltCause.Kind kind, String scope, String reason) {
        return new HaltCause(kind, scope, reason, now().truncatedTo(ChronoUnit.MILLIS), 0);
    }

    private Instant now() {
        return settings.clock.instant();
    }

    @Override
    public boolean isHalted() {
        return !state.causes().isEmpty();
    }

    @Override
    public List<HaltCause> causes() {
        return state.causes().values().stream()
                .sorted(Comparator.comparing(HaltCause::since).thenComparing(HaltCause::scope))
                .toList();
    }

    /** The node whose orders are taken beside those to its region and the network; empty when none was named. */
    public String nodeId() {
        return settings.nodeId == null ? "" : settings.nodeId;
    }

    /** Whether anybody's signed orders are taken. */
    public boolean takesOrders() {
        return settings.anchors != null;
    }

    /** The highest sequence of the orders that were taken; 0 when there was none. */
    public long sequence() {
        return state.sequence();
    }

    @Override
    public Subscription onChange(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /**
     * Takes an order, or says why not. When it is taken, it is durable, and listeners were told.
     *
     * @param envelope as it came
     * @param source who sent it, such as an address: refusals are told once per source and minute
     * @throws StoreUnavailableException when it cannot be made durable. A HALT stands all the same until the process ends;
     *     a RESUME does not
     */
    public HaltAnswer accept(byte[] envelope, String source) {
        HaltAnswer answer = check(envelope);
        if (answer instanceof HaltAnswer.Refused refused) {
            tell(refused, source);
        } else {
            LOG.warn("order taken: {}", answer);
            notifyListeners();
        }
        return answer;
    }

    private HaltAnswer check(byte[] bytes) {
        if (bytes.length > MAX_ORDER) {
            return refuse(Reason.TOO_LARGE, "an order has at most " + MAX_ORDER + " bytes");
        }
        Envelope envelope;
        HaltCommand command;
        try {
            envelope = Envelope.parse(bytes);
            if (envelope.type() != PayloadType.COMMAND) {
                return refuse(Reason.UNREADABLE, "the envelope holds no order");
            }
            command = HaltCommand.parse(envelope.payload());
        } catch (MalformedException e) {
            return refuse(Reason.UNREADABLE, "it is no order: " + e.getMessage());
        }
        TrustAnchors anchors = settings.anchors;
        int needed = anchors == null
                ? Integer.MAX_VALUE
                : command.action() == HaltCommand.Action.HALT ? settings.haltThreshold : anchors.threshold();
        if (anchors == null || anchors.signers(envelope) < needed) {
            return refuse(Reason.NOT_SIGNED, "too few of the trust anchors have signed it");
        }
        Instant now = now();
        if (now.isBefore(command.issuedAt().minus(CLOCK_SKEW))
                || now.isAfter(command.notAfter())
                || command.notAfter().isBefore(command.issuedAt())
                || Duration.between(command.issuedAt(), command.notAfter()).compareTo(HaltCommand.LONGEST) > 0) {
            return refuse(Reason.WRONG_TIME, "it is not valid now, or for longer than 24 hours");
        }
        if (!isOurs(command.scope())) {
            return refuse(Reason.WRONG_SCOPE, "it is for another region or node");
        }
        return take(command, now);
    }

    private HaltAnswer take(HaltCommand command, Instant now) {
        synchronized (changing) {
            if (unreadable) {
                return refuse(Reason.STATE_UNREADABLE, "the halt state cannot be read; an operator must look first");
            }
            if (command.sequence() <= state.sequence()) {
                return refuse(Reason.OLD_SEQUENCE, "its sequence is not above " + state.sequence());
            }
            String scope = command.scope().toString();
            HaltState next = state.at(command.sequence());
            HaltCause old = next.causes().get(scope);
            if (command.action() == HaltCommand.Action.HALT) {
                Instant since = old == null ? now : old.since();
                next = next.with(new HaltCause(
                        command.scope().kind(),
                        scope,
                        command.reason(),
                        since.truncatedTo(ChronoUnit.MILLIS),
                        command.sequence()));
                stop(next);
            } else {
                next = old == null ? next : next.without(scope);
                save(next);
                state = next;
            }
            return new HaltAnswer.Accepted(command);
        }
    }

    /** Stands still at once, then makes that durable. */
    private void stop(HaltState next) {
        state = new HaltState(state.sequence(), next.causes());
        try {
            save(next);
        } catch (StoreUnavailableException e) {
            notifyListeners();
            throw e;
        }
        state = next;
    }

    private boolean isOurs(HaltScope scope) {
        if (scope instanceof HaltScope.Region region) {
            return region.name().equals(settings.region);
        }
        return !(scope instanceof HaltScope.Node node) || node.id().equals(settings.nodeId);
    }

    private static HaltAnswer refuse(Reason reason, String message) {
        return new HaltAnswer.Refused(reason, message);
    }

    private void tell(HaltAnswer.Refused refused, String source) {
        Instant now = now();
        synchronized (told) {
            Instant last = told.get(source);
            if (last != null && now.isBefore(last.plus(QUIET)) && !now.isBefore(last)) {
                return;
            }
            told.remove(source);
            told.put(source, now);
            if (told.size() > MAX_SOURCES) {
                told.remove(told.keySet().iterator().next());
            }
        }
        LOG.warn("order from {} refused: {}", source, refused);
        settings.refusals.accept(source, refused);
    }

    private void notifyListeners() {
        for (Runnable listener : listeners) {
            try {
                listener.run();
            } catch (RuntimeException e) {
                LOG.error("a listener of the circuit breaker failed", e);
            }
        }
    }

    /**
     * Stops this node by hand (E-stop). It stands still at once and stays so until {@link #clearLocal} or {@link #clear},
     * whatever orders come. Stopped again it keeps the first reason and time.
     *
     * @throws StoreUnavailableException when that cannot be made durable; the node stands still until the process ends
     */
    public void localHalt(String reason) {
        String why = requireReason(reason);
        change(s -> s.causes().containsKey(ESTOP) ? s : s.with(cause(HaltCause.Kind.ESTOP, ESTOP, why)));
    }

    /**
     * Stops this node because its code or state was changed. Only a restart whose boot checks pass ends that.
     *
     * @throws StoreUnavailableException when that cannot be made durable; the node stands still until the process ends
     */
    public void tampered(String reason) {
        synchronized (changing) {
            tamperedNow = true;
        }
        change(s -> s.with(cause(HaltCause.Kind.TAMPER, TAMPER, requireReason(reason))));
    }

    private void change(UnaryOperator<HaltState> change) {
        synchronized (changing) {
            stop(change.apply(state));
        }
        notifyListeners();
    }

    private static String requireReason(String reason) {
        if (reason.isBlank()) {
            throw new IllegalArgumentException("say why the node is stopped: those who find it halted will ask");
        }
        return reason;
    }

    /**
     * Ends the emergency stop by an order that people have signed; other causes stay.
     *
     * @param envelope a {@link ClearOrder} as it came
     * @param source who sent it: refusals are told once per source and minute
     * @return why not; empty when the stop has ended, and durably so
     * @throws StoreUnavailableException when it cannot be made durable; the node stands still then
     */
    public Optional<HaltAnswer.Refused> clear(byte[] envelope, String source) {
        HaltAnswer.Refused refused = clearing(envelope);
        if (refused != null) {
            tell(refused, source);
            return Optional.of(refused);
        }
        LOG.warn("the emergency stop was ended by an operator's order");
        notifyListeners();
        return Optional.empty();
    }

    private HaltAnswer.@Nullable Refused clearing(byte[] bytes) {
        if (bytes.length > MAX_ORDER) {
            return new HaltAnswer.Refused(Reason.TOO_LARGE, "an order has at most " + MAX_ORDER + " bytes");
        }
        Envelope envelope;
        ClearOrder order;
        try {
            envelope = Envelope.parse(bytes);
            if (envelope.type() != PayloadType.OPERATOR) {
                return new HaltAnswer.Refused(Reason.UNREADABLE, "the envelope holds no operator's order");
            }
            order = ClearOrder.parse(envelope.payload());
        } catch (MalformedException e) {
            return new HaltAnswer.Refused(Reason.UNREADABLE, "it is no operator's order: " + e.getMessage());
        }
        TrustAnchors operators = settings.operators;
        if (operators == null || operators.signers(envelope) < operators.threshold()) {
            return new HaltAnswer.Refused(Reason.NOT_SIGNED, "too few of this node's operators have signed it");
        }
        if (!order.isValid(now(), CLOCK_SKEW)) {
            return new HaltAnswer.Refused(Reason.WRONG_TIME, "it is not valid now, or for longer than an hour");
        }
        if (!order.node().equals(settings.nodeId)) {
            return new HaltAnswer.Refused(Reason.WRONG_SCOPE, "it is for another node");
        }
        synchronized (changing) {
            HaltCause stop = state.causes().get(ESTOP);
            if (stop == null || !stop.since().equals(order.stopped())) {
                return new HaltAnswer.Refused(Reason.OLD_SEQUENCE, "it is for another emergency stop than the one now");
            }
            HaltState next = state.without(ESTOP);
            save(next);
            state = next;
        }
        return null;
    }

    /**
     * Ends the operator's own stop; other causes stay.
     *
     * @param credential what the operator shows; checked by {@link CircuitBreakerBuilder#operator}
     * @return false when the credential is not an operator's; nothing has changed then
     */
    public boolean clearLocal(String credential) {
        return asOperator(credential, () -> {
            HaltState next = state.without(ESTOP);
            save(next);
            state = next;
        });
    }

    /**
     * Begins a new halt state after the operator has looked at one that could not be read. What the old one held is lost,
     * so the operator says from where on orders are taken.
     *
     * @param sequence the highest that this node or a peer of it has seen, 0 or more: orders up to it are refused
     * @return false when the credential is not an operator's; nothing has changed then
     * @throws IllegalStateException when the state can be read
     */
    public boolean startAfresh(String credential, long sequence) {
        return asOperator(credential, () -> {
            if (!unreadable) {
                throw new IllegalStateException("the halt state can be read, so nothing needs to begin afresh");
            }
            HaltState next = state.without(UNREADABLE).at(sequence);
            unreadable = false;
            try {
                save(next);
            } catch (StoreUnavailableException e) {
                unreadable = true;
                throw e;
            }
            state = next;
        });
    }

    private boolean asOperator(String credential, Runnable change) {
        if (!settings.operator.test(credential)) {
            LOG.warn("an operator's command to the circuit breaker came with a wrong credential");
            return false;
        }
        synchronized (changing) {
            change.run();
        }
        notifyListeners();
        return true;
    }

    /** Takes back a TAMPER of an earlier process, which a boot that passed has proven over. */
    void verifiedBoot() {
        synchronized (changing) {
            if (tamperedNow || !state.causes().containsKey(TAMPER)) {
                return;
            }
            HaltState next = state.without(TAMPER);
            save(next);
            state = next;
        }
        notifyListeners();
    }

    /** Whether the state on the disk could be read. */
    boolean isReadable() {
        synchronized (changing) {
            return !unreadable;
        }
    }

    private void save(HaltState next) {
        if (unreadable) {
            return; // the old file is evidence, and unreadable stands still by itself
        }
        try {
            next.write(file);
        } catch (IOException e) {
            throw new StoreUnavailableException("cannot make the halt state " + file + " durable: " + e, e);
        }
    }

    /** Gives the folder free; what was taken stays. */
    @Override
    public void close() {
        try {
            lockChannel.close();
        } catch (IOException e) {
            throw new StoreUnavailableException("cannot close " + file + ": " + e, e);
        }
    }
}
