package dev.hart.server;

import dev.hart.error.InvalidConfigurationException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The server's own key, and the keys of agents that may act as themselves. */
final class Credentials {
    private final @Nullable Credential owner;
    private final Map<String, Credential> agents;

    Credentials(@Nullable Credential owner, Map<String, Credential> agents) {
        if (owner == null && !agents.isEmpty()) {
            throw new InvalidConfigurationException(
                    "agents have keys but the server has none, so anyone may act as any agent: set an API key too");
        }
        this.owner = owner;
        this.agents = new LinkedHashMap<>(agents);
    }

    /** Whom these headers show; null when what they show is wrong. Every key is compared, whichever fits. */
    @Nullable
    Caller caller(@Nullable String authorization, @Nullable String apiKey, String address) {
        if (owner == null) {
            return new Caller(address, true, null);
        }
        if (Credential.presented(authorization, apiKey) == null) {
            return new Caller(address, false, null);
        }
        Caller found = owner.isHeldBy(authorization, apiKey) ? new Caller("key", true, null) : null;
        for (Map.Entry<String, Credential> agent : agents.entrySet()) {
            if (agent.getValue().isHeldBy(authorization, apiKey) && found == null) {
                found = new Caller("agent " + agent.getKey(), false, agent.getKey());
            }
        }
        return found;
    }
}
