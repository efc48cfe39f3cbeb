package dev.hart.server;

import org.jspecify.annotations.Nullable;

/**
 * Who calls.
 *
 * @param name whom limits are counted for
 * @param isOwner whether it may call every route
 * @param agent the agent whose key it holds; null for the owner, and for nobody in particular
 */
record Caller(String name, boolean isOwner, @Nullable String agent) {

    private static final String LOCAL = "local";

    /** As whom it acts in ledgers: {@code local} for whoever holds the server's key and names nobody. */
    String actor() {
        return agent == null ? LOCAL : agent;
    }

    boolean mayCall(Access access) {
        return switch (access) {
            case PUBLIC -> true;
            case AGENT -> isOwner || agent != null;
            case USER -> isOwner;
        };
    }
}
