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

    boolean mayCall(Access access) {
        return switch (access) {
            case PUBLIC -> true;
            case AGENT -> isOwner || agent != null;
            case USER -> isOwner;
        };
    }
}
