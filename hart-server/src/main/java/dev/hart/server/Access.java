package dev.hart.server;

/** Who may call a route. Every route has one; there is no default. */
public enum Access {
    /** Anyone who reaches the server. Changes nothing and costs nothing. */
    PUBLIC,
    /** Whoever shows a refresh token in the body, which the route itself looks at. */
    REFRESH_TOKEN,
    /** Whoever brings a signed order in the body, which the route itself looks at: such orders run from node to node. */
    SIGNED_ORDER,
    /** An agent with a key of its own, acting as itself; also whoever may call a {@link #USER} route. */
    AGENT,
    /** Whoever holds the server's key; anyone when it has none, which only a loopback server may. */
    USER
}
