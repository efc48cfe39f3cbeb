package dev.hart.server;

import dev.hart.security.access.Tokens;
import dev.hart.security.access.Tokens.Check;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the server's access tokens are good for. Thread-safe. */
final class AccessTokens {
    /** For whom the tokens of a server are. */
    static final String AUDIENCE = "hart-server";
    /** What a token allows: everything, as a named user. */
    static final String USER = "user";
    /** What a token allows: to take part in distributed work, as itself. */
    static final String AGENT = "agent";

    private static final Logger LOG = LoggerFactory.getLogger(AccessTokens.class);
    private static final String JWT = "eyJ";

    private final Supplier<Tokens> tokens;

    AccessTokens(Supplier<Tokens> tokens) {
        this.tokens = tokens;
    }

    /** Whom a token shows; null when it is no token, or not a good one. */
    @Nullable
    Caller caller(String presented) {
        if (!presented.startsWith(JWT)) {
            return null;
        }
        Check check = tokens.get().check(presented, AUDIENCE);
        if (check instanceof Check.Invalid invalid) {
            LOG.debug("an access token was refused: {}", invalid.reason());
            return null;
        }
        Check.Valid valid = (Check.Valid) check;
        return switch (valid.scope()) {
            case USER -> new Caller("user " + valid.subject(), true, null, valid.subject());
            case AGENT -> new Caller("agent " + valid.subject(), false, valid.subject());
            default -> null;
        };
    }
}
