package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.HartException;
import dev.hart.store.Store;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What holds of a ledger wherever its tables are: each sub-class runs at every {@link LedgerHome}, with an empty ledger and a
 * clock that the test moves. Afterwards every ledger must be whole, unless the test said that it breaks it.
 */
@ParameterizedClass(name = "{0}")
@EnumSource(LedgerHome.class)
abstract class LedgerContract {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @Parameter
    LedgerHome home;

    @TempDir
    Path folder;

    volatile Instant now = START;
    Store store;
    Ledgers ledgers;
    Ledger ledger;
    private boolean broken;
    private int made;
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeEach
    void open() {
        store = home.open(folder);
        ledgers = builder(store).open();
        ledger = ledger(LedgerOptions.defaults());
    }

    Ledgers.Builder builder(Store in) {
        return Ledgers.in(in).clock(() -> now).actor("node-1").withoutBackgroundThread();
    }

    /** A new ledger with these options, and the home's stripes. */
    Ledger ledger(LedgerOptions options) {
        return ledgers.create(new LedgerId("case", "n" + ++made), options.stripes(home.stripes));
    }

    /** What another process would see; closed after the test. */
    Ledger inAnotherProcess() {
        return inAnotherProcess(builder(otherStore()));
    }

    Store otherStore() {
        if (home == LedgerHome.SQLITE_MEMORY) {
            return store;
        }
        Store other = home.openAgain(folder);
        opened.add(other);
        return other;
    }

    Ledger inAnotherProcess(Ledgers.Builder other) {
        return other.open().ledger(ledger.id());
    }

    /** The test leaves a ledger behind that is not what was written. */
    void breaks() {
        broken = true;
    }

    @AfterEach
    void everyLedgerIsWhole() throws Exception {
        try {
            if (!broken) {
                for (LedgerId id : ledgers.list("", 1000)) {
                    assertThat(ledgers.ledger(id).verify()).as(id.key()).isInstanceOf(VerifyReport.Ok.class);
                }
            }
        } finally {
            for (AutoCloseable one : opened) {
                one.close();
            }
            ledgers.close();
            home.close(store);
        }
    }

    Task run(Function<LedgerTransaction, Task> command) {
        return ledger.write(command::apply);
    }

    Task add(String id) {
        return ledger.add(NewTask.of(id, "Do " + id));
    }

    void addAll(String... ids) {
        for (String id : ids) {
            add(id);
        }
    }

    Task task(String id) {
        return ledger.task(id).orElseThrow();
    }

    Task start(String id) {
        return run(l -> l.start(id));
    }

    Task complete(String id) {
        return complete(id, null);
    }

    Task complete(String id, Object result) {
        return run(l -> l.complete(id, result));
    }

    /** Starts and completes a task. */
    Task finish(String id) {
        return run(l -> {
            l.start(id);
            return l.complete(id, null);
        });
    }

    Task fail(String id) {
        return run(l -> l.fail(id, "boom", FailureReason.ERROR));
    }

    static WorkerProfile worker(String id) {
        return WorkerProfile.of(id, "node-" + id, "i1");
    }

    Lease claim(String worker) {
        return ledger.claim(ClaimRequest.by(worker(worker))).orElseThrow();
    }

    List<String> ready() {
        return ledger.ready(1000).stream().map(Task::taskId).toList();
    }

    /** The statuses a task went through. */
    List<String> statuses(String id) {
        List<String> statuses = new ArrayList<>();
        for (LedgerEvent event : ledger.history(id)) {
            if (event.type().equals("TASK_CREATED")) {
                statuses.add((String) event.payload().getOrDefault("status", "pending"));
            } else if (event.payload().get("to") instanceof String to) {
                statuses.add(to);
            }
        }
        return statuses;
    }

    /** The types of the events that changed a task. */
    List<String> types(String id) {
        return ledger.history(id).stream().map(LedgerEvent::type).toList();
    }

    /** All events, stripe by stripe. */
    List<LedgerEvent> events() {
        return events(ledger);
    }

    List<LedgerEvent> events(Ledger of) {
        List<LedgerEvent> all = new ArrayList<>();
        int stripes = of.options().stripes();
        for (int stripe = 0; stripe < stripes; stripe++) {
            long seq = 0;
            for (List<LedgerEvent> page = of.events(stripe, seq, 1000);
                    !page.isEmpty();
                    page = of.events(stripe, seq, 1000)) {
                all.addAll(page);
                seq = page.get(page.size() - 1).seq();
            }
        }
        return all;
    }

    static String code(Throwable e) {
        return ((HartException) e).code();
    }

    /** The command is refused with that code, and nothing has changed. */
    void assertRefused(String code, ThrowingCallable command) {
        List<Task> tasks = ledger.tasks();
        int events = events().size();
        assertThatThrownBy(command)
                .isInstanceOf(HartException.class)
                .extracting(LedgerContract::code)
                .isEqualTo(code);
        assertThat(ledger.tasks()).isEqualTo(tasks);
        assertThat(events()).hasSize(events);
    }

    void assertRefused(String code, Function<LedgerTransaction, Task> command) {
        assertRefused(code, (ThrowingCallable) () -> run(command));
    }

    /** Changes tables behind the ledger's back. */
    void tamper(String sql, Object... values) {
        store.write(tx -> {
            var statement = tx.prepare(sql);
            for (int i = 0; i < values.length; i++) {
                if (values[i] instanceof byte[] bytes) {
                    statement.setBytes(i + 1, bytes);
                } else if (values[i] instanceof Boolean flag) {
                    statement.setBoolean(i + 1, flag);
                } else if (values[i] instanceof Number number) {
                    statement.setLong(i + 1, number.longValue());
                } else {
                    statement.setString(i + 1, (String) values[i]);
                }
            }
            return statement.executeUpdate();
        });
    }

    /** Every task under its id. */
    Map<String, Task> byId() {
        Map<String, Task> tasks = new LinkedHashMap<>();
        ledger.tasks().forEach(task -> tasks.put(task.taskId(), task));
        return tasks;
    }
}
