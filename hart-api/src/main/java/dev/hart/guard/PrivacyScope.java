package dev.hart.guard;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How far data may go, from the narrowest to the widest. */
public enum PrivacyScope {
    EDGE_ONLY,
    USER_DEVICES,
    TRUSTED_PEER,
    FEDERATED,
    PUBLIC;

    /** Whether data of this scope may go to a place of another one. */
    public boolean mayGoTo(PrivacyScope destination) {
        return destination.compareTo(this) <= 0;
    }

    /** By its name in any case, such as {@code trusted_peer}; what is missing or unknown may go nowhere. */
    public static PrivacyScope of(@Nullable String name) {
        for (PrivacyScope scope : values()) {
            if (name != null && scope.name().equals(name.strip().toUpperCase(Locale.ROOT))) {
                return scope;
            }
        }
        return EDGE_ONLY;
    }
}
