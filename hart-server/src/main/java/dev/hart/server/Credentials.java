package dev.hart.server;

import dev.hart.error.InvalidConfigurationException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The server's own key, the keys of agents that may act as themselves, and the tokens that were given for the first. */
final class Credentials {
    private final @Nullable Credential owner;
    private final Map<String, Credential> agents;
    private final AccessTokens tokens;

    Credentials(@Nullable Credential owner, Map<String, Credential> agents, AccessTokens tokens) {
        if (owner == null && !agents.isEmpty()) {
            throw new InvalidConfigurationException(
                    "agents have keys but the server has none, so anyone may act as any agent: set an API key too");
        }
        this.owner = owner;
        this.agents = new LinkedHashMap<>(agents);
        this.tokens = tokens;
    }

    /** Whether callers need a key or token. */
    boolean areNeeded() {
        return owner != null;
    }

    /** Whom these headers show; null when what they show is wrong. Every key is compared, whichever fits. */
    @Nullable
    Caller caller(@Nullable String authorization, @Nullable String apiKey, String address) {
        if (owner == null) {
            return new Caller(address, true, null);
        }
        String presented = Credential.presented(authorization, apiKey);
        if (presented == null) {
            return new Caller(address, false, null);
        }
        Caller found = owner.isHeldBy(authorization, apiKey) ? new Caller("key", true, null) : null;
        for (Map.Entry<String, Credential> agent : agents.entrySet()) {
            if (agent.getValue().isHeldBy(authorization, apiKey) && found == null) {
                found = new Caller("agent " + agent.getKey(), false, agent.getKey());
            }
        }
        return found == null ? tokens.caller(presented) : found;
    }
}
