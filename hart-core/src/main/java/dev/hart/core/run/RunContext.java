package dev.hart.core.run;

import dev.hart.HartClock;
import dev.hart.RunEvent;
import dev.hart.Verifier;
import dev.hart.core.Lazy;
import dev.hart.core.json.SchemaCheck;
import dev.hart.core.model.ModelCaller;
import dev.hart.core.recipe.RecipeStore;
import dev.hart.core.tool.ToolRegistry;
import dev.hart.ledger.Ledgers;
import dev.hart.security.Guardrails;
import dev.hart.security.audit.AuditLog;
import dev.hart.spi.HaltSwitch;
import dev.hart.spi.Signer;
import dev.hart.spi.StepScheduler;
import dev.hart.store.Store;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the runs of one runtime share.
 *
 * @param model null when none is configured
 * @param verifier the user's own; null for the default
 * @param workers run steps
 * @param inside drive runs inside other runs, each on a thread of its own
 * @param timer ends steps that take too long
 * @param presence of this process
 * @param runTimeout longest time that a run is worked on
 * @param repairs whether an action of a stored recipe that has failed for good is planned anew
 * @param signer gives the key that evidence and checkpoints are signed with, made when first asked for
 * @param halt says whether the node stands still
 * @param scheduler null to perform steps as soon as they can be
 * @param audit opened when there is first something to note
 * @param allowedHosts those that may be called wherever they are
 */
public record RunContext(
        Store store,
        Ledgers ledgers,
        ToolRegistry tools,
        Supplier<Guardrails> lazyGate,
        Supplier<SchemaCheck> lazySchemas,
        RecipeStore recipes,
        @Nullable ModelCaller model,
        @Nullable Verifier verifier,
        HartClock clock,
        Executor workers,
        Executor inside,
        ScheduledExecutorService timer,
        List<Consumer<RunEvent>> listeners,
        RunSignals signals,
        ProcessPresence presence,
        int parallelism,
        Duration runTimeout,
        boolean repairs,
        Lazy<Signer> signer,
        HaltSwitch halt,
        @Nullable StepScheduler scheduler,
        Lazy<AuditLog> audit,
        Set<String> allowedHosts) {

    Guardrails gate() {
        return lazyGate.get();
    }

    SchemaCheck schemas() {
        return lazySchemas.get();
    }

    /** Has the key made while the run goes on, so that its end need not wait for it. */
    void prepareToSign() {
        signer.prepare(workers);
    }

    String processId() {
        return presence.id();
    }
}
