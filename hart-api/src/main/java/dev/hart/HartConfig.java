package dev.hart;

import dev.hart.guard.Guardrail;
import dev.hart.model.LanguageModel;
import dev.hart.spi.CallInterceptor;
import dev.hart.spi.HaltSwitch;
import dev.hart.spi.RuntimePart;
import dev.hart.spi.Signer;
import dev.hart.spi.StepScheduler;
import dev.hart.spi.TaskKeeper;
import dev.hart.spi.VisualContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link HartBuilder} was told, as an immutable snapshot for the {@link dev.hart.spi.HartProvider}.
 *
 * @param dataDirectory where everything durable is kept that is not in {@code database}; null keeps it in memory
 * @param database the JDBC URL of a PostgreSQL database for recipes and the ledger, which may hold a password; null keeps
 *     them in the data directory
 * @param workspace the only folder that built-in tools may touch
 * @param allowedHosts hosts ({@code host} or {@code host:port}, lower case) that the built-in HTTP tool may call
 * @param modelFromEnvironment whether {@code HART_MODEL} is looked at when {@code model} is null
 * @param runTimeout longest time that a run is worked on
 * @param repairs whether an action of a stored recipe that has failed for good is planned anew
 * @param signer null for the node's own key
 * @param haltSwitch says whether the node stands still
 * @param interceptors of calls to models and tools, the outermost first
 * @param scheduler null to perform steps as soon as they can be
 * @param visualContext null when nothing watches a camera or a screen
 * @param judges of results, by name
 * @param parts in place of those of the same type that are found
 * @param taskKeeper keeps what the runtime does again and again going
 */
public record HartConfig(
        @Nullable Path dataDirectory,
        @Nullable String database,
        Path workspace,
        Set<String> allowedHosts,
        boolean builtInTools,
        @Nullable LanguageModel model,
        boolean modelFromEnvironment,
        List<Guardrail> guardrails,
        @Nullable Verifier verifier,
        List<Consumer<RunEvent>> listeners,
        HartClock clock,
        int parallelism,
        Duration runTimeout,
        boolean repairs,
        @Nullable Signer signer,
        HaltSwitch haltSwitch,
        List<CallInterceptor> interceptors,
        @Nullable StepScheduler scheduler,
        @Nullable VisualContext visualContext,
        Map<String, ResultJudge> judges,
        List<RuntimePart<?>> parts,
        TaskKeeper taskKeeper) {
    public HartConfig {
        allowedHosts = Set.copyOf(allowedHosts);
        guardrails = List.copyOf(guardrails);
        listeners = List.copyOf(listeners);
        interceptors = List.copyOf(interceptors);
        judges = Map.copyOf(judges);
        parts = List.copyOf(parts);
    }

    /** The places only: a database's URL may hold a password, so its parameters are left out. */
    @Override
    public String toString() {
        return "HartConfig[dataDirectory=%s, database=%s, workspace=%s]"
                .formatted(dataDirectory, database == null ? null : database.replaceFirst("\\?.*", ""), workspace);
    }
}
