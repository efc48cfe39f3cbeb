package dev.hart.server;

import org.jspecify.annotations.Nullable;

/**
 * Who calls.
 *
 * @param name whom limits are counted for
 * @param isOwner whether it may call every route
 * @param agent the agent whose key or token it holds; null for the owner, and for nobody in particular
 * @param actor as whom it acts in ledgers: {@code local} for whoever holds the server's key and names nobody
 */
record Caller(String name, boolean isOwner, @Nullable String agent, String actor) {

    private static final String LOCAL = "local";

    Caller(String name, boolean isOwner, @Nullable String agent) {
        this(name, isOwner, agent, agent == null ? LOCAL : agent);
    }

    boolean mayCall(Access access) {
        return switch (access) {
            case PUBLIC, REFRESH_TOKEN, SIGNED_ORDER -> true;
            case AGENT -> isOwner || agent != null;
            case USER -> isOwner;
        };
    }
}
